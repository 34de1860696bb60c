"""What owners set for themselves. More safety counts at once, less only after the waiting time.

So whoever takes over a session cannot undo it quickly; a change that waits can be withdrawn by asking for the old
state again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import changed, record
from backend.auth.current_user import SignedIn
from backend.errors import AppError, NotFound
from backend.hexes import address_bytes, checksum
from backend.notices.security import tell_owner
from backend.policies.clock import database_time
from backend.policies.limits import Limit, limits_of
from backend.policies.recipients import allow_list_only, remember
from backend.policies.schemas import LimitIn, PolicyIn
from backend.policies.tables import PolicyAddress, PolicyLimit, PolicyMode
from backend.wallets.tables import Wallet

MOST_ADDRESSES = 500
Pair = tuple[int | None, int | None]
NONE: Pair = (None, None)


class AddressNotNamed(NotFound):
    """You never named this address"""


class TooManyAddresses(AppError):
    """Your list is full; remove an address first"""

    status = 409


async def change(db: AsyncSession, user: SignedIn, body: PolicyIn, wait: timedelta) -> None:
    """Make the policy what `body` says, each part at once or after `wait`; the caller has taken `lock`."""
    now = await database_time(db)
    listed = await allow_list_only(db, user.id)
    limits = [one for one in await limits_of(db, user.id) if one.set_by == "owner"]
    await _set_mode(db, user.id, listed, body.allow_list_only, now, wait)
    await _set_limits(db, user.id, limits, body.limits, now, wait)
    before = {"allow_list_only": listed, "limits": [_words(one) for one in limits]}
    detail = changed(before, body.model_dump(mode="json"))
    await record(db, f"user:{user.id}", "policy.change", f"user:{user.id}", detail)


def _words(limit: Limit) -> dict[str, str | None]:
    """A limit in the words of LimitIn."""
    return {
        "token": None if limit.token is None else checksum(limit.token),
        "per_transaction": None if limit.per_transaction is None else str(limit.per_transaction),
        "daily": None if limit.daily is None else str(limit.daily),
    }


async def list_address(
    db: AsyncSession, user: SignedIn, address: str, label: str, wait: timedelta
) -> PolicyAddress:
    """Put an address on the list, or rename it there; it may receive after `wait`. Raises TooManyAddresses."""
    await lock(db, user)
    now = await database_time(db)
    mine = (PolicyAddress.user_id == user.id) & (PolicyAddress.address == address_bytes(address))
    listed = select(func.count()).where(
        PolicyAddress.user_id == user.id, PolicyAddress.listed_at.is_not(None)
    )
    if (await db.scalar(listed) or 0) >= MOST_ADDRESSES:
        raise TooManyAddresses(
            f"Your list holds {MOST_ADDRESSES} addresses: remove one first.", most=MOST_ADDRESSES
        )
    await remember(db, user.id, [address_bytes(address)], now, wait)
    row = (await db.scalars(select(PolicyAddress).where(mine))).one()
    row.label = label or None
    if row.listed_at is None:
        row.listed_at, row.listed_from = now, now + wait
        detail = {"address": checksum(row.address)}
        await record(db, f"user:{user.id}", "policy.list_address", f"user:{user.id}", detail)
        await tell_owner(db, user.id, "policy.list_address", address=checksum(row.address))
    await db.flush()
    return row


async def forget_address(db: AsyncSession, user: SignedIn, address: str) -> None:
    """Take it off the list, and make it new again. Raises AddressNotNamed."""
    await lock(db, user)
    gone = await db.scalar(
        delete(PolicyAddress)
        .where(PolicyAddress.user_id == user.id, PolicyAddress.address == address_bytes(address))
        .returning(PolicyAddress.address)
    )
    if gone is None:
        raise AddressNotNamed(f"You never named {address}.")
    detail = {"address": checksum(gone)}
    await record(db, f"user:{user.id}", "policy.forget_address", f"user:{user.id}", detail)


async def lock(db: AsyncSession, user: SignedIn) -> None:
    """Changes and acceptance come one after the other."""
    await db.execute(select(Wallet.id).where(Wallet.id == user.wallet_id).with_for_update(key_share=True))


async def _set_mode(
    db: AsyncSession, user_id: UUID, have: bool, wanted: bool, now: datetime, wait: timedelta
) -> None:
    await db.execute(delete(PolicyMode).where(PolicyMode.user_id == user_id, PolicyMode.valid_from > now))
    if wanted != have:
        start = now if wanted else now + wait
        await db.execute(insert(PolicyMode).values(user_id=user_id, allow_list_only=wanted, valid_from=start))


async def _set_limits(
    db: AsyncSession,
    user_id: UUID,
    in_force: Sequence[Limit],
    wanted: Sequence[LimitIn],
    now: datetime,
    wait: timedelta,
) -> None:
    await db.execute(
        delete(PolicyLimit).where(
            PolicyLimit.user_id == user_id, PolicyLimit.set_by == "owner", PolicyLimit.valid_from > now
        )
    )
    have = {one.token: _pair(one) for one in in_force}
    want = {_token(one): (_integer(one.per_transaction), _integer(one.daily)) for one in wanted}
    for token in {*have, *want}:
        before, after = have.get(token, NONE), want.get(token, NONE)
        safer: Pair = (_lower(before[0], after[0]), _lower(before[1], after[1]))
        at_once = after if wait == timedelta(0) else safer
        if at_once != before:
            await add_limit(db, user_id, "owner", token, at_once, now)
        if after != at_once:
            await add_limit(db, user_id, "owner", token, after, now + wait)


async def add_limit(
    db: AsyncSession, user_id: UUID | None, set_by: str, token: bytes | None, limit: Pair, start: datetime
) -> None:
    """Store (per transaction, daily) as what counts from `start` on."""
    per_transaction, daily = (None if one is None else Decimal(one) for one in limit)
    await db.execute(
        insert(PolicyLimit).values(
            user_id=user_id,
            set_by=set_by,
            token=token,
            per_transaction=per_transaction,
            daily=daily,
            valid_from=start,
        )
    )


def _pair(limit: Limit) -> Pair:
    return limit.per_transaction, limit.daily


def _lower(one: int | None, other: int | None) -> int | None:
    """The lower of two limits; None is no limit."""
    known = [limit for limit in (one, other) if limit is not None]
    return min(known, default=None)


def _token(limit: LimitIn) -> bytes | None:
    return None if limit.token is None else address_bytes(limit.token)


def _integer(text: str | None) -> int | None:
    return None if text is None else int(text)
