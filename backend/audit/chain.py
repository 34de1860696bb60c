"""Linking what was committed: one step of its own, so that no transaction ever waits for the chain."""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

BATCH = 10_000
log = structlog.get_logger(__name__)


async def chain(engine: AsyncEngine) -> int:
    """Chain all events and ledger entries committed so far; returns how many. Run it every second or so.

    While another process does so it leaves the work to that one.
    """
    total = 0
    while True:
        async with engine.begin() as db:
            done = int(await db.scalar(text("SELECT app.audit_chain(:most)"), {"most": BATCH}) or 0)
        total += done
        if done < BATCH:
            return total
