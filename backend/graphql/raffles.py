"""Raffles, and one with its entries and winners."""

from __future__ import annotations

import strawberry

from backend.graphql.arguments import address, number, required_number, size, word
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, type_of
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import raffles as reads
from listener.mirror.reads.raffles import Entry, Raffle, RaffleState, Winner


async def _entries(
    root: strawberry.Parent[Raffle],
    info: Info,
    buyer: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Entry]:
    mirror, most = info.context.mirror, size(limit)
    of, after = address("buyer", buyer), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.entries(mirror.db, int(root.id), limit=most + 1, buyer=of, after=after)
    return page(mirror, found, most, lambda one: int(one.first_ticket))


async def _winners(
    root: strawberry.Parent[Raffle], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Winner]:
    mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.winners(mirror.db, root, limit=most + 1, after=after)
    return page(mirror, found, most, lambda one: one.rank)


async def _page(
    info: Info,
    state: str | None = None,
    organiser: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Raffle]:
    mirror, most = info.context.mirror, size(limit)
    of, before = address("organiser", organiser), number("cursor", cursor)
    only = word("state", state, RaffleState)
    async with info.context.turn:
        found = await reads.page(
            mirror.db, mirror.as_of, limit=most + 1, state=only, organiser=of, before=before
        )
    return page(mirror, found, most, lambda one: int(one.id))


async def _one(info: Info, id: str) -> Raffle | None:  # noqa: A002 - GraphQL's name
    return await info.context.raffles.load(required_number("id", id))


_Details = type_of(
    Raffle,
    name="RaffleDetails",
    parts={
        "entries": strawberry.field(
            _entries, graphql_type=page_of(type_of(Entry)), description="Purchases in their order"
        ),
        "winners": strawberry.field(
            _winners, graphql_type=page_of(type_of(Winner)), description="By rank; empty until drawn"
        ),
    },
)

FIELDS = {
    "raffles": strawberry.field(_page, graphql_type=page_of(type_of(Raffle)), description="Newest first"),
    "raffle": strawberry.field(_one, graphql_type=_Details | None, description="Null where there is none"),
}
