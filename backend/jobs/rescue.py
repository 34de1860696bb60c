"""Jobs of workers that died or froze: put back, so that another one runs them."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text

from backend.services import Services

log = structlog.get_logger(__name__)
MOST_DEATHS = 10

# Judged in the statement that writes: what was fetched again meanwhile belongs to a living worker.
_RESCUE = text("""
    WITH lost AS (
        UPDATE jobs.procrastinate_jobs j
        SET status = CASE WHEN attempts + 1 < :most THEN 'todo' ELSE 'failed' END
                ::jobs.procrastinate_job_status,
            attempts = attempts + 1, scheduled_at = now()
        WHERE j.status = 'doing' AND (j.worker_id IS NULL OR EXISTS (
            SELECT FROM jobs.procrastinate_workers w
            WHERE w.id = j.worker_id AND w.last_heartbeat < now() - make_interval(secs => :seconds)))
        RETURNING j.id, j.task_name, j.status
    ), why AS (
        INSERT INTO jobs.failure (job_id, error) SELECT id, 'its worker died or froze while running it' FROM lost
        ON CONFLICT (job_id) DO UPDATE SET error = excluded.error, at = clock_timestamp()
    )
    SELECT id, task_name, CAST(status AS text) AS status FROM lost
""")


async def rescue(services: Services) -> None:
    """Look once per heartbeat; runs until cancelled or until the database is away."""
    settings = services.settings
    while True:
        async with services.engine.begin() as db:
            lost = await db.execute(_RESCUE, {"most": MOST_DEATHS, "seconds": settings.worker_lost_seconds})
            for job in lost:
                log.warning("job_rescued", job=job.id, task=job.task_name, now=job.status)
        await asyncio.sleep(settings.worker_heartbeat_seconds)
