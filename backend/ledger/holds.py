"""Holds whose time is over."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.ledger import service
from backend.ledger.errors import HoldEnded, HoldNotDue
from backend.ledger.tables import OpenHold

BATCH = 500


async def expire_due(engine: AsyncEngine) -> int:
    """Release every hold whose time is over, each in a transaction of its own; how many."""
    expired = 0
    while True:
        async with AsyncSession(engine) as db:
            due = list(
                await db.scalars(
                    select(OpenHold.id)
                    .where(OpenHold.expires_at <= func.clock_timestamp())
                    .order_by(OpenHold.expires_at)
                    .limit(BATCH)
                )
            )
        for hold_id in due:
            try:
                async with AsyncSession(engine) as db, db.begin():
                    await service.expire(db, hold_id)
                expired += 1
            except (HoldEnded, HoldNotDue):  # voided a moment ago, or read by a clock that is ahead
                continue
        if len(due) < BATCH:
            return expired
