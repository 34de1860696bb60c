"""Routes that show and change the second factors of the signed-in account, and step-up with them."""

from __future__ import annotations

from uuid import UUID

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.router import StepUpOut
from backend.auth.step_up import SteppedUp, StepUpRequired, step_up
from backend.db import Db
from backend.errors import ServiceUnavailable, errors
from backend.factors import passkeys, service, totp
from backend.factors.errors import (
    CodesThrottled,
    CodeWrong,
    EnrolmentMissing,
    FactorNotFound,
    NoSecondFactor,
    PasskeyExists,
    PasskeyRefused,
    ProofWrong,
    TooManyPasskeys,
    TotpExists,
)
from backend.factors.proof import prove
from backend.factors.relying_party import relying_party
from backend.factors.schemas import (
    FactorsOut,
    OptionsOut,
    PasskeyIn,
    PasskeyMadeOut,
    ProofIn,
    RecoveryCodesOut,
    TotpCodeIn,
    TotpSecretOut,
)
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["factors"])
CHANGE = (NotSignedIn, ForeignOrigin, StepUpRequired)


@router.get("/factors", summary="My second factors", responses=errors(NotSignedIn))
async def read_factors(user: CurrentUser, db: Db) -> FactorsOut:
    """What is set up; no secret is shown again."""
    return await service.overview(db, user.id)


@router.post(
    "/factors/totp",
    summary="Begin to set up an authenticator app",
    responses=errors(*CHANGE, TotpExists, ServiceUnavailable),
)
async def enrol_totp(user: SteppedUp, services: ServicesDep, db: Db) -> TotpSecretOut:
    """Answers the secret for the app. The factor is on once a code confirms it, within ten minutes."""
    secret = await totp.enrol(db, services.kms, user.id)
    return TotpSecretOut(secret=secret, otpauth_uri=totp.otpauth_uri(secret, user.email))


@router.post(
    "/factors/totp/confirm",
    summary="Confirm the authenticator app",
    responses=errors(*CHANGE, CodeWrong, EnrolmentMissing, TotpExists, ServiceUnavailable),
)
async def confirm_totp(body: TotpCodeIn, user: SteppedUp, services: ServicesDep, db: Db) -> RecoveryCodesOut:
    """Turns the factor on. Where it is the first one, answers recovery codes: keep them."""
    return RecoveryCodesOut(recovery_codes=await service.confirm_totp(db, services.kms, user.id, body.code))


@router.delete(
    "/factors/totp",
    status_code=204,
    summary="Remove the authenticator app",
    responses=errors(*CHANGE, FactorNotFound),
)
async def remove_totp(user: SteppedUp, db: Db) -> None:
    """Its codes no longer count. Recovery codes end with the last factor."""
    await service.remove_totp(db, user.id)


@router.post(
    "/factors/passkeys/options",
    summary="Begin to add a passkey",
    responses=errors(*CHANGE),
)
async def passkey_options(user: SteppedUp, services: ServicesDep, db: Db) -> OptionsOut:
    """What `navigator.credentials.create` is to be given, within five minutes."""
    site = relying_party(services.settings)
    return OptionsOut(public_key=await passkeys.registration_options(db, site, user.id, user.email))


@router.post(
    "/factors/passkeys",
    status_code=201,
    summary="Add a passkey",
    responses=errors(*CHANGE, PasskeyRefused, PasskeyExists, TooManyPasskeys),
)
async def add_passkey(body: PasskeyIn, user: SteppedUp, services: ServicesDep, db: Db) -> PasskeyMadeOut:
    """It signs in without the password. Where it is the first factor, answers recovery codes: keep them."""
    site = relying_party(services.settings)
    passkey, codes = await service.add_passkey(db, site, user.id, body.name, body.credential)
    return PasskeyMadeOut(passkey=service.shown(passkey), recovery_codes=codes)


@router.delete(
    "/factors/passkeys/{passkey_id:uuid}",
    status_code=204,
    summary="Remove a passkey",
    responses=errors(*CHANGE, FactorNotFound),
)
async def remove_passkey(passkey_id: UUID, user: SteppedUp, db: Db) -> None:
    """It no longer signs in. Recovery codes end with the last factor."""
    await service.remove_passkey(db, user.id, passkey_id)


@router.post(
    "/factors/recovery-codes",
    summary="Make new recovery codes",
    responses=errors(*CHANGE, NoSecondFactor),
)
async def make_recovery_codes(user: SteppedUp, db: Db) -> RecoveryCodesOut:
    """Ten codes, shown this once; the old ones end."""
    return RecoveryCodesOut(recovery_codes=await service.new_recovery_codes(db, user.id))


@router.post(
    "/step-up/passkey-options",
    summary="Begin to prove myself by passkey",
    responses=errors(NotSignedIn, ForeignOrigin),
)
async def step_up_options(user: CurrentUser, services: ServicesDep, db: Db) -> OptionsOut:
    """What `navigator.credentials.get` is to be given, within five minutes."""
    site = relying_party(services.settings)
    return OptionsOut(public_key=await passkeys.request_options(db, site, user.id))


@router.post(
    "/step-up/second-factor",
    summary="Prove again, by second factor, that it is you",
    responses=errors(NotSignedIn, ForeignOrigin, ProofWrong, CodesThrottled, ServiceUnavailable),
)
async def step_up_by_factor(body: ProofIn, user: CurrentUser, services: ServicesDep, db: Db) -> StepUpOut:
    """For five minutes this session may withdraw and change how the account is reached."""
    way = await prove(db, services, user.id, body.proof)
    return StepUpOut(valid_until=await step_up(db, user.session_id, way))
