"""How proposals are decided, proposals, one with its calls and votes, and what an account can vote with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from backend.governance import details, queries
from backend.governance.schemas import CallOut, MomentOut, Settings, Voter
from backend.graphql.arguments import address, number, required_address, required_number, size, word
from backend.graphql.loaders import Info, final, read
from backend.graphql.models import list_of, page_of, part_of, type_of
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import governance as reads
from listener.mirror.reads.governance import Proposal, ProposalState, Vote

_VOTED_WITH = "`token` is the governor's; without it the governor is asked for its own"


async def _votes(
    root: strawberry.Parent[Proposal], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Vote]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.votes(mirror.db, limit=most + 1, proposal_id=int(root.id), before=before)
    return page(mirror, found, most, lambda one: one.position)


async def _calls(root: strawberry.Parent[Proposal], info: Info) -> list[CallOut]:
    async with info.context.turn:
        return await details.calls_of(info.context.services, info.context.mirror, root)


async def _moments(root: strawberry.Parent[Proposal], info: Info) -> list[MomentOut]:
    async with info.context.turn:
        return await queries.moments(info.context.mirror, int(root.id))


async def _page(
    info: Info,
    token: str | None = None,
    state: str | None = None,
    proposer: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Proposal]:
    mirror, most, only = info.context.mirror, size(limit), word("state", state, ProposalState)
    of, before = address("proposer", proposer), number("cursor", cursor)
    whose = await details.votes_with(info.context.services, address("token", token))
    async with info.context.turn:
        if only is not None:
            found, more = await queries.page_in_state(
                mirror, whose, only, limit=most, proposer=of, before=before
            )
            shown = page(mirror, found, most, lambda one: int(one.id))
            return shown.model_copy(update={"next_cursor": None if more is None else str(more)})
        found = await reads.proposals(
            mirror.db, mirror.as_of, token=whose, limit=most + 1, proposer=of, before=before
        )
    return page(mirror, found, most, lambda one: int(one.id))


def _page_reads(arguments: Mapping[str, Any]) -> int:
    """Proposals are searched for a state: no index knows it."""
    return 1 if arguments.get("state") is None else 10


async def _one(info: Info, id: str, token: str | None = None) -> Proposal | None:  # noqa: A002 - GraphQL's name
    whose = await details.votes_with(info.context.services, address("token", token))
    return await _found(info, required_number("id", id), whose)


async def _settings(info: Info, token: str | None = None) -> Settings:
    mirror, services = info.context.mirror, info.context.services
    whose = await details.votes_with(services, address("token", token))
    governor, timelock = services.contracts.address("Governor"), details.timelock_of(services)
    async with info.context.turn:
        return await queries.settings(mirror, governor, timelock, whose)


async def _voter(
    info: Info, address: str, proposal_id: str | None = None, token: str | None = None
) -> Voter | None:
    account, wanted = required_address("address", address), number("proposalId", proposal_id)
    asked = None if token is None else required_address("token", token)
    whose = await details.votes_with(info.context.services, asked)
    proposal = None if wanted is None else await _found(info, wanted, whose)
    if wanted is not None and proposal is None:
        return None
    async with info.context.turn:
        return await queries.voter(info.context.mirror, whose, account, proposal)


async def _found(info: Info, proposal_id: int, token: bytes) -> Proposal | None:
    mirror = info.context.mirror
    async with info.context.turn:
        return await reads.find(mirror.db, mirror.as_of, proposal_id, token=token)


VOTES = page_of(part_of(Vote))
_Details = type_of(
    Proposal,
    name="ProposalDetails",
    parts={
        "final": final(),
        "votes": read(_votes, VOTES, "Newest first"),
        "calls": read(_calls, list_of(part_of(CallOut)), "What it does, in the words of the contracts"),
        "moments": read(_moments, list_of(part_of(MomentOut)), "What happened to it, in order"),
    },
)

FIELDS = {
    "governance": read(
        _settings,
        type_of(Settings, name="GovernanceSettings"),
        f"How proposals are decided. {_VOTED_WITH}",
        3,
    ),
    "proposals": read(
        _page,
        page_of(part_of(Proposal)),
        "Newest first. A page of one `state` may be short, or empty, although `nextCursor` says that there is more: "
        f"so many are searched at a time. {_VOTED_WITH}",
        _page_reads,
    ),
    "proposal": strawberry.field(
        _one, graphql_type=_Details | None, description=f"Null where there is none. {_VOTED_WITH}"
    ),
    "voter": read(
        _voter,
        part_of(Voter) | None,
        f"What an account can vote with; null where there is no such proposal. {_VOTED_WITH}",
        3,
    ),
}
