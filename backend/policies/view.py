"""Policies as the API shows them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.policies.clock import database_time
from backend.policies.limits import Limit, as_limit, limits_of, spent_today
from backend.policies.recipients import allow_list_only
from backend.policies.schemas import LimitOut, OverrideOut, PolicyOut, WaitingOut
from backend.policies.tables import PolicyLimit, PolicyMode


async def show_policy(db: AsyncSession, user_id: UUID, wallet_id: UUID, wait: timedelta) -> PolicyOut:
    """What counts now, and what is waiting to."""
    return PolicyOut(
        allow_list_only=await allow_list_only(db, user_id),
        waiting_seconds=int(wait.total_seconds()),
        limits=await show_limits(db, wallet_id, await limits_of(db, user_id)),
        waiting=await _waiting(db, user_id),
    )


async def show_limits(db: AsyncSession, wallet_id: UUID | None, limits: list[Limit]) -> list[LimitOut]:
    """Limits with what a wallet has spent of them; those that limit nothing are left out."""
    shown = []
    for limit in limits:
        if limit.per_transaction is None and limit.daily is None:
            continue
        spent = await spent_today(db, wallet_id, limit.token) if wallet_id else 0
        shown.append(
            LimitOut(
                token=_address(limit.token),
                set_by=limit.set_by,
                per_transaction=_text(limit.per_transaction),
                daily=_text(limit.daily),
                spent=str(spent),
                left=None if limit.daily is None else str(max(limit.daily - spent, 0)),
            )
        )
    return shown


def show_override(row: PolicyLimit) -> OverrideOut:
    """An administrator's limit for one account."""
    limit = as_limit(row)
    return OverrideOut.model_validate(
        {
            "user_id": row.user_id,
            "token": _address(limit.token),
            "per_transaction": _text(limit.per_transaction),
            "daily": _text(limit.daily),
            "since": row.valid_from,
        }
    )


async def _waiting(db: AsyncSession, user_id: UUID) -> list[WaitingOut]:
    now = await database_time(db)
    modes = await db.scalars(
        select(PolicyMode).where(PolicyMode.user_id == user_id, PolicyMode.valid_from > now)
    )
    limits = await db.scalars(
        select(PolicyLimit)
        .where(PolicyLimit.user_id == user_id, PolicyLimit.valid_from > now)
        .order_by(PolicyLimit.id)
    )
    return [
        *(
            WaitingOut(
                what="allow_list_only",
                token=None,
                value=str(mode.allow_list_only).lower(),
                counts_from=mode.valid_from,
            )
            for mode in modes
        ),
        *(
            WaitingOut(
                what="limit",
                token=_address(row.token),
                value=_words(as_limit(row)),
                counts_from=row.valid_from,
            )
            for row in limits
        ),
    ]


def _words(limit: Limit) -> str:
    return f"per transaction {limit.per_transaction or 'none'}, daily {limit.daily or 'none'}"


def _address(token: bytes | None) -> str | None:
    return None if token is None else checksum(token)


def _text(amount: int | None) -> str | None:
    return None if amount is None else str(amount)
