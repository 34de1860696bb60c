"""One-time codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 s).

A code counts one time step before and after its own, for clocks that differ. Each step is usable once: the row
remembers the newest used one, under its lock, so two uses at once have one winner. Wrong codes are counted in the
row too, for all processes; past the limit this way rests, and passkeys and recovery codes go on working.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import ServiceUnavailable
from backend.factors.errors import (
    CodesThrottled,
    CodeWrong,
    EnrolmentMissing,
    FactorNotFound,
    ProofWrong,
    TotpExists,
)
from backend.factors.tables import Totp
from backend.factors.ways import second_factors
from backend.wallets.kms import Kms, KmsError

ISSUER = "Tombola"
DRIFT = 1
MOST_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
ENROLMENT = timedelta(minutes=10)


def now() -> datetime:
    """The time that codes are judged by."""
    return datetime.now(UTC)


async def enrol(db: AsyncSession, kms: Kms, user_id: UUID) -> str:
    """Begin to set up an app; returns its secret (base32). An earlier beginning is forgotten.

    Raises TotpExists.
    """
    if await _confirmed(db, user_id) is not None:
        raise TotpExists("An authenticator app is set up already. Remove it before you set up another.")
    await db.execute(delete(Totp).where(Totp.user_id == user_id, Totp.confirmed_at.is_(None)))
    secret = pyotp.random_base32()
    factor = uuid4()
    sealed = await _sealed(kms, user_id, factor, secret)
    db.add(Totp(id=factor, user_id=user_id, sealed=sealed, created_at=now()))
    await db.flush()
    return secret


async def confirm(db: AsyncSession, kms: Kms, user_id: UUID, code: str) -> None:
    """Turn the factor on: the app shows the right code. Raises EnrolmentMissing, CodeWrong, TotpExists."""
    if await _confirmed(db, user_id) is not None:
        raise TotpExists("An authenticator app is set up already.")
    pending = await db.scalar(
        select(Totp)
        .where(Totp.user_id == user_id, Totp.confirmed_at.is_(None), Totp.created_at > now() - ENROLMENT)
        .with_for_update()
    )
    if pending is None:
        raise EnrolmentMissing("No authenticator app is being set up, or it took too long. Begin again.")
    step = _step_of(await _secret(kms, pending), code, pending.last_step)
    if step is None:
        raise CodeWrong("The code is not the one the app shows now. Check the clock of its device.")
    pending.last_step = step
    pending.confirmed_at = now()
    await db.flush()


async def use(db: AsyncSession, kms: Kms, user_id: UUID, code: str) -> None:
    """Use up a code. Raises ProofWrong (also for a code used before), CodesThrottled."""
    totp = await _confirmed(db, user_id)
    if totp is None:
        raise ProofWrong("This account has no authenticator app set up.")
    recent = [at for at in totp.failed_at if at > now() - FAILURE_WINDOW]
    if len(recent) >= MOST_FAILURES:
        seconds = max(1, round((recent[0] + FAILURE_WINDOW - now()).total_seconds()))
        ways = await second_factors(db, user_id)
        raise CodesThrottled(seconds, [way for way in ways if way != "totp"])
    step = _step_of(await _secret(kms, totp), code, totp.last_step)
    if step is None:
        totp.failed_at = [*recent, now()]
        await db.flush()
        raise ProofWrong("The code is wrong or was used before. Wait for the app to show the next one.")
    totp.last_step = step
    await db.flush()


async def remove(db: AsyncSession, user_id: UUID) -> None:
    """Forget the app, set up or half set up; raises FactorNotFound."""
    gone = await db.scalars(delete(Totp).where(Totp.user_id == user_id).returning(Totp.id))
    if not gone.all():
        raise FactorNotFound("No authenticator app is set up.")


def otpauth_uri(secret: str, email: str) -> str:
    """What authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


async def _confirmed(db: AsyncSession, user_id: UUID) -> Totp | None:
    """The factor, locked: codes of one user are judged one after the other."""
    found: Totp | None = await db.scalar(
        select(Totp).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None)).with_for_update()
    )
    return found


def _step_of(secret: str, code: str, last_step: int | None) -> int | None:
    """The time step this code is of, if it is near now and newer than the last one used."""
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now())
    for step in range(current - DRIFT, current + DRIFT + 1):
        if pyotp.utils.strings_equal(code, totp.generate_otp(step)) and step > (last_step or 0):
            return step
    return None


def secret_context(user_id: UUID, factor: UUID) -> dict[str, str]:
    """What a sealed secret is bound to."""
    return {"kind": "totp", "owner": str(user_id), "factor": str(factor)}


async def _sealed(kms: Kms, user_id: UUID, factor: UUID, secret: str) -> bytes:
    try:
        return await kms.seal(secret.encode(), secret_context(user_id, factor))
    except KmsError:
        raise ServiceUnavailable("The key service does not answer. Try again in a moment.") from None


async def _secret(kms: Kms, totp: Totp) -> str:
    try:
        return (await kms.open(totp.sealed, secret_context(totp.user_id, totp.id))).decode()
    except KmsError:
        raise ServiceUnavailable(
            "The key service cannot open the authenticator's secret. Use another way, or try again."
        ) from None
