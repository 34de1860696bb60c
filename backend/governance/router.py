"""Routes of governance."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from backend.caching.reads import kept
from backend.chain import ChainUnavailable, ContractRefused
from backend.errors import errors
from backend.governance import queries
from backend.governance.content import ProposalNotFound, not_found
from backend.governance.details import NoGovernance, calls_of, timelock_of, votes_with
from backend.governance.schemas import ProposalOut, SettingsOut, VoterOut
from backend.mirror import Mirror, MirrorNotReady, Snapshot
from backend.pages import (
    DEFAULT_LIMIT,
    AddressFilter,
    AddressPath,
    ChainId,
    ChainIdFilter,
    Cursor,
    Limit,
    Page,
    page,
    single,
)
from backend.routing import Router
from backend.services import ServicesDep
from listener.mirror.reads import governance as reads
from listener.mirror.reads.governance import Proposal, ProposalState, Vote

router = Router(prefix="/governance", tags=["governance"])

TokenFilter = Annotated[
    AddressFilter, Query(description="The governor's token; without it the governor is asked for its own")
]
_ASKED = (MirrorNotReady, ChainUnavailable, ContractRefused)


@router.get("", summary="How proposals are decided", responses=errors(NoGovernance, *_ASKED))
@kept
async def read_governance(services: ServicesDep, mirror: Mirror, token: TokenFilter = None) -> SettingsOut:
    """The governor's and the timelock's settings, as their events told them last."""
    whose = await votes_with(services, token)
    governor = services.contracts.address("Governor")
    found = await queries.settings(mirror, governor, timelock_of(services), whose)
    return single(mirror, SettingsOut, found)


@router.get("/proposals", summary="Proposals, newest first", responses=errors(NoGovernance, *_ASKED))
@kept
async def list_proposals(
    services: ServicesDep,
    mirror: Mirror,
    state: Annotated[ProposalState | None, Query(description="Only those in this state")] = None,
    proposer: AddressFilter = None,
    token: TokenFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Proposal]:
    """State is what the governor would say at the time of `as_of_block`. A page of one state may be short, or empty,
    although `next_cursor` says that there is more: so many proposals are searched at a time.
    """
    whose = await votes_with(services, token)
    if state is None:
        found = await reads.proposals(
            mirror.db, mirror.as_of, token=whose, limit=limit + 1, proposer=proposer, before=cursor
        )
        return page(mirror, found, limit, lambda one: int(one.id))
    found, more = await queries.page_in_state(
        mirror, whose, state, limit=limit, proposer=proposer, before=cursor
    )
    answer = page(mirror, found, limit, lambda one: int(one.id))
    return answer.model_copy(update={"next_cursor": None if more is None else str(more)})


@router.get(
    "/proposals/{proposal_id}",
    summary="One proposal",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
@kept
async def read_proposal(
    proposal_id: ChainId, services: ServicesDep, mirror: Mirror, token: TokenFilter = None
) -> ProposalOut:
    """What it does in the words of the contracts, its votes, and what happened to it when."""
    found = await _existing(mirror, await votes_with(services, token), proposal_id)
    calls = await calls_of(services, mirror, found)
    happened = await queries.moments(mirror, proposal_id)
    stands_for = {"as_of_block": mirror.as_of.block, "final": mirror.as_of.is_final([found])}
    return ProposalOut.model_validate({**dict(found), **stands_for, "calls": calls, "moments": happened})


@router.get(
    "/proposals/{proposal_id}/votes",
    summary="Votes on a proposal, newest first",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
@kept
async def list_votes(
    proposal_id: ChainId,
    services: ServicesDep,
    mirror: Mirror,
    token: TokenFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Vote]:
    """Each with its weight and reason."""
    await _existing(mirror, await votes_with(services, token), proposal_id)
    found = await reads.votes(mirror.db, limit=limit + 1, proposal_id=proposal_id, before=cursor)
    return page(mirror, found, limit, lambda vote: vote.position)


@router.get(
    "/voters/{address}",
    summary="What an account can vote with",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
@kept
async def read_voter(
    address: AddressPath,
    services: ServicesDep,
    mirror: Mirror,
    proposal_id: ChainIdFilter = None,
    token: TokenFilter = None,
) -> VoterOut:
    """Balance, delegation and votes of now; with a proposal also what its vote weighs there, and the vote it cast."""
    whose = await votes_with(services, token)
    proposal = None if proposal_id is None else await _existing(mirror, whose, proposal_id)
    return single(mirror, VoterOut, await queries.voter(mirror, whose, address, proposal))


async def _existing(mirror: Snapshot, token: bytes, proposal_id: int) -> Proposal:
    found = await reads.find(mirror.db, mirror.as_of, proposal_id, token=token)
    if found is None:
        raise not_found(proposal_id, mirror.as_of.block)
    return found
