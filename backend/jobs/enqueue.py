"""Storing a job in the caller's own transaction: it exists if, and only if, that transaction commits."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.jobs.app import DEFAULT_QUEUE, TRACEPARENT
from backend.tracing.traceparent import to_store

# The library's own function raises where a key waits already; here that is an ordinary answer.
_ENQUEUE = text("""
    INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args, queueing_lock)
    VALUES (:queue, :task, CAST(:args AS jsonb), :key)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
    RETURNING id
""")


async def enqueue(
    db: AsyncSession | AsyncConnection,
    task: str,
    args: Mapping[str, str | int],
    *,
    queue: str = DEFAULT_QUEUE,
    key: str | None = None,
) -> int | None:
    """Add a job; None when one with this key is waiting. `args` are ids: rows hold what is secret.

    One that is running does not count as waiting. When it must be tried again while a newer one waits, it goes on
    without the key, and both run.
    """
    given = {**args, TRACEPARENT: to_store()}
    row = await db.execute(_ENQUEUE, {"queue": queue, "task": task, "args": json.dumps(given), "key": key})
    return row.scalar_one_or_none()
