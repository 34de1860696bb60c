"""`python -m backend worker`: runs jobs, takes over those of dead workers, and may lead the schedule.

Any number of these may run. Jobs are fetched by procrastinate with SKIP LOCKED, so each goes to one worker.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib import import_module

import procrastinate
import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError

from backend.jobs.app import DEFAULT_QUEUE, jobs
from backend.jobs.leader import lead
from backend.jobs.redact import clean_line
from backend.jobs.rescue import rescue
from backend.metrics import PULSE, system
from backend.outbox.service import MAIL_QUEUE
from backend.process import DATABASE_TROUBLE, stop_signal, trying_again
from backend.services import Services, open_services
from backend.settings import Settings
from backend.start import require_database
from listener.mirror.store import NOTICED

log = structlog.get_logger(__name__)
TASKS = (
    "backend.analytics.tasks",
    "backend.audit.tasks",
    "backend.backing.tasks",
    "backend.connectors.tasks",
    "backend.data_export.tasks",
    "backend.files.tasks",
    "backend.jobs.digest",
    "backend.jobs.upkeep",
    "backend.ledger.tasks",
    "backend.mailed_links.tasks",
    "backend.notices.tasks",
    "backend.outbox.tasks",
    "backend.participants.tasks",
    "backend.payments.tasks",
    "backend.prices.tasks",
    "backend.privacy.tasks",
    "backend.status.tasks",
    "backend.webhooks.tasks",
)
"""Modules whose import registers tasks."""

# Neither slow receivers of webhooks, long lists nor slow platforms may keep mail waiting: each lot has its own workers.
QUEUES = ([DEFAULT_QUEUE, MAIL_QUEUE], ["webhooks"], ["imports"], ["fetches"])
STOP_SECONDS = 1.5
SILENT_SECONDS = 120.0
"""Without an answer to a lot of jobs, or an error. psycopg waits without end where the network lets it."""
BACKOFF = 1.0
TROUBLE = (
    *DATABASE_TROUBLE,
    DBAPIError,
    psycopg.Error,
    PoolTimeout,
    procrastinate.exceptions.ConnectorException,
)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; running jobs get a moment to finish, the others are put back.

    Raises SettingsError when the database cannot be reached at the start.
    """
    stop = stop_signal()
    async with open_services(settings, "tombola worker") as services:
        await require_database(settings, stop)
        if stop.is_set():
            return
        log.info("worker_ready", jobs=settings.worker_jobs)
        await work(services, stop)
    log.info("worker_stopped")


async def work(services: Services, stop: asyncio.Event) -> None:
    """Work until `stop` is set, through restarts of the database."""
    for module in TASKS:
        import_module(module)
    tasks = [
        *(asyncio.create_task(_until(stop, _fetch, services, queues, stop)) for queues in QUEUES),
        asyncio.create_task(_until(stop, rescue, services)),
        asyncio.create_task(_until(stop, system.run, services)),
        asyncio.create_task(_until(stop, lead, services)),
    ]
    await stop.wait()
    _, late = await asyncio.wait(tasks[: len(QUEUES)], timeout=STOP_SECONDS + 0.5)
    for one in (*late, *tasks[len(QUEUES) :]):
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until(stop: asyncio.Event, part: object, *arguments: object) -> None:
    """Run a part again and again: what ends it is an outage or a fault, and neither may end the process."""
    while not stop.is_set():
        try:
            await part(*arguments)  # type: ignore[operator]
        except TROUBLE as error:
            log.warning("database_unreachable", error=clean_line(error), next=trying_again(BACKOFF))
        except Exception as error:
            log.error("worker_broken", error=clean_line(error), next=trying_again(BACKOFF))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BACKOFF)


def connection_options(settings: Settings) -> str:
    """Of procrastinate's connections.

    A worker that freezes between a statement and its commit must not hold what it locked for as long as it is frozen: a
    job fetched like that would keep the leader from enqueueing the next one of its kind.
    """
    idle = round(settings.worker_lost_seconds * 1_000)
    return f"-c search_path=jobs -c jit=off -c idle_in_transaction_session_timeout={idle}"


async def _fetch(services: Services, queues: list[str], stop: asyncio.Event) -> None:
    """One run of procrastinate's worker, with connections of its own."""
    settings = services.settings
    connector = PsycopgConnector(
        conninfo=settings.database_url,
        kwargs={
            "application_name": "tombola worker",
            "options": connection_options(settings),
            **NOTICED,
        },
        min_size=1,
        max_size=4,
        timeout=10,
    )
    app = App(connector=connector)
    app.tasks.update(jobs.tasks)
    async with app.open_async():
        running = asyncio.create_task(
            app.run_worker_async(
                queues=queues,
                concurrency=settings.worker_jobs,
                fetch_job_polling_interval=settings.worker_poll_seconds,
                shutdown_graceful_timeout=STOP_SECONDS,
                delete_jobs="successful",
                additional_context={"services": services},
                install_signal_handlers=False,
                update_heartbeat_interval=settings.worker_heartbeat_seconds,
                stalled_worker_timeout=settings.worker_lost_seconds,
            )
        )
        stopped = asyncio.create_task(stop.wait())
        watching = asyncio.create_task(_watch(connector, queues[0], settings.worker_heartbeat_seconds))
        await asyncio.wait([running, stopped], return_when=asyncio.FIRST_COMPLETED)
        for one in (stopped, watching, running):
            one.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _watch(connector: PsycopgConnector, lot: str, every: float) -> None:
    """Say that a lot's connections answer, or that there are none: either is no hang."""
    with PULSE.loop(f"{lot} jobs", SILENT_SECONDS + every) as turn:
        while True:
            with suppress(*TROUBLE):
                await connector.execute_query_one_async("SELECT 1 AS one")
            turn()
            await asyncio.sleep(every)
