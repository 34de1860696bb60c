"""How old the mirror is that this process answers from, whatever the listener says about itself.

One small read every 5 seconds of its own: `caching.head` reads the same row only when a request asks for it, and not at
all where no answers are kept; an age has to be known when nobody asks.
"""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.metrics.snapshot import Snapshot
from backend.process import DATABASE_TROUBLE

EVERY = 5.0
AGE, BEHIND = "tombola_mirror_age_seconds", "tombola_mirror_behind_blocks"
MIRROR = Snapshot(
    {
        AGE: ("Wall clock minus the time of the last block mirrored", ()),
        BEHIND: ("Blocks between the mirror and the newest block the listener saw", ()),
    },
    lasts=3 * EVERY,
)
LOOK = text("""
    SELECT CAST(extract(epoch FROM block_time) AS float8) AS at, greatest(head_number - block_number, 0) AS behind
    FROM mirror.cursor
""")


async def look(engine: AsyncEngine) -> None:
    """Measure once. Raises database errors."""
    async with engine.connect() as db:
        row = (await db.execute(LOOK)).one_or_none()
    if row is None or row.at is None:
        MIRROR.take({})
        return
    found: dict[str, dict[tuple[str, ...], float]] = {AGE: {(): max(0.0, time.time() - row.at)}}
    if row.behind is not None:
        found[BEHIND] = {(): float(row.behind)}
    MIRROR.take(found)


async def run(engine: AsyncEngine) -> None:
    """Measure until cancelled. Without a mirror or a database nothing is said, which an alert can see."""
    while True:
        try:
            await look(engine)
        except (*DATABASE_TROUBLE, DBAPIError, TimeoutError):
            MIRROR.take({})
        await asyncio.sleep(EVERY)
