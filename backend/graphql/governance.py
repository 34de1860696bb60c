"""Proposals, and one with its votes."""

from __future__ import annotations

import strawberry

from backend.graphql.arguments import address, number, required_address, required_number, size
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, type_of
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import governance as reads
from listener.mirror.reads.governance import Proposal, Vote

_VOTED_WITH = "`token` is the governor's: no event names it, and the quorum is a part of its supply"


async def _votes(
    root: strawberry.Parent[Proposal], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Vote]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.votes(mirror.db, limit=most + 1, proposal_id=int(root.id), before=before)
    return page(mirror, found, most, lambda one: one.position)


async def _page(
    info: Info,
    token: str,
    proposer: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Proposal]:
    mirror, most, voted_with = info.context.mirror, size(limit), required_address("token", token)
    of, before = address("proposer", proposer), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.proposals(
            mirror.db, mirror.as_of, token=voted_with, limit=most + 1, proposer=of, before=before
        )
    return page(mirror, found, most, lambda one: int(one.id))


async def _one(info: Info, id: str, token: str) -> Proposal | None:  # noqa: A002 - GraphQL's name
    mirror, wanted = info.context.mirror, required_number("id", id)
    voted_with = required_address("token", token)
    async with info.context.turn:
        return await reads.find(mirror.db, mirror.as_of, wanted, token=voted_with)


_Details = type_of(
    Proposal,
    name="ProposalDetails",
    parts={
        "votes": strawberry.field(_votes, graphql_type=page_of(type_of(Vote)), description="Newest first")
    },
)

FIELDS = {
    "proposals": strawberry.field(
        _page, graphql_type=page_of(type_of(Proposal)), description=f"Newest first. {_VOTED_WITH}"
    ),
    "proposal": strawberry.field(
        _one, graphql_type=_Details | None, description=f"Null where there is none. {_VOTED_WITH}"
    ),
}
