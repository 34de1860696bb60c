"""Routes of governance."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from backend.chain import ChainUnavailable, ContractRefused, view
from backend.errors import NotFound, errors
from backend.governance import queries
from backend.governance.calls import interface_at, read_call
from backend.governance.content import ProposalNotFound, not_found
from backend.governance.schemas import CallOut, ProposalOut, SettingsOut, VoterOut
from backend.hexes import address_bytes, checksum, from_hex
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
from backend.services import Services, ServicesDep
from listener.mirror.reads import governance as reads
from listener.mirror.reads import tokens
from listener.mirror.reads.governance import Proposal, ProposalState, Vote

router = Router(prefix="/governance", tags=["governance"])

TokenFilter = Annotated[
    AddressFilter, Query(description="The governor's token; without it the governor is asked for its own")
]
_ASKED = (MirrorNotReady, ChainUnavailable, ContractRefused)


class NoGovernance(NotFound):
    """This deployment has no governor"""


@router.get("", summary="How proposals are decided", responses=errors(NoGovernance, *_ASKED))
async def read_settings(services: ServicesDep, mirror: Mirror, token: TokenFilter = None) -> SettingsOut:
    """The governor's and the timelock's settings, as their events told them last."""
    votes_with = await _token(services, token)
    addresses = services.contracts.registry.contracts
    timelock = services.contracts.address("Timelock") if "Timelock" in addresses else None
    found = await queries.settings(mirror, services.contracts.address("Governor"), timelock, votes_with)
    return single(mirror, SettingsOut, found)


@router.get("/proposals", summary="Proposals, newest first", responses=errors(NoGovernance, *_ASKED))
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
    votes_with = await _token(services, token)
    if state is None:
        found = await reads.proposals(
            mirror.db, mirror.as_of, token=votes_with, limit=limit + 1, proposer=proposer, before=cursor
        )
        return page(mirror, found, limit, lambda one: int(one.id))
    found, more = await queries.page_in_state(
        mirror, votes_with, state, limit=limit, proposer=proposer, before=cursor
    )
    answer = page(mirror, found, limit, lambda one: int(one.id))
    return answer.model_copy(update={"next_cursor": None if more is None else str(more)})


@router.get(
    "/proposals/{proposal_id}",
    summary="One proposal",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
async def read_proposal(
    proposal_id: ChainId, services: ServicesDep, mirror: Mirror, token: TokenFilter = None
) -> ProposalOut:
    """What it does in the words of the contracts, its votes, and what happened to it when."""
    found = await _existing(mirror, await _token(services, token), proposal_id)
    calls = await _calls(services, mirror, found)
    happened = await queries.moments(mirror, proposal_id)
    stands_for = {"as_of_block": mirror.as_of.block, "final": mirror.as_of.is_final([found])}
    return ProposalOut.model_validate({**dict(found), **stands_for, "calls": calls, "moments": happened})


@router.get(
    "/proposals/{proposal_id}/votes",
    summary="Votes on a proposal, newest first",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
async def list_votes(
    proposal_id: ChainId,
    services: ServicesDep,
    mirror: Mirror,
    token: TokenFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Vote]:
    """Each with its weight and reason."""
    await _existing(mirror, await _token(services, token), proposal_id)
    found = await reads.votes(mirror.db, limit=limit + 1, proposal_id=proposal_id, before=cursor)
    return page(mirror, found, limit, lambda vote: vote.position)


@router.get(
    "/voters/{address}",
    summary="What an account can vote with",
    responses=errors(NoGovernance, ProposalNotFound, *_ASKED),
)
async def read_voter(
    address: AddressPath,
    services: ServicesDep,
    mirror: Mirror,
    proposal_id: ChainIdFilter = None,
    token: TokenFilter = None,
) -> VoterOut:
    """Balance, delegation and votes of now; with a proposal also what its vote weighs there, and the vote it cast."""
    votes_with = await _token(services, token)
    proposal = None if proposal_id is None else await _existing(mirror, votes_with, proposal_id)
    return single(mirror, VoterOut, await queries.voter(mirror, votes_with, address, proposal))


async def _token(services: Services, asked: bytes | None) -> bytes:
    """Whose holders vote. No event tells it; the governor does, once and for all.

    Raises NoGovernance, ChainUnavailable.
    """
    if "Governor" not in services.contracts.registry.contracts:
        raise NoGovernance("This deployment has no governor: nothing is decided by votes here.")
    if asked is not None:
        return asked
    if services.governor_token is None:
        told = await view(services.rpc, services.contracts, "Governor", "token", [])
        services.governor_token = address_bytes(told)
    return services.governor_token


async def _existing(mirror: Snapshot, token: bytes, proposal_id: int) -> Proposal:
    found = await reads.find(mirror.db, mirror.as_of, proposal_id, token=token)
    if found is None:
        raise not_found(proposal_id, mirror.as_of.block)
    return found


async def _calls(services: Services, mirror: Snapshot, proposal: Proposal) -> list[CallOut]:
    # In the mirror's lists addresses are lower case; everywhere else they are checksummed.
    targets = [checksum(target) for target in proposal.targets]
    launched = {
        token.address: token
        for token in await tokens.by_address(mirror.db, {address_bytes(target) for target in targets})
    }
    calls = []
    for target, value, calldata in zip(targets, proposal.call_values, proposal.calldatas, strict=True):
        token = launched.get(target)
        interface = interface_at(services.contracts, target, is_token=token is not None)
        function, arguments = read_call(interface.abi, from_hex(calldata)) or (None, [])
        calls.append(
            CallOut(
                target=target,
                contract=interface.name,
                value=int(value),
                calldata=calldata,
                function=function,
                arguments=arguments,
                symbol=token.symbol if token else None,
                decimals=token.decimals if token else None,
            )
        )
    return calls
