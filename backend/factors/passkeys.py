"""Passkeys (WebAuthn Level 3): discoverable credentials that verify their user. The webauthn library judges them.

A challenge is worth one answer, for one purpose and one user, for five minutes; a refused answer uses it up too.
A signature counter that does not grow means that the key was copied: the answer is refused.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.factors.errors import (
    FactorNotFound,
    PasskeyExists,
    PasskeyRefused,
    ProofWrong,
    TooManyPasskeys,
)
from backend.factors.relying_party import NAME, RelyingParty
from backend.factors.schemas import AssertedCredential, NewCredential
from backend.factors.tables import Passkey, PasskeyChallenge
from backend.users.tables import User

Purpose = Literal["register", "prove", "sign_in"]
CHALLENGE_LIFETIME = timedelta(minutes=5)
MOST_PASSKEYS = 20
_MILLISECONDS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}
log = structlog.get_logger(__name__)


async def registration_options(
    db: AsyncSession, site: RelyingParty, user_id: UUID, email: str
) -> dict[str, Any]:
    """What `navigator.credentials.create` is to be given; names the passkeys the user has, to exclude them."""
    options = generate_registration_options(
        rp_id=site.id,
        rp_name=NAME,
        user_id=user_id.bytes,
        user_name=email,
        challenge=await _challenge(db, "register", user_id),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=await _descriptors(db, user_id),
    )
    return options_to_json_dict(options)


async def register(
    db: AsyncSession, site: RelyingParty, user_id: UUID, name: str, credential: NewCredential
) -> Passkey:
    """Store a new passkey. Raises PasskeyRefused, PasskeyExists, TooManyPasskeys."""
    given = credential.model_dump(by_alias=True)
    challenge = await _take(db, "register", user_id, credential.response.client_data_json)
    try:
        verified = verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (
        Exception
    ) as error:  # parsers of many forms read these bytes; whatever they raise, the bytes are at fault
        raise _refused(error) from None
    # Locked, so that registrations at once do not pass the limit together.
    await db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    count = await db.scalar(select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)) or 0
    if count >= MOST_PASSKEYS:
        raise TooManyPasskeys(
            f"The account has {count} passkeys, the most it may have. Remove one first.", most=count
        )
    passkey: Passkey | None = await db.scalar(
        insert(Passkey)
        .values(
            user_id=user_id,
            name=name,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=[one for one in credential.response.transports if one in _TRANSPORTS],
        )
        .on_conflict_do_nothing()
        .returning(Passkey)
    )
    if passkey is None:
        raise PasskeyExists("This passkey is registered already.")
    return passkey


async def request_options(db: AsyncSession, site: RelyingParty, user_id: UUID | None) -> dict[str, Any]:
    """What `navigator.credentials.get` is to be given: for a known user, or (None) for whoever has a passkey."""
    options = generate_authentication_options(
        rp_id=site.id,
        challenge=await _challenge(db, "sign_in" if user_id is None else "prove", user_id),
        timeout=_MILLISECONDS,
        allow_credentials=[] if user_id is None else await _descriptors(db, user_id),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


async def use(
    db: AsyncSession, site: RelyingParty, user_id: UUID | None, credential: AssertedCredential
) -> UUID:
    """Accept an authenticator's answer; returns whose passkey it is. `user_id` None: nobody is known yet.

    Raises ProofWrong.
    """
    purpose: Purpose = "sign_in" if user_id is None else "prove"
    challenge = await _take(db, purpose, user_id, credential.response.client_data_json)
    passkey = await db.scalar(
        select(Passkey).where(Passkey.credential_id == _bytes(credential.raw_id)).with_for_update()
    )
    if passkey is None or (user_id is not None and passkey.user_id != user_id):
        raise ProofWrong("This passkey is not registered here, or was removed.")
    handle = credential.response.user_handle
    if (user_id is None or handle is not None) and _bytes(handle or "") != passkey.user_id.bytes:
        raise ProofWrong("The passkey names another account than the one it is registered for.")
    try:
        verified = verify_authentication_response(
            credential=credential.model_dump(by_alias=True),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # compared below, with its own sentence
            require_user_verification=True,
        )
    except Exception as error:  # see register
        raise _wrong(error) from None
    count = verified.new_sign_count
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        log.warning(
            "passkey_counter_went_back", passkey=str(passkey.id), stored=passkey.sign_count, got=count
        )
        raise ProofWrong(
            f"The passkey's counter says {count} after {passkey.sign_count}: there may be a copy of it. "
            "Use another way, and remove this passkey."
        )
    passkey.sign_count = count
    passkey.last_used_at = datetime.now(UTC)
    await db.flush()
    return passkey.user_id


async def remove(db: AsyncSession, user_id: UUID, passkey_id: UUID) -> str:
    """Forget a passkey; returns its name. Raises FactorNotFound."""
    name: str | None = await db.scalar(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id).returning(Passkey.name)
    )
    if name is None:
        raise FactorNotFound(f"You have no passkey {passkey_id}.")
    return name


async def passkeys_of(db: AsyncSession, user_id: UUID) -> list[Passkey]:
    """Oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)
    return list(await db.scalars(query))


async def _challenge(db: AsyncSession, purpose: Purpose, user_id: UUID | None) -> bytes:
    now = datetime.now(UTC)
    # Sweeps what nobody answered; rows that another request sweeps right now are left to it.
    expired = (
        select(PasskeyChallenge.challenge)
        .where(PasskeyChallenge.expires_at <= now)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await db.execute(delete(PasskeyChallenge).where(PasskeyChallenge.challenge.in_(expired)))
    challenge = secrets.token_bytes(32)
    db.add(
        PasskeyChallenge(
            challenge=challenge, purpose=purpose, user_id=user_id, expires_at=now + CHALLENGE_LIFETIME
        )
    )
    await db.flush()
    return challenge


async def _take(db: AsyncSession, purpose: Purpose, user_id: UUID | None, client_data: str) -> bytes:
    """Use up the challenge that was answered; raises PasskeyRefused or ProofWrong where it is not ours now."""
    try:
        answered = parse_client_data_json(base64url_to_bytes(client_data)).challenge
    except Exception as error:  # see register
        raise (_refused if purpose == "register" else _wrong)(error) from None
    taken: bytes | None = await db.scalar(
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.challenge == answered,
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.user_id.is_not_distinct_from(user_id),
            PasskeyChallenge.expires_at > datetime.now(UTC),
        )
        .returning(PasskeyChallenge.challenge)
    )
    if taken is None:
        sentence = "The challenge was answered before, is too old, or was not asked here. Begin again."
        raise PasskeyRefused(sentence) if purpose == "register" else ProofWrong(sentence)
    return taken


async def _descriptors(db: AsyncSession, user_id: UUID) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(one) for one in passkey.transports] or None,
        )
        for passkey in await passkeys_of(db, user_id)
    ]


def _bytes(text: str) -> bytes:
    """Of base64url; bytes that no credential has where it is none."""
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""


def _refused(error: Exception) -> PasskeyRefused:
    return PasskeyRefused(f"The authenticator's answer is refused: {_reason(error)}. Begin again.")


def _wrong(error: Exception) -> ProofWrong:
    return ProofWrong(f"The passkey's answer is refused: {_reason(error)}. Begin again.")


def _reason(error: Exception) -> str:
    """The library's own sentence, cut; it quotes the origin that the browser named."""
    return (str(error).strip().rstrip(".") or type(error).__name__)[:200]
