"""The database: one engine per process, one transaction per request.

`Db` opens a transaction for a request and commits it before the answer is sent, so an answer never promises
what is not stored. The engine is built in the app's lifespan, never at import.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request
from sqlalchemy import ExceptionContext, MetaData, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from backend.auth.origin import SAFE_METHODS
from backend.commits import commit, promise_to_wait
from backend.errors import AppError
from backend.keepalive import keep_alive
from backend.metrics.pools import MeasuredPool

SCHEMA = "app"
IDLE_SECONDS = 30.0
SERVER_FIRST_SECONDS = 1.0
_WRONG = "42"  # SQLSTATE class: syntax error or access rule violation
_NOT_YET = ("42P01", "42703", "42501")
"""Of that class, what passes when the migrations have run: a table, a column or a right that is missing."""
_IDLE_SINCE = "idle since"


class DatabaseAwayError(ConnectionError):
    """No connection can be had; the message says why."""


class WrongStatementError(Exception):
    """A statement that no database can run: a bug of ours, however often it is tried again."""


class Base(DeclarativeBase):
    """Tables of schema `app`; only the backend writes them."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        },
    )


@dataclass(frozen=True)
class Waits:
    """How many seconds are waited: for a new connection, for a free one, for a statement (None: without end)."""

    connect: float = 10.0
    free: float = 30.0
    statement: float | None = None


def make_engine(
    database_url: str,
    pool: int = 10,
    application: str = "tombola",
    waits: Waits = Waits(),
    *,
    is_read_only: bool = False,
) -> AsyncEngine:
    """An engine for a libpq URI; asyncpg reads it, so unix sockets and `sslmode` mean what libpq says.

    Whoever needs a connection that cannot be made gets DatabaseAwayError; for SQL that is wrong, WrongStatementError.
    """

    # Compiling a query to machine code takes longer than running any of ours.
    server_settings = {"application_name": application, "timezone": "UTC", "jit": "off"}
    if is_read_only:
        server_settings["default_transaction_read_only"] = "on"
    longest = None
    if waits.statement is not None:
        # The server ends what it works on. Where it is the server that hangs, or the network, we end it a little later.
        server_settings["statement_timeout"] = str(round(waits.statement * 1_000))
        longest = waits.statement + SERVER_FIRST_SECONDS

    async def connect(*_args: Any, **_kwargs: Any) -> asyncpg.Connection:
        try:
            connection = await asyncpg.connect(
                database_url,
                timeout=waits.connect,
                command_timeout=longest,
                server_settings=server_settings,
            )
            keep_alive(connection)
            await _keep_digits(connection)
            return connection
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DatabaseAwayError(str(error) or type(error).__name__) from error

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        poolclass=MeasuredPool,
        pool_logging_name=application,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=waits.free,
        hide_parameters=True,  # they would stand in what an error says, and so in logs
    )
    _replace_dead_connections(engine)
    event.listen(engine.sync_engine, "handle_error", _tell_bugs)
    return engine


async def _keep_digits(connection: asyncpg.Connection) -> None:
    """Read numbers as PostgreSQL writes them: asyncpg's own decoder makes 10000 the same number, but `1E+4` as text."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=_digits, decoder=Decimal)


def _digits(number: Decimal | int) -> str:
    return format(Decimal(number), "f")


def _tell_bugs(context: ExceptionContext) -> None:
    """What is no trouble of the database must not look like it to who tries again after such, and what is must."""
    if isinstance(getattr(context.original_exception, "__cause__", None), asyncpg.InternalClientError):
        # The server has said that it ends this connection, and the end itself has not arrived.
        context.is_disconnect = True
    if isinstance(context.original_exception, TimeoutError):
        # Nobody knows what the connection is doing; the others may be well.
        context.is_disconnect, context.invalidate_pool_on_disconnect = True, False
        raise DatabaseAwayError("no answer to a statement in time") from context.original_exception
    code = str(getattr(context.original_exception, "sqlstate", None) or "")
    if code.startswith(_WRONG) and code not in _NOT_YET:
        raise WrongStatementError(str(context.original_exception)) from context.original_exception


def _replace_dead_connections(engine: AsyncEngine) -> None:
    """Never hand out a connection that the server has ended: its socket says so, without asking.

    One that was idle for long is asked, since a network in between may have forgotten it. `pool_pre_ping` asks each
    time, which is three more round trips in every request.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def note_time(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if time.monotonic() - record.info.get(_IDLE_SINCE, math.inf) > IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction around the route: committed before the answer leaves, rolled back on any error.

    A read has none: each of its statements sees what is committed then, as in a transaction at READ COMMITTED, and
    saves the round trips of BEGIN and COMMIT.
    """
    services = request.app.state.services
    if request.method in SAFE_METHODS:
        async with AsyncSession(services.reading, expire_on_commit=False) as session:
            yield session
        return
    async with AsyncSession(services.engine, expire_on_commit=False) as session:
        promise_to_wait(session)
        try:
            yield session
        except AppError as error:
            if error.keep_changes:
                await commit(session)
            raise
        await commit(session)


Db = Annotated[AsyncSession, Depends(transaction, scope="function")]
