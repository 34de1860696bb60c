"""What a statement that failed means to whoever asked: come back later, ask something else, or our bug.

While the database is away every route answers 503 with Retry-After; nothing has to be restarted afterwards.

A connection that broke is thrown away by the pool, which looks at each one before it hands it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.db import DatabaseAwayError
from backend.errors import ServiceUnavailable, bug, problem
from backend.process import first_line
from backend.route_names import route_of
from listener.chain.draw.list_file import is_text

log = structlog.get_logger(__name__)
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, in the moment after a fail-over
    asyncpg.QueryCanceledError,  # it took longer than statement_timeout: somebody holds a lock, or too much is asked
)
"""What the driver raises when not the statement is wrong but who should run it is not there."""
UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""PostgreSQL keeps every text but one that holds a NUL."""
_UNFIT = "A text holds a NUL character or half a surrogate pair. Leave it out."


class DatabaseUnavailable(ServiceUnavailable):
    """The database does not answer right now; try again shortly, a change under the same Idempotency-Key"""

    def __init__(self) -> None:
        super().__init__("The database does not answer right now. Try again shortly.")


def install(app: FastAPI) -> None:
    """Answer outages as 503 and a NUL as 422; any other error of the database stays our bug."""
    for kind in (DatabaseAwayError, PoolTimeoutError, DBAPIError, *GONE):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(UnicodeEncodeError, _unencodable)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, DBAPIError) and isinstance(_cause(error), UNSTORABLE):
        return await _no_text(request)
    if isinstance(error, DBAPIError) and not is_outage(error):
        return await bug(request, error)
    log.error("database_unreachable", route=route_of(request.scope), error=first_line(error))
    refused = DatabaseUnavailable()
    return problem(request, refused.status, refused.code, refused.title, refused.detail, refused.headers)


async def _unencodable(request: Request, _error: Exception) -> JSONResponse:
    """JSON can say half a surrogate pair, which is no character: nothing can hash or store it."""
    return await _no_text(request)


async def _no_text(request: Request) -> JSONResponse:
    try:
        body = await request.json()
    except (ValueError, RuntimeError):  # no JSON, or read by the route itself and not kept
        body = None
    sent = {"path": request.path_params, "query": dict(request.query_params), "body": body}
    where = list(_unfit(sent))
    errors = [{"field": field, "reason": _UNFIT} for field in where]
    said = f"{', '.join(where)}: {_UNFIT}" if where else _UNFIT
    return problem(request, 422, "invalid_input", "Invalid input", said, errors=errors)


def _unfit(sent: Mapping[str, Any]) -> Iterator[str]:
    """Where the texts stand that nobody can keep."""
    waiting: list[tuple[str, Any]] = list(sent.items())
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and not is_text(value):
            yield place
        elif isinstance(value, Mapping):
            waiting += [(f"{place}.{name}", one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}.{number}", one) for number, one in enumerate(value)]


def is_outage(error: DBAPIError) -> bool:
    """Whether a statement failed because the connection or the server went away."""
    return error.connection_invalidated or isinstance(_cause(error), (*GONE, OSError))


def _cause(error: DBAPIError) -> BaseException | None:
    """What the driver raised."""
    return error.orig.__cause__ if error.orig is not None else None
