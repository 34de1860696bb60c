"""Contests as everybody sees them, whoever asks, and one with who was drawn."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.contests import reveal, store
from backend.contests.errors import ContestNotFound
from backend.contests.schemas import ContestDetails, ContestState, ContestSummary, ContestWinner
from backend.graphql.arguments import number, one_of, size
from backend.graphql.loaders import Info, final, known, read
from backend.graphql.models import page_of, part_of, type_of
from backend.pages import DEFAULT_LIMIT, Page, page

LAST = 2**63 - 1
_STATES: tuple[ContestState, ...] = get_args(ContestState)
_OWNERS = ("mine", "failure", "failed_by", "intent_id")
"""What its owner alone is shown."""


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


async def _page(
    info: Info, state: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ContestSummary]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    before, only = None if before is None else min(before, LAST), one_of("state", state, _STATES)
    async with info.context.turn:
        found = await store.page(mirror.db, viewer=None, limit=most + 1, state=only, before=before)
    return page(mirror, found, most, lambda one: one.position)


async def _one(info: Info, id: UUID) -> ContestDetails | None:  # noqa: A002 - GraphQL's name
    db = info.context.mirror.db
    try:
        async with info.context.turn:
            row, fact = await store.visible(db, id, None)
            return await store.details(db, row, fact, None)
    except ContestNotFound:
        return None


def _filters(root: strawberry.Parent[ContestDetails]) -> list[JSON]:
    return [JSON(one.model_dump(mode="json")) for one in root.filters]


def _bundle(root: strawberry.Parent[ContestDetails], info: Info) -> str | None:
    return None if root.contest_key is None else _address(info, root, "bundle")


def _certificate(root: strawberry.Parent[ContestDetails], info: Info) -> str | None:
    is_final = root.state == "completed" and info.context.mirror.as_of.is_final([root])
    return _address(info, root, "certificate.pdf") if is_final else None


def _address(info: Info, contest: ContestDetails, file: str) -> str:
    return f"{info.context.services.settings.site}/api/v1/contests/{contest.id}/{file}"


_Details = type_of(
    ContestDetails,
    leave_out=_OWNERS,
    parts={
        "final": final(),
        "filters": known(
            _filters, list[JSON], "Who counts, as REST has them; of some only the kind is public"
        ),
        "drawn": read(
            _drawn,
            page_of(part_of(ContestWinner)),
            "Winners, then alternates, by rank; a disqualified rank stays, with its reason",
        ),
        "bundle_url": known(
            _bundle, str | None, "Everything to verify the draw with; null before the list is committed"
        ),
        "certificate_url": known(
            _certificate, str | None, "The certificate of the draw (PDF); null until it is drawn and final"
        ),
    },
)
_Summary = type_of(ContestSummary, name="Contest", leave_out=_OWNERS)

FIELDS = {
    "contests": strawberry.field(
        _page,
        graphql_type=page_of(_Summary),
        description="Those announced or opened on chain, newest first",
    ),
    "contest": strawberry.field(
        _one, graphql_type=_Details | None, description="Null where there is none to see"
    ),
}
