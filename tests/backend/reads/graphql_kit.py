"""Asking GraphQL in tests: everything a type has, what REST says of it, and what is sent to the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type
from httpx import AsyncClient
from sqlalchemy import event as sql_event

from backend.graphql.schema import schema
from backend.metrics.mirror import LOOK
from backend.services import Services
from tests.backend.reads.facts import ChainOfFacts, address, event, hash_of
from tests.backend.reads.stories import (
    draw_finalised,
    draw_requested,
    granted,
    plan_created,
    prize_claimed,
    proposal_created,
    raffle_created,
    tickets_bought,
    token_created,
    vote_cast,
    word_accepted,
)

URL = "/api/v1/graphql"
SCHEMA = schema(introspection=False)._schema
ANA, BEN, MEAD = address(0xB1), address(0xB2), address(0x70)


def tell(facts: ChainOfFacts) -> None:
    """Something of everything."""
    seed = hash_of("seed", 1)
    facts.block(token_created(MEAD), token_created(address(0x72), "BEE"))
    facts.block(
        *(raffle_created(number) for number in range(1, 8)),
        tickets_bought(0, 3, ANA, 0),
        tickets_bought(3, 4, BEN, 1),
        *(plan_created(number, MEAD) for number in (1, 2, 3)),
        *(granted(plan, index, ANA, 100) for plan in (1, 2, 3) for index in range(3)),
        event("Token", "Transfer", _at=MEAD, **{"from": address(0), "to": ANA, "value": 500}),
        event("Token", "Transfer", _at=MEAD, **{"from": ANA, "to": BEN, "value": 200}),
        event("Governor", "QuorumNumeratorUpdated", oldQuorumNumerator=0, newQuorumNumerator=4),
        proposal_created(1),
        proposal_created(2),
        vote_cast(1, ANA, 1, 7),
    )
    facts.block(draw_requested(7, 3), number=101)
    facts.block(word_accepted(5), draw_finalised(seed, 7, 3, word=5), final=2)
    facts.block(prize_claimed(1, BEN, 4))


async def ask(client: AsyncClient, query: str, **variables: Any) -> Any:
    answer = await client.post(URL, json={"query": query, "variables": variables or None})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def data(client: AsyncClient, query: str, **variables: Any) -> Any:
    """Of a query that succeeds."""
    found = await ask(client, query, **variables)
    assert found["errors"] is None, found["errors"]
    return found["data"]


def camel(value: Any) -> Any:
    """What REST says, in GraphQL's names."""
    if isinstance(value, dict):
        return {re.sub(r"_(\w)", lambda m: m[1].upper(), name): camel(one) for name, one in value.items()}
    return [camel(one) for one in value] if isinstance(value, list) else value


def everything(kind: str) -> str:
    """A selection of all fields of a type that need no argument and read nothing."""
    found = SCHEMA.get_type(kind)
    assert isinstance(found, GraphQLObjectType)
    return "{ " + " ".join(_selected(name, one) for name, one in found.fields.items()) + " }"


def _selected(name: str, one: GraphQLField) -> str:
    inner = get_named_type(one.type)
    if one.args or resolves(one):
        return ""
    return f"{name} {everything(inner.name)}" if isinstance(inner, GraphQLObjectType) else name


def resolves(one: GraphQLField) -> bool:
    """Whether a field is more than an attribute of what it is asked of."""
    return one.extensions["strawberry-definition"].base_resolver is not None


def without(found: Any, *names: str) -> Any:
    return {name: one for name, one in found.items() if name not in names}


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cu: Any, statement: str, *_: Any) -> None:
        if statement != LOOK.text:  # of the process's metrics, whenever they are due
            sent.append(statement)

    sql_event.listen(services.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sql_event.remove(services.engine.sync_engine, "before_cursor_execute", note)


async def rest(client: AsyncClient, path: str, **params: Any) -> Any:
    return camel((await client.get(f"/api/v1{path}", params=params)).json())
