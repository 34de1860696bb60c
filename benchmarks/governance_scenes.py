"""What a proposal costs on its way: as deployed, with the factory's token, vesting, late quorum and guardian."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from tests.contracts.governance_kit import hand_over
from tests.contracts.kit import ZERO
from tests.contracts.token_kit import TokenKit

if TYPE_CHECKING:
    from benchmarks.gas_scenes import Scenes

DELAY, PERIOD, EXTENSION, WAIT = 100, 1_000, 100, 100
SUPPLY = 10**27
FOR = 1


def governance_scenes(scenes: Scenes) -> Iterator[tuple[str, int]]:
    """Gas by operation: a proposal of one small call, the voter a holder."""
    kit = TokenKit(scenes.project, scenes.factory, scenes.chain, scenes.deployer)
    token = kit.create(keccak(text="votes"), cap=SUPPLY, initialSupply=SUPPLY)
    # ape's contracts have a method `delegate` of their own.
    token.invoke_transaction("delegate", scenes.deployer, sender=scenes.deployer)
    for vesting, title in ((scenes.vesting, "first"), (ZERO, "first, without vesting")):
        costs = _walk(scenes, token, vesting)
        if vesting != ZERO:
            yield from costs.items()
        else:
            yield f"governor: vote, {title}", costs["governor: vote, first"]


def _walk(scenes: Scenes, token: Any, vesting: Any) -> dict[str, int]:
    """The four steps of a fresh governor's first proposal."""
    deployer, chain, project = scenes.deployer, scenes.chain, scenes.project
    timelock = deployer.deploy(project.Timelock, deployer)
    settings = (DELAY, PERIOD, EXTENSION, SUPPLY // 1_000, 4)
    governor = deployer.deploy(project.TombolaGovernor, token, vesting, timelock, scenes.buyer, settings)
    hand_over(timelock, governor, deployer, WAIT)
    factory = deployer.deploy(project.TokenFactory, timelock, timelock, scenes.vesting, 0, scenes.templates)
    what = ([factory], [0], [factory.setFee.encode_input(42, ZERO)])
    hashed = (*what, keccak(text="Proposal #1"))
    proposed = governor.propose(*what, "Proposal #1", sender=deployer)
    proposal = governor.getProposalId(*hashed)
    chain.pending_timestamp += DELAY
    voted = governor.castVote(proposal, FOR, sender=deployer)
    chain.pending_timestamp += PERIOD
    queued = governor.queue(*hashed, sender=deployer)
    chain.pending_timestamp += WAIT
    executed = governor.execute(*hashed, sender=deployer)
    return {
        "governor: propose": proposed.gas_used,
        "governor: vote, first": voted.gas_used,
        "governor: queue": queued.gas_used,
        "governor: execute": executed.gas_used,
    }
