"""The schema: every noun's fields, and the block that all of an answer stands for.

A thing in a list has its own fields; what needs a list of its own (a raffle's entries, a token's holders) is had from
the thing alone, so that no list asks once for each of its items.
"""

from __future__ import annotations

from functools import cache

import strawberry
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection
from strawberry.types import ExecutionContext

from backend.graphql import accounts, backing, contests, governance, raffles, tokens, vesting
from backend.graphql.loaders import Info
from backend.graphql.models import config, type_of
from listener.mirror.reads.fields import Read


class Block(Read):
    """What an answer stands for."""

    block: int
    finalized: int | None


def _as_of(info: Info) -> Block:
    found = info.context.mirror.as_of
    return Block(block=found.block, finalized=found.finalized)


_NOUNS = (raffles, tokens, vesting, governance, contests, accounts, backing)
_FIELDS = {
    "as_of": strawberry.field(
        _as_of, graphql_type=type_of(Block), description="The last block of this answer: one for all of it"
    ),
    **{name: one for noun in _NOUNS for name, one in noun.FIELDS.items()},
}
_Query = strawberry.type(type("Query", (), dict(_FIELDS)))


class _Quiet(strawberry.Schema):
    """Errors are told by the route, which knows whose fault they are."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Say nothing here."""


@cache
def schema(*, introspection: bool) -> strawberry.Schema:
    """The schema; without introspection its errors do not name other fields either."""
    return _Quiet(
        query=_Query,
        config=config(suggestions=introspection),
        extensions=[] if introspection else [DisableIntrospection],
    )


def is_open(about: strawberry.Schema) -> bool:
    """Whether a schema tells about itself."""
    return about is schema(introspection=True)
