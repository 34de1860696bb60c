"""To whom a user may pay: listed addresses only, where they chose so; and no address that is new.

An address is new for a while after somebody with the user's session named it first, by using it or by listing
it. So a thief has to wait, and the owner, who is told, has time to act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError
from backend.hexes import address_bytes, checksum
from backend.notices.security import tell_owner
from backend.policies.tables import PolicyAddress


class RecipientNotListed(AppError):
    """Your wallet pays listed addresses only, and this is none; add it to the list first"""

    status = 403


class RecipientIsNew(AppError):
    """The address is new to your account and may receive only from `available_at` on"""

    status = 409
    keep_changes = True  # that the address was named is what starts the waiting time


_CLOCK_AND_MODE = text("""
    SELECT clock_timestamp() AS now, coalesce((
        SELECT allow_list_only FROM app.policy_mode WHERE user_id = :user AND valid_from <= clock_timestamp()
        ORDER BY valid_from DESC LIMIT 1), false) AS listed_only
""")


async def require_recipients(
    db: AsyncSession, user_id: UUID, own: bytes, recipients: Sequence[str], cooling_off: timedelta
) -> None:
    """Raise RecipientNotListed or RecipientIsNew. The user's own wallet is nobody new."""
    addresses = sorted({address_bytes(one) for one in recipients} - {own})
    if not addresses:
        return
    now, listed_only = (await db.execute(_CLOCK_AND_MODE, {"user": user_id})).one()
    if listed_only:
        known = await _known(db, user_id, addresses)
        for address in addresses:
            row = known.get(address)
            if row is None or row.listed_from is None:
                raise RecipientNotListed(
                    f"Your wallet pays listed addresses only, and {checksum(address)} is not listed. Add it first.",
                    address=checksum(address),
                )
            _require_past(address, row.listed_from, now)
    elif cooling_off > timedelta(0):
        started = await remember(db, user_id, addresses, now, cooling_off)
        if started:
            await _tell_owner(db, user_id, started, now + cooling_off)
        for address, row in (await _known(db, user_id, addresses)).items():
            _require_past(address, row.usable_from, now)


async def allow_list_only(db: AsyncSession, user_id: UUID) -> bool:
    """Whether the user's wallet pays listed addresses only."""
    return bool((await db.execute(_CLOCK_AND_MODE, {"user": user_id})).one().listed_only)


async def remember(
    db: AsyncSession, user_id: UUID, addresses: Sequence[bytes], now: datetime, cooling_off: timedelta
) -> list[bytes]:
    """Start the waiting time of addresses that were never named before; returns those."""
    rows = [
        {"user_id": user_id, "address": one, "first_seen_at": now, "usable_from": now + cooling_off}
        for one in addresses
    ]
    started = await db.scalars(
        insert(PolicyAddress).values(rows).on_conflict_do_nothing().returning(PolicyAddress.address)
    )
    return list(started)


async def _tell_owner(
    db: AsyncSession, user_id: UUID, addresses: Sequence[bytes], usable_from: datetime
) -> None:
    """By mail, one for all: the owner may not be who named them."""
    said = {"address": checksum(addresses[0]), "usable_from": usable_from.isoformat(timespec="seconds")}
    if len(addresses) == 1:
        await tell_owner(db, user_id, "policy.new_recipient", **said)
    else:
        await tell_owner(db, user_id, "policy.new_recipients", count=str(len(addresses)), **said)


async def _known(db: AsyncSession, user_id: UUID, addresses: Sequence[bytes]) -> dict[bytes, PolicyAddress]:
    rows = await db.scalars(
        select(PolicyAddress).where(PolicyAddress.user_id == user_id, PolicyAddress.address.in_(addresses))
    )
    return {row.address: row for row in rows}


def _require_past(address: bytes, start: datetime, now: datetime) -> None:
    if start > now:
        raise RecipientIsNew(
            f"{checksum(address)} is new to your account: it may receive from {start:%Y-%m-%d %H:%M:%S} UTC on. "
            "If you did not name it, change your password and remove it.",
            address=checksum(address),
            available_at=start.isoformat(),
        )
