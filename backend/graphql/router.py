"""POST /graphql: one query. GET /graphql: one that is known by its hash, so that caches can hold the answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from backend.errors import InvalidInput, errors
from backend.graphql.answers import Asked, ResultOut, answer
from backend.mirror import MirrorNotReady
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["graphql"])
FRESH_SECONDS = 5
"""How long a cache may hold the answer to a GET. It says of which block it is."""
_EXAMPLE = "{ raffles(limit: 2) { items { id title state draw { seed } } nextCursor asOfBlock final } }"
_SHA256 = "a22b12cbde964eda8564d57d30a46f1cf5ed51249169b490a66046eb8b49e526"
_Read = TypeVar("_Read")


class PersistedQueryIn(BaseModel):
    """Which query, by the SHA-256 of its text."""

    version: Literal[1] = Field(examples=[1])
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$", to_lower=True)] = Field(
        alias="sha256Hash", examples=[_SHA256]
    )


class ExtensionsIn(BaseModel):
    """As clients with automatic persisted queries send it; what else is in it is not read."""

    persisted_query: PersistedQueryIn | None = Field(default=None, alias="persistedQuery")


class QueryIn(BaseModel):
    """A GraphQL request. A list of them is refused: one request, one query."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    query: str | None = Field(
        default=None, min_length=1, description="Null for one that is known by its hash", examples=[_EXAMPLE]
    )
    variables: dict[str, Any] | None = Field(default=None, examples=[{}])
    operation_name: str | None = Field(default=None, alias="operationName", examples=[None])
    extensions: ExtensionsIn | None = Field(default=None, examples=[None])


_EXTENSIONS = TypeAdapter(ExtensionsIn)
_VARIABLES = TypeAdapter(dict[str, Any])


@router.post("/graphql", summary="A GraphQL query over what is public", responses=errors(MirrorNotReady))
async def query_graphql(body: QueryIn, services: ServicesDep) -> ResultOut:
    """Raffles, contests, tokens, vesting, governance, accounts and the proof of backing as the other routes have them.

    A query that is too deep, wide or costly is refused before anything of it is executed. With
    `extensions.persistedQuery` it is kept, and known by its hash from then on.
    """
    sha256 = _sha256(body.extensions)
    if body.query is None and sha256 is None:
        raise InvalidInput("body.query", "is missing, and so is extensions.persistedQuery: send one of them")
    return await answer(services, Asked(body.query, sha256, body.variables or {}, body.operation_name))


@router.get("/graphql", summary="A GraphQL query that is known by its hash", responses=errors(MirrorNotReady))
async def query_graphql_by_hash(
    services: ServicesDep,
    response: Response,
    extensions: Annotated[
        str,
        Query(
            max_length=1_000,
            description="JSON",
            examples=[f'{{"persistedQuery":{{"version":1,"sha256Hash":"{_SHA256}"}}}}'],
        ),
    ],
    variables: Annotated[str | None, Query(max_length=4_000, description="JSON", examples=["{}"])] = None,
    operation_name: Annotated[str | None, Query(max_length=200, alias="operationName")] = None,
    query: Annotated[str | None, Query(max_length=1, description="Not taken: send text by POST")] = None,
) -> ResultOut:
    """The same answer as by POST; caches may hold one without errors for 5 seconds."""
    if query is not None:
        raise InvalidInput("query", "is not taken in an address: send the text by POST, with its hash")
    sha256 = _sha256(_read(_EXTENSIONS, "extensions", extensions))
    if sha256 is None:
        raise InvalidInput("extensions", "has no persistedQuery: an address names a query by its hash")
    given = {} if variables is None else _read(_VARIABLES, "variables", variables)
    found = await answer(services, Asked(None, sha256, given, operation_name))
    if found.errors is None:
        response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return found


def _sha256(given: ExtensionsIn | None) -> str | None:
    return None if given is None or given.persisted_query is None else given.persisted_query.sha256


def _read(adapter: TypeAdapter[_Read], name: str, text: str) -> _Read:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (name, *first["loc"]))
        raise InvalidInput(where, str(first["msg"])) from None
