"""What vesting costs, behind its proxy, in OpenZeppelin's plain ERC-20, as the peers were measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eth_utils import keccak, to_checksum_address

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import YEAR, VestingKit, sign_release

if TYPE_CHECKING:
    from benchmarks.gas_scenes import Scenes

AMOUNT = 10**20
CAMPAIGN_LEAVES = 1_000


def vesting_scenes(scenes: Scenes) -> Iterator[tuple[str, int]]:
    """Gas by operation."""
    coin = scenes.deployer.deploy(scenes.project.TestERC20)
    coin.mint(scenes.deployer, 10**27, sender=scenes.deployer)
    coin.mint(scenes.buyer, 1, sender=scenes.deployer)
    coin.approve(scenes.vesting, 2**256 - 1, sender=scenes.deployer)
    kit = VestingKit(scenes.vesting, coin, scenes.chain, scenes.deployer)
    yield from _plans(scenes, kit)
    yield from _releases(scenes, kit)
    yield from _changes(scenes, kit)
    yield from _campaigns(scenes, kit)


def _create(scenes: Scenes, kit: VestingKit, **changes: Any) -> Any:
    """A plan under way with one grant, the receipt."""
    terms = {
        "start": scenes.chain.pending_timestamp - 100 * DAY,
        "cliff": 0,
        "step": 1,
        "unlock": 0,
    } | changes
    config = (kit.token, terms["start"], terms["cliff"], YEAR, terms["step"], terms["unlock"])
    return scenes.vesting.createPlanFor(ZERO, config, [(scenes.buyer, AMOUNT)], sender=scenes.deployer)


def _grant_of(receipt: Any) -> int:
    return int(event(receipt, "Granted").grantId)


def _plans(scenes: Scenes, kit: VestingKit) -> Iterator[tuple[str, int]]:
    yield "vesting: first plan with one grant", _create(scenes, kit).gas_used
    receipt = _create(scenes, kit)
    yield "vesting: plan with one grant", receipt.gas_used
    people = [to_checksum_address(keccak(index.to_bytes(4))[:20]) for index in range(100)]
    batch = scenes.vesting.grant(
        _grant_of(receipt) >> 64, [(person, AMOUNT) for person in people], sender=scenes.deployer
    )
    yield "vesting: grant, each of a batch of 100", batch.gas_used // 100


def _releases(scenes: Scenes, kit: VestingKit) -> Iterator[tuple[str, int]]:
    vesting, chain = scenes.vesting, scenes.chain
    grant_id = _grant_of(_create(scenes, kit))
    yield "vesting: release, first", vesting.release(grant_id, sender=scenes.deployer).gas_used
    chain.pending_timestamp += DAY
    yield "vesting: release, second", vesting.release(grant_id, sender=scenes.deployer).gas_used
    stepped = _grant_of(_create(scenes, kit, cliff=30 * DAY, step=DAY, unlock=1_000))
    vesting.release(stepped, sender=scenes.deployer)
    chain.pending_timestamp += DAY
    receipt = vesting.release(stepped, sender=scenes.deployer)
    yield "vesting: release with cliff, steps and unlock, second", receipt.gas_used
    deadline = chain.pending_timestamp + 7 * DAY
    chain.pending_timestamp += DAY
    signature = sign_release(vesting, scenes.buyer, grant_id, scenes.buyer, deadline)
    receipt = vesting.releaseBySig(grant_id, scenes.buyer, deadline, signature, sender=scenes.deployer)
    yield "vesting: release by signature", receipt.gas_used
    chain.pending_timestamp += DAY
    ids = [_grant_of(_create(scenes, kit)) for _ in range(20)]
    yield (
        "vesting: release many, each of 20",
        vesting.releaseMany(ids, sender=scenes.deployer).gas_used // 20,
    )


def _changes(scenes: Scenes, kit: VestingKit) -> Iterator[tuple[str, int]]:
    vesting, deployer, buyer = scenes.vesting, scenes.deployer, scenes.buyer
    first, second = (_grant_of(_create(scenes, kit)) for _ in range(2))
    # By name: `delegate` of ape's contracts is something else.
    for grant_id, order in ((first, "first"), (second, "later")):
        receipt = vesting.invoke_transaction("delegate", [grant_id], buyer, sender=buyer)
        yield f"vesting: delegate a grant, {order}", receipt.gas_used
    yield "vesting: release of a delegated grant", vesting.release(first, sender=deployer).gas_used
    yield "vesting: revoke", vesting.revoke(_grant_of(_create(scenes, kit)), sender=deployer).gas_used
    vesting.proposeTransfer(first, deployer, sender=buyer)
    yield (
        "vesting: accept the transfer of a delegated grant",
        vesting.acceptTransfer(first, sender=deployer).gas_used,
    )


def _campaigns(scenes: Scenes, kit: VestingKit) -> Iterator[tuple[str, int]]:
    plan_id = _grant_of(_create(scenes, kit)) >> 64
    leaves = [
        (to_checksum_address(keccak(text=f"recipient {index}")[:20]), AMOUNT)
        for index in range(CAMPAIGN_LEAVES)
    ]
    campaign = kit.campaign(plan_id, leaves)
    campaign.claim(scenes.vesting, 0, scenes.deployer)
    claimed = campaign.claim(scenes.vesting, 1, scenes.deployer)
    yield "vesting: claim from a campaign of 1,000", claimed.gas_used
