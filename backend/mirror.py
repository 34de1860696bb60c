"""`Mirror`: one read-only snapshot of the mirror for a request, and how far it reaches.

The snapshot is one REPEATABLE READ transaction: whatever the listener commits meanwhile, facts and `as_of`
agree. No statement in it runs long: as long as a first backfill lasts the reads' indexes are missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

import asyncpg
from fastapi import Depends
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.caching.version import VERSION
from backend.db import WrongStatementError
from backend.errors import AppError, ServiceUnavailable
from backend.process import DATABASE_TROUBLE
from backend.replica import metrics
from backend.services import Services, ServicesDep
from listener.mirror.reads import as_of
from listener.mirror.reads.as_of import AsOf, MirrorEmptyError

T = TypeVar("T")
LONGEST_READ_MS = 10_000
# A plan kept for all parameters suits neither the raffle with 1,000,000 entries nor the one with ten.
_BEGIN = text(
    "SELECT set_config('statement_timeout', :longest, true),"
    f" set_config('plan_cache_mode', 'force_custom_plan', true), ({VERSION}) AS version"
)
_MISSING = (
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.UndefinedTableError,
    asyncpg.exceptions.InvalidSchemaNameError,
    asyncpg.exceptions.InsufficientPrivilegeError,
)


class MirrorNotReady(ServiceUnavailable):
    """The listener has not mirrored the chain yet; try again shortly"""


@dataclass(frozen=True)
class Snapshot:
    """A connection inside the snapshot, the block it stands for, and its version (`backend.caching.version`)."""

    db: AsyncConnection
    as_of: AsOf
    version: str


@asynccontextmanager
async def open_snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """A snapshot; raises MirrorNotReady while there are no tables or no blocks."""
    async with engine.connect() as connection:
        db = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with _explained():
            begun = (await db.execute(_BEGIN, {"longest": str(LONGEST_READ_MS)})).one()
            yield Snapshot(db, await as_of.read(db), str(begun.version))


@asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """What is missing of the mirror is MirrorNotReady."""
    try:
        yield
    except MirrorEmptyError as error:
        raise MirrorNotReady(f"{error} Try again in a few seconds.") from None
    except DBAPIError as error:
        if isinstance(getattr(error.orig, "__cause__", None), _MISSING):
            raise MirrorNotReady(
                "The listener has not created all tables and indexes of the mirror yet. Try again in a few seconds."
            ) from error
        raise


@asynccontextmanager
async def within(db: AsyncSession) -> AsyncIterator[Snapshot]:
    """The mirror in a request's own transaction: what it has changed shows, and it holds one connection.

    Facts may be a block newer than `as_of`, and are not final then. Raises MirrorNotReady.
    """
    await db.flush()
    connection = await db.connection()
    async with _explained():
        begun = (await connection.execute(_BEGIN, {"longest": str(LONGEST_READ_MS)})).one()
        yield Snapshot(connection, await as_of.read(connection), str(begun.version))


async def read(services: Services, work: Callable[[Snapshot], Awaitable[T]]) -> T:
    """What `work` finds in a snapshot: the replica's, where that has the newest version of the mirror, or the primary's.

    For what everybody may see. `work` changes nothing, and is done again where the replica fails or refuses, since only
    the primary knows that something is not there. Raises MirrorNotReady and what `work` raises.
    """
    replica = services.replica
    if replica is not None and not replica.is_used:
        metrics.PASSED_OVER.labels("left_alone").inc()
    elif replica is not None:
        newest = await services.cache.newest()
        try:
            async with open_snapshot(replica.engine) as snapshot:
                if snapshot.version == newest:
                    found = await work(snapshot)
                    metrics.READS.labels("replica").inc()
                    return found
            metrics.PASSED_OVER.labels("older").inc()
        except (*DATABASE_TROUBLE, WrongStatementError, MirrorNotReady) as error:
            replica.failed(error)
        except AppError:
            metrics.PASSED_OVER.labels("refused").inc()
    async with open_snapshot(services.engine) as snapshot:
        metrics.READS.labels("primary").inc()
        return await work(snapshot)


async def _snapshot(services: ServicesDep) -> AsyncIterator[Snapshot]:
    async with open_snapshot(services.engine) as found:
        yield found


Mirror = Annotated[Snapshot, Depends(_snapshot, scope="function")]
