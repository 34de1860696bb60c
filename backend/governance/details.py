"""What a proposal is shown with, over REST and GraphQL: whose token votes, and what its calls mean."""

from __future__ import annotations

from backend.chain import view
from backend.errors import NotFound
from backend.governance.calls import interface_at, read_call
from backend.governance.schemas import CallOut
from backend.hexes import address_bytes, checksum, from_hex
from backend.mirror import Snapshot
from backend.services import Services
from listener.mirror.reads import tokens
from listener.mirror.reads.governance import Proposal


class NoGovernance(NotFound):
    """This deployment has no governor"""


async def votes_with(services: Services, asked: bytes | None) -> bytes:
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


async def calls_of(services: Services, mirror: Snapshot, proposal: Proposal) -> list[CallOut]:
    """What a proposal does, in the words of the contracts it calls."""
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


def timelock_of(services: Services) -> str | None:
    """Address of the timelock, where one is deployed."""
    addresses = services.contracts.registry.contracts
    return services.contracts.address("Timelock") if "Timelock" in addresses else None
