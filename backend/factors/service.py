"""Changing the second factors of an account; each change is told to the owner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.factors import passkeys, recovery, totp
from backend.factors.notices import tell
from backend.factors.relying_party import RelyingParty
from backend.factors.schemas import FactorsOut, NewCredential, PasskeyOut
from backend.factors.tables import Passkey, SignInTicket, Totp
from backend.factors.ways import second_factors
from backend.wallets.kms import Kms


async def overview(db: AsyncSession, user_id: UUID) -> FactorsOut:
    """What is set up."""
    since: datetime | None = await db.scalar(
        select(Totp.confirmed_at).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    )
    return FactorsOut(
        ways=list(await second_factors(db, user_id)),
        totp_since=since,
        passkeys=[shown(passkey) for passkey in await passkeys.passkeys_of(db, user_id)],
        recovery_codes_left=await recovery.left(db, user_id),
    )


async def confirm_totp(db: AsyncSession, kms: Kms, user_id: UUID, code: str) -> list[str] | None:
    """Turn the authenticator app on; returns recovery codes where it is the first factor."""
    await totp.confirm(db, kms, user_id, code)
    await tell(db, user_id, "factor.totp_added")
    return await recovery.give_first(db, user_id)


async def remove_totp(db: AsyncSession, user_id: UUID) -> None:
    """Forget the authenticator app."""
    await totp.remove(db, user_id)
    await tell(db, user_id, "factor.totp_removed")
    await _forget_rest(db, user_id)


async def add_passkey(
    db: AsyncSession, site: RelyingParty, user_id: UUID, name: str, credential: NewCredential
) -> tuple[Passkey, list[str] | None]:
    """A new passkey, and recovery codes where it is the first factor."""
    passkey = await passkeys.register(db, site, user_id, name, credential)
    await tell(db, user_id, "factor.passkey_added", name=name)
    return passkey, await recovery.give_first(db, user_id)


async def remove_passkey(db: AsyncSession, user_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey."""
    name = await passkeys.remove(db, user_id, passkey_id)
    await tell(db, user_id, "factor.passkey_removed", name=name)
    await _forget_rest(db, user_id)


async def new_recovery_codes(db: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new codes; the old ones end."""
    codes = await recovery.replace(db, user_id)
    await tell(db, user_id, "factor.recovery_codes_made")
    return codes


def shown(passkey: Passkey) -> PasskeyOut:
    """A passkey as its owner sees it."""
    return PasskeyOut(
        id=passkey.id,
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
    )


async def _forget_rest(db: AsyncSession, user_id: UUID) -> None:
    """Without a factor there is nothing to recover, and no sign-in to complete."""
    if not await second_factors(db, user_id):
        await recovery.clear(db, user_id)
        await db.execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))
