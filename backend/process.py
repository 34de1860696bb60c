"""What the long-running processes share: stopping on a signal, and waiting for the database at the start."""

from __future__ import annotations

import asyncio
import signal

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.services import Services, import_platform_wallets

log = structlog.get_logger(__name__)
RETRY = 1.0
# The database is away, restarting, or busy: the same statement may succeed later.
DATABASE_TROUBLE = (DBAPIError, PoolTimeoutError, OSError)


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def import_wallets_when_ready(services: Services, stop: asyncio.Event) -> None:
    """Import the platform wallets as soon as the database answers and is migrated."""
    while not stop.is_set():
        try:
            await import_platform_wallets(services)
            return
        except DATABASE_TROUBLE as error:
            log.warning("database_not_ready", error=str(error).splitlines()[0])
            await asyncio.sleep(RETRY)
