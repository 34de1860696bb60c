"""What the long-running processes share: stopping on a signal, and going on after the database was away."""

from __future__ import annotations

import asyncio
import signal

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.services import Services, import_platform_wallets
from backend.wallets.kms import KmsUnavailable

log = structlog.get_logger(__name__)
RETRY = 1.0
STATEMENT_SECONDS = 60.0
"""Of one statement of sender and keeper: none of theirs takes long."""
TURN_SECONDS = 240.0
"""A turn of their loops at most: a connection, statements, and the chain, each waited for as long as it may be."""
# The database is away, restarting, or busy: the same statement may succeed later. SQLAlchemy wraps what goes
# wrong with a statement; what goes wrong while connecting comes as asyncpg raised it.
DATABASE_TROUBLE = (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


def first_line(error: BaseException) -> str:
    """What an error says, in one line; its name when it says nothing, as a time-out does."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def trying_again(seconds: float) -> str:
    """What happens next, for the log line of a fault that is retried."""
    return f"trying again in {seconds:g} s"


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
            log.warning("database_not_ready", error=first_line(error), next=trying_again(RETRY))
            await asyncio.sleep(RETRY)
        except KmsUnavailable as error:
            log.warning("key_service_unavailable", error=str(error), next=trying_again(RETRY))
            await asyncio.sleep(RETRY)
