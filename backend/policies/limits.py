"""How much a wallet may spend: in one transaction, and within any 24 hours, in each currency.

The platform's limit holds for everybody; an admin's limit for one user takes its place. A user's own limit comes
on top of either. What counts is what was accepted: holds that are open or spent, not those that were released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError
from backend.hexes import address_bytes, checksum
from backend.intents.service import Spending
from backend.intents.tables import Hold
from backend.policies.tables import PolicyLimit
from backend.wallets.tokens import Unit, unit_of

DAY = timedelta(hours=24)
SetBy = Literal["platform", "admin", "owner"]


class LimitExceeded(AppError):
    """This would spend more than a limit allows; the problem says which, what is left, and when more will be"""

    status = 409


@dataclass(frozen=True)
class Limit:
    """One limit in force, smallest unit; None is no limit. `token` None is the chain's currency."""

    token: bytes | None
    set_by: SetBy
    per_transaction: int | None
    daily: int | None


_IN_FORCE = text("""
    SELECT DISTINCT ON (token, set_by) token, set_by, per_transaction, daily FROM app.policy_limit
    WHERE (user_id = :user OR user_id IS NULL) AND valid_from <= clock_timestamp()
    ORDER BY token, set_by, valid_from DESC, id DESC
""")


async def limits_of(db: AsyncSession, user_id: UUID) -> list[Limit]:
    """The limits in force for a user: of each currency the admin's or else the platform's, and the user's own."""
    rows = await db.execute(_IN_FORCE, {"user": user_id})
    found = {(row.token, row.set_by): as_limit(row) for row in rows}
    return [
        limit for (token, by), limit in found.items() if by != "platform" or (token, "admin") not in found
    ]


def as_limit(row: PolicyLimit | Row[Any]) -> Limit:
    """A stored limit in integers."""
    return Limit(row.token, cast(SetBy, row.set_by), _integer(row.per_transaction), _integer(row.daily))


async def require_limits(
    db: AsyncSession, user_id: UUID, wallet_id: UUID, spendings: Sequence[Spending]
) -> None:
    """Raise LimitExceeded. Call it under the wallet's row lock, which makes requests come one by one."""
    wanted: dict[bytes | None, int] = defaultdict(int)
    for spending in spendings:
        wanted[None if spending.token is None else address_bytes(spending.token)] += spending.amount
    for limit in await limits_of(db, user_id):
        amount = wanted.get(limit.token, 0)
        if amount == 0:
            continue
        if limit.per_transaction is not None and amount > limit.per_transaction:
            most = limit.per_transaction
            raise _exceeded(
                limit, await unit_of(db, limit.token), "per_transaction", most, amount, most, None
            )
        if limit.daily is not None:
            left = max(limit.daily - await spent_today(db, wallet_id, limit.token), 0)
            if amount > left:
                when = await _enough_at(db, wallet_id, limit, amount - left)
                unit = await unit_of(db, limit.token)
                raise _exceeded(limit, unit, "daily", limit.daily, amount, left, when)


async def spent_today(db: AsyncSession, wallet_id: UUID, token: bytes | None) -> int:
    """What was accepted in the last 24 hours and not released, smallest unit."""
    return int(
        await db.scalar(select(func.coalesce(func.sum(Hold.amount), 0)).where(*_window(wallet_id, token)))
        or 0
    )


async def _enough_at(db: AsyncSession, wallet_id: UUID, limit: Limit, missing: int) -> datetime | None:
    """When so much of the window will have become old; None where waiting does not help."""
    rows = await db.execute(
        select(Hold.created_at, Hold.amount).where(*_window(wallet_id, limit.token)).order_by(Hold.created_at)
    )
    for created_at, amount in rows:
        missing -= int(amount)
        if missing <= 0:
            when: datetime = created_at + DAY
            return when
    return None


def _window(wallet_id: UUID, token: bytes | None) -> tuple[ColumnElement[bool], ...]:
    # now() is the transaction's start, which is also what a hold's `created_at` is: compared with each other,
    # no 24 hours of `created_at` hold more than the limit, however long a request waited for the lock.
    return (
        Hold.wallet_id == wallet_id,
        Hold.token.is_(None) if token is None else Hold.token == token,
        Hold.outcome != "released",
        Hold.created_at > func.now() - DAY,
    )


def _exceeded(
    limit: Limit, counts: Unit, name: str, allowed: int, wanted: int, left: int, when: datetime | None
) -> LimitExceeded:
    unit = "wei of the chain's currency" if limit.token is None else f"units of token {checksum(limit.token)}"
    whose = {"platform": "the platform's", "admin": "your account's", "owner": "your own"}[limit.set_by]
    kind = "limit for one transaction" if name == "per_transaction" else "limit for 24 hours"
    sentence = f"This spends {wanted} {unit}. It is more than {whose} {kind}, {allowed}, leaves: {left}."
    if when is not None:
        sentence += f" From {when:%Y-%m-%d %H:%M:%S} UTC on there will be enough."
    return LimitExceeded(
        sentence,
        limit=name,
        set_by=limit.set_by,
        **counts,
        allowed=str(allowed),
        left=str(left),
        needed=str(wanted),
        available_at=None if when is None else when.isoformat(),
    )


def _integer(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount)
