"""`Replica`: connections to the standby, and whether it may be asked now.

Once a second it is compared with the primary. While it is away or late it is left alone, said once in the log; nobody's
request fails for it (`backend.mirror.read`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import Waits, WrongStatementError, make_engine
from backend.process import DATABASE_TROUBLE, first_line
from backend.replica import metrics
from backend.replica.lag import Lag
from backend.services import Services
from backend.settings import Settings, SettingsError
from backend.tracing import spans

log = structlog.get_logger(__name__)
EVERY = 1.0
PATIENCE_SECONDS = 1.0
"""For a connection to it, new or free: the primary may have one."""
REST_SECONDS = 2.0
_CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""What replay ends statements with that stand in its way."""
_STATE = text("""
    SELECT pg_is_in_recovery() AS is_standby, (SELECT system_identifier FROM pg_control_system()) AS cluster,
        (SELECT oid FROM pg_database WHERE datname = current_database()) AS database,
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END
            - CAST('0/0' AS pg_lsn) AS position
""")


class NoStandbyError(Exception):
    """The URL leads to something else than a standby of the primary; the message says to what."""


class Replica:
    """One process's connections to it: those of reads, and one to look at each of the two servers."""

    def __init__(self, settings: Settings) -> None:
        url, patience = settings.read_database_url, PATIENCE_SECONDS
        waits = Waits(patience, patience, settings.statement_seconds)
        self.engine = make_engine(
            url, settings.database_pool_read, "tombola replica", waits, is_read_only=True
        )
        looking = Waits(patience, patience, patience)
        self._standby = make_engine(url, 1, "tombola replica probe", looking, is_read_only=True)
        self._primary = make_engine(settings.database_url, 1, "tombola replica probe", looking)
        self._latest = settings.read_replica_lag_seconds
        self._lag = Lag()
        self._late = math.inf  # seconds, when it was last looked at
        self._rests_until = 0.0
        self._fault: str | None = None

    @property
    def is_used(self) -> bool:
        """Whether reads may ask it now."""
        return self._late <= self._latest and time.monotonic() >= self._rests_until

    async def look(self) -> None:
        """Compare it with the primary. Raises NoStandbyError, DATABASE_TROUBLE."""
        primary = await _state(self._primary)
        self._lag.primary_is_at(primary.position)
        standby = await _state(self._standby)
        _require_standby(primary, standby)
        self._lag.standby_is_at(standby.position)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look_once()

    async def look_once(self) -> None:
        """Look, and use it or leave it alone."""
        try:
            await self.look()
        except (*DATABASE_TROUBLE, WrongStatementError, NoStandbyError) as error:
            self._rest(first_line(error))
        self._late = self._lag.seconds()
        metrics.GAUGES.take({metrics.LAG: {(): self._late}})
        if self._late > self._latest:
            self._say(f"it is {self._late:.1f} s late")
        elif self.is_used:
            self._say(None)

    def failed(self, error: Exception) -> None:
        """A read could not be answered. What is the statement's trouble, and not the server's, changes nothing."""
        cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else None
        why: metrics.Why
        if isinstance(error, PoolTimeoutError):
            why = "busy"
        elif isinstance(cause, _CONFLICTS):
            why = "conflict"
        else:
            why = "failed"
            self._rest(first_line(error))
        metrics.PASSED_OVER.labels(why).inc()

    async def close(self) -> None:
        """Close the connections."""
        for engine in (self.engine, self._standby, self._primary):
            await engine.dispose()

    def _rest(self, fault: str) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS
        self._say(fault)

    def _say(self, fault: str | None) -> None:
        """Tell the log when it begins to be left alone, and when that is over."""
        was, self._fault = self._fault, fault
        if fault is not None and was is None:
            log.warning("replica_left_alone", error=fault, next="the primary answers reads until it is back")
        elif fault is None and was is not None:
            log.info("replica_back", next="it answers reads again")


async def _state(engine: AsyncEngine) -> Row[Any]:
    async with engine.connect() as db:
        return (await db.execute(_STATE)).one()


def _require_standby(primary: Row[Any], standby: Row[Any]) -> None:
    """Raises NoStandbyError."""
    if standby.cluster != primary.cluster:
        raise NoStandbyError("it is a server of another database cluster than DATABASE_URL's")
    if not standby.is_standby:
        raise NoStandbyError("it is no standby: it is the primary itself, or was promoted")
    if standby.database != primary.database:
        raise NoStandbyError("it names another database than DATABASE_URL")


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[None]:
    """Inside, reads may be answered by the replica, where the settings name one."""
    if not services.settings.read_database_url:
        yield
        return
    services.replica = replica = Replica(services.settings)
    spans.watch(replica.engine)
    await replica.look_once()
    watching = asyncio.create_task(replica.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        services.replica = None
        await replica.close()


async def refuse_others(settings: Settings) -> None:
    """Raises SettingsError where READ_DATABASE_URL leads to no standby of DATABASE_URL. One that is away may come."""
    if not settings.read_database_url:
        return
    replica = Replica(settings)
    try:
        await replica.look()
    except NoStandbyError as error:
        raise SettingsError(
            f"READ_DATABASE_URL cannot be used: {error}. Name a streaming standby of DATABASE_URL, or leave it out."
        ) from None
    except (*DATABASE_TROUBLE, ValueError) as error:
        if isinstance(error, ValueError) or isinstance(error.__cause__, ValueError):
            raise SettingsError(
                f"READ_DATABASE_URL or DATABASE_URL is not a PostgreSQL URL: {first_line(error)}. Correct it."
            ) from None
    finally:
        await replica.close()
