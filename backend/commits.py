"""Commits whose locks end before the disk has them, although nobody is told before the disk has them.

A commit keeps its row locks until its log is on disk, so an account that many pay could change only as often as the
disk syncs. Here the locks end when the commit is in the log, and whoever made it waits for the disk afterwards. What
others commit meanwhile stands behind it in the same log and cannot be on disk without it. Only a plain read may see,
for some milliseconds, what a crash of the server would take back, and whose sender was never told that it is done.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tracing.spans import span

_PROMISED = "whoever commits waits for the disk"
_OWED = "the disk is to be waited for"
_EARLY = text("SET LOCAL synchronous_commit = off")
# A transaction that writes one record and locks nothing: its commit waits for all that is before it in the log, as
# synchronous_commit says, standby servers included.
_WAIT = text("SELECT pg_logical_emit_message(true, 'tombola', '')")


def promise_to_wait(db: AsyncSession) -> None:
    """Allow locks to end early in this session: it is committed by `commit` below."""
    db.info[_PROMISED] = True


async def release_locks_early(db: AsyncSession) -> None:
    """Let this transaction's locks end before the disk has it, where whoever commits promised to wait."""
    if db.info.get(_PROMISED) and not db.info.get(_OWED):
        await db.execute(_EARLY)
        db.info[_OWED] = True


async def commit(db: AsyncSession) -> None:
    """Commit; returns when it is on disk."""
    with span("commit"):
        await db.commit()
        if db.info.pop(_OWED, False):
            await db.execute(_WAIT)
            await db.commit()
