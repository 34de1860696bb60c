"""POST /graphql: one query, measured before it is executed, answered from one snapshot."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from graphql import GraphQLError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError

from backend.errors import AppError, errors
from backend.graphql import cost
from backend.graphql.limits import MOST_ERRORS, SECONDS, QueryRefused
from backend.graphql.loaders import Reads
from backend.graphql.schema import schema
from backend.mirror import MirrorNotReady, open_snapshot
from backend.routing import Router
from backend.services import ServicesDep

log = structlog.get_logger(__name__)
router = Router(tags=["graphql"])
_EXAMPLE = "{ raffles(limit: 2) { items { id title state draw { seed } } nextCursor asOfBlock final } }"


class QueryIn(BaseModel):
    """A GraphQL request. A list of them is refused: one request, one query."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    query: str = Field(min_length=1, examples=[_EXAMPLE])
    variables: dict[str, Any] | None = Field(default=None, examples=[{}])
    operation_name: str | None = Field(default=None, alias="operationName", examples=[None])
    extensions: dict[str, Any] | None = Field(
        default=None, description="Nothing is read from it", examples=[None]
    )


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


@router.post("/graphql", summary="A GraphQL query over what is public", responses=errors(MirrorNotReady))
async def query(body: QueryIn, services: ServicesDep) -> ResultOut:
    """Raffles, tokens, vesting grants, proposals and contests as the other routes have them.

    A query that is too deep, wide or costly is refused before anything of it is executed.
    """
    found = schema(introspection=services.settings.is_local)
    try:
        document = cost.read(body.query)
        cost.check(found._schema, document, body.variables or {}, body.operation_name)
    except QueryRefused as refused:
        return _refused(str(refused), refused.code, **refused.said)
    except GraphQLError as error:
        return _refused(error.message, "query_malformed")
    try:
        async with asyncio.timeout(SECONDS), open_snapshot(services.engine) as mirror:
            result = await found.execute(
                body.query,
                variable_values=body.variables,
                context_value=Reads(mirror),
                operation_name=body.operation_name,
            )
            _raise_outage(result.errors or [])
    except TimeoutError:
        message = f"The query took longer than {SECONDS:g} seconds and was ended: ask for less at once."
        return _refused(message, "query_timeout", limit=SECONDS)
    said = [_told(error) for error in (result.errors or [])[:MOST_ERRORS]]
    return ResultOut(data=result.data, errors=said or None)


def _raise_outage(found: list[GraphQLError]) -> None:
    """A statement that failed ends the snapshot, and is answered as at any other route."""
    for error in found:
        if isinstance(error.original_error, DBAPIError):
            raise error.original_error


def _refused(message: str, code: str, **said: Any) -> ResultOut:
    return ResultOut(data=None, errors=[ErrorOut(message=message, extensions={"code": code, **said})])


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
