"""Answering one query: found by its hash or taken as it is, checked, and only then executed, in one snapshot."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError, execute
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError

from backend.db import DatabaseAwayError
from backend.errors import AppError
from backend.graphql.checks import QueryInvalid, prepare
from backend.graphql.limits import MOST_ERRORS, SECONDS, QueryRefused
from backend.graphql.loaders import Reads
from backend.graphql.persisted import hash_of
from backend.graphql.schema import schema
from backend.mirror import Snapshot, read
from backend.services import Services

log = structlog.get_logger(__name__)


class ErrorOut(BaseModel):
    """`extensions.code` is stable; of a query that is too large it comes with the `limit` and what the query has."""

    message: str = Field(
        examples=["The query would cost 20200, and 10000 is the most: ask for smaller pages."]
    )
    path: list[str | int] | None = Field(default=None, description="Which field failed")
    extensions: dict[str, Any] = Field(
        examples=[{"code": "query_too_costly", "limit": 10_000, "cost": 20_200}]
    )


class ResultOut(BaseModel):
    """As GraphQL answers: `data` is null, and `errors` says why, where nothing was executed."""

    data: dict[str, Any] | None
    errors: list[ErrorOut] | None = None


@dataclass(frozen=True)
class Asked:
    """A request: a query, the SHA-256 of one in hex, or both."""

    query: str | None
    sha256: str | None
    variables: dict[str, Any]
    operation: str | None


async def answer(services: Services, asked: Asked) -> ResultOut:
    """What the query asks for, or why it is not answered. Raises MirrorNotReady, DBAPIError, DatabaseAwayError."""
    about = schema(introspection=services.settings.is_local)
    try:
        text = await _text(services, asked)
        document = prepare(about, text, asked.variables, asked.operation)
        if asked.query is not None and asked.sha256 is not None:
            await services.graphql_queries.keep(asked.sha256, text)
    except QueryRefused as refused:
        return _refused(str(refused), refused.code, **refused.said)
    except QueryInvalid as invalid:
        return ResultOut(data=None, errors=[_mistake(one) for one in invalid.messages[:MOST_ERRORS]])

    async def work(mirror: Snapshot) -> ExecutionResult:
        found = execute(
            about._schema,
            document,
            context_value=Reads(mirror, services),
            variable_values=asked.variables,
            operation_name=asked.operation,
        )
        result = await found if inspect.isawaitable(found) else found
        _raise_outage(result.errors or [])
        return result

    try:
        async with asyncio.timeout(SECONDS):
            result = await read(services, work)
    except TimeoutError:
        message = f"The query took longer than {SECONDS:g} seconds and was ended: ask for less at once."
        return _refused(message, "query_timeout", limit=SECONDS)
    said = [_told(error) for error in (result.errors or [])[:MOST_ERRORS]]
    return ResultOut(data=result.data, errors=said or None)


async def _text(services: Services, asked: Asked) -> str:
    """The query's text. Raises QueryRefused for a hash that nothing, or something else, has."""
    queries, text = services.graphql_queries, asked.query
    if text is not None and asked.sha256 is not None and hash_of(text) != asked.sha256:
        message = f"The query's SHA-256 is {hash_of(text)}, and not `sha256Hash`: send the hash of exactly this text."
        raise QueryRefused("persisted_query_mismatch", message)
    if services.settings.graphql_persisted_only:
        listed = queries.listed(asked.sha256 or hash_of(text or ""))
        if listed is None:
            message = "Only queries of this service's own list are answered, and this is none of them."
            raise QueryRefused("query_not_listed", message)
        return listed
    if text is None:
        text = await queries.find(asked.sha256 or "")
    if text is None:
        # The words that clients know: they send the query with its hash then.
        raise QueryRefused("persisted_query_not_found", "PersistedQueryNotFound")
    return text


def _raise_outage(found: list[GraphQLError]) -> None:
    """A statement that failed ends the snapshot, and is answered as at any other route."""
    for error in found:
        if isinstance(error.original_error, (DBAPIError, DatabaseAwayError)):
            raise error.original_error


def _refused(message: str, code: str, **said: Any) -> ResultOut:
    return ResultOut(data=None, errors=[ErrorOut(message=message, extensions={"code": code, **said})])


def _mistake(message: str) -> ErrorOut:
    return ErrorOut(message=message, extensions={"code": "query_invalid"})


def _told(error: GraphQLError) -> ErrorOut:
    """What went wrong in a query that was not refused; nothing of our own insides."""
    cause = error.original_error
    path = list(error.path) if error.path else None
    if isinstance(cause, AppError):
        return ErrorOut(message=cause.detail, path=path, extensions={"code": cause.code})
    if cause is None or isinstance(cause, GraphQLError):
        return ErrorOut(message=error.message, path=path, extensions={"code": "query_invalid"})
    log.error("graphql_failed", path=path, exc_info=cause)
    message = "This is our bug, not yours. It has been logged."
    return ErrorOut(message=message, path=path, extensions={"code": "internal_error"})
