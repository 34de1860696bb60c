"""Contests as everybody sees them, whoever asks, and one with who was drawn."""

from __future__ import annotations

from uuid import UUID

import strawberry

from backend.contests import reveal, store
from backend.contests.errors import ContestNotFound
from backend.contests.schemas import ContestDetails, ContestSummary, ContestWinner
from backend.graphql.arguments import number, size
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, type_of
from backend.pages import DEFAULT_LIMIT, Page, page

LAST = 2**63 - 1
# What its owner alone is shown, and a map of counts and filters of many kinds, for which GraphQL has no type.
_LEAVE_OUT = ("mine", "failure", "intent_id", "counts", "filters")


async def _drawn(
    root: strawberry.Parent[ContestDetails],
    info: Info,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ContestWinner]:
    mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        _, fact = await store.visible(mirror.db, root.id, None)
        found = await reveal.winners(mirror.db, root.id, fact, limit=most + 1, after=after)
    return page(mirror, found, most, lambda one: one.rank)


async def _page(info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[ContestSummary]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    before = None if before is None else min(before, LAST)
    async with info.context.turn:
        found = await store.page(mirror.db, viewer=None, limit=most + 1, before=before)
    return page(mirror, found, most, lambda one: one.position)


async def _one(info: Info, id: UUID) -> ContestDetails | None:  # noqa: A002 - GraphQL's name
    db = info.context.mirror.db
    try:
        async with info.context.turn:
            row, fact = await store.visible(db, id, None)
            return await store.details(db, row, fact, None)
    except ContestNotFound:
        return None


_Details = type_of(
    ContestDetails,
    leave_out=_LEAVE_OUT,
    parts={
        "drawn": strawberry.field(
            _drawn,
            graphql_type=page_of(type_of(ContestWinner)),
            description="Winners, then alternates, by rank; a disqualified rank stays, with its reason",
        )
    },
)

FIELDS = {
    "contests": strawberry.field(
        _page,
        graphql_type=page_of(type_of(ContestSummary, name="Contest", leave_out=_LEAVE_OUT)),
        description="Those announced or opened on chain, newest first",
    ),
    "contest": strawberry.field(
        _one, graphql_type=_Details | None, description="Null where there is none to see"
    ),
}
