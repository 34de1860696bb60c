"""The one process that enqueues what the schedule says, and how another one takes over.

Whoever holds the advisory lock leads. Both the lock and the enqueueing belong to one connection: when a leader
freezes, a follower ends that connection on the server, and nothing the old leader still means to do arrives.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import asyncpg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from backend.jobs.app import DEFAULT_QUEUE
from backend.jobs.schedule import SCHEDULE, Entry
from backend.services import Services

log = structlog.get_logger(__name__)
LOCK = 0x6C656164  # "lead"

_LEAD = """
    INSERT INTO jobs.leader (id, pid) VALUES (1, pg_backend_pid())
    ON CONFLICT (id) DO UPDATE
    SET pid = excluded.pid, since = clock_timestamp(), beat_at = clock_timestamp()
"""
_BEAT = "UPDATE jobs.leader SET beat_at = clock_timestamp() WHERE id = 1 AND pid = pg_backend_pid()"

# Only the connection that really holds the lock is ended: a number may have been given to another one since.
_END_FROZEN = """
    SELECT pg_terminate_backend(l.pid) FROM jobs.leader l
    JOIN pg_locks k ON k.pid = l.pid AND k.locktype = 'advisory' AND k.granted
        AND k.classid = 0 AND k.objid = $1 AND k.database = (
            SELECT oid FROM pg_database WHERE datname = current_database())
    WHERE l.beat_at < clock_timestamp() - make_interval(secs => $2)
"""
# Remembers the tick of each task, so a tick is enqueued once whoever offers it.
_OFFER = "SELECT jobs.procrastinate_defer_periodic_job_v2($1, NULL, $2, $2, 0, '', $3, '{}')"


async def lead(services: Services) -> None:
    """Follow until the lock is free, then lead; runs until cancelled or until its connection is lost."""
    settings = services.settings
    connection: asyncpg.Connection = await asyncpg.connect(
        settings.database_url,
        timeout=5,
        command_timeout=settings.leader_lost_seconds,
        server_settings={"application_name": "tombola leader", "timezone": "UTC"},
    )
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            if await connection.fetchval(_END_FROZEN, LOCK, settings.leader_lost_seconds):
                log.warning("leader_frozen", next="its connection was ended; leading instead")
            await asyncio.sleep(settings.leader_beat_seconds)
        await connection.execute(_LEAD)
        log.info("leading")
        await Leader(connection, SCHEDULE).run(settings.leader_beat_seconds)
    finally:
        connection.terminate()


class Leader:
    """Offers ticks on the connection that holds the lock, one statement at a time."""

    def __init__(self, connection: asyncpg.Connection, schedule: tuple[Entry, ...]) -> None:
        self._connection = connection
        self._schedule = schedule
        self._turn = asyncio.Lock()
        self._lost = asyncio.Event()

    async def run(self, beat_seconds: float) -> None:
        """Offer every tick as it comes, and at once the last one, which the leader before may have missed."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        for entry in self._schedule:
            start = datetime.fromtimestamp(entry.offset, UTC)
            trigger = IntervalTrigger(seconds=entry.every, start_date=start, timezone=UTC)
            scheduler.add_job(self._offer, trigger, args=[entry], coalesce=True, misfire_grace_time=None)
        scheduler.start()
        try:
            for entry in self._schedule:
                await self._offer(entry)
            while not self._lost.is_set():
                async with self._turn:
                    await self._connection.execute(_BEAT)
                await asyncio.sleep(beat_seconds)
        finally:
            scheduler.shutdown(wait=False)

    async def _offer(self, entry: Entry) -> None:
        """Enqueue the newest tick; an earlier one of the same task that still waits is enough."""
        tick = entry.last_tick(time.time())
        try:
            async with self._turn:
                job = await self._connection.fetchval(_OFFER, DEFAULT_QUEUE, entry.task, tick)
        except asyncpg.UniqueViolationError:
            return
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            self._lost.set()
            raise
        if job is not None:
            log.info("enqueued", task=entry.task, tick=tick, job=job)
