"""Vesting: its proxy, its owner, and what an upgrade leaves as it was."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import IMPLEMENTATION_SLOT, VestingKit, deploy_vesting
from tests.evm import reverts


@pytest.fixture
def implementation(vesting: Any, chain: Any, project: Any) -> Any:
    slot = chain.engine.storage(vesting.address, IMPLEMENTATION_SLOT)
    return project.Vesting.at("0x" + slot.to_bytes(32)[12:].hex())


def test_initialize__it_is_the_implementation__reverts_invalid_initialization(
    implementation: Any, stranger: Any
) -> None:
    with reverts("InvalidInitialization"):
        implementation.initialize(stranger, stranger, sender=stranger)
    assert implementation.owner() == ZERO


def test_initialize__it_was_called_before__reverts_invalid_initialization(vesting: Any, owner: Any) -> None:
    with reverts("InvalidInitialization"):
        vesting.initialize(owner, owner, sender=owner)


def test_initialize__the_owner_is_nobody__reverts_ownable_invalid_owner(
    project: Any, owner: Any, guardian: Any
) -> None:
    with reverts("OwnableInvalidOwner", owner=ZERO):
        deploy_vesting(project, owner, ZERO, guardian)


def test_initialize__it_is_a_new_proxy__knows_its_owner_and_guardian(
    project: Any, owner: Any, buyer: Any, stranger: Any
) -> None:
    vesting = deploy_vesting(project, owner, buyer, stranger)
    assert (vesting.owner(), vesting.guardian(), vesting.planCount()) == (buyer, stranger, 0)


def test_upgrade_to_and_call__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    vesting: Any, project: Any, owner: Any, stranger: Any, guardian: Any
) -> None:
    later = owner.deploy(project.TestVestingUpgrade)
    for caller in (stranger, guardian):
        with reverts("OwnableUnauthorizedAccount", account=caller):
            vesting.upgradeToAndCall(later, b"", sender=caller)


def test_upgrade_to_and_call__it_is_called_on_the_implementation__reverts_uups_unauthorized_call_context(
    implementation: Any, project: Any, owner: Any
) -> None:
    later = owner.deploy(project.TestVestingUpgrade)
    with reverts("UUPSUnauthorizedCallContext"):
        implementation.upgradeToAndCall(later, b"", sender=owner)


def test_upgrade_to_and_call__the_new_code_is_no_implementation__reverts_erc1967_invalid_implementation(
    vesting: Any, coin: Any, owner: Any
) -> None:
    with reverts("ERC1967InvalidImplementation", implementation=coin):
        vesting.upgradeToAndCall(coin, b"", sender=owner)


def _state(kit: VestingKit, grants: list[int]) -> list[Any]:
    """Everything that can be asked of these grants and their plans."""
    vesting = kit.vesting
    times = [kit.start_of(grants[0]) + day * DAY for day in range(-5, 370, 15)]
    told: list[Any] = [
        vesting.booked(kit.token),
        vesting.planCount(),
        vesting.getVotes(kit.token, kit.creator),
    ]
    for grant_id in grants:
        told += [vesting.planOf(grant_id >> 64), vesting.grantOf(grant_id), vesting.proposalsOf(grant_id)]
        told += [vesting.vestedAmount(grant_id, time) for time in times]
    return told


def test_upgrade_to_and_call__the_owner_calls__keeps_every_grant_and_curve(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    vesting = vestings.vesting
    first = vestings.create((buyer, 10**20), (other_buyer, 10**19), (buyer, 10**18))
    odd = vestings.create((buyer, 10**20 + 7), cliff=91 * DAY + 1, step=13)
    dated = vesting.createTranchePlan(
        ZERO,
        vestings.token,
        [(vestings.now() + DAY, 1_234), (vestings.now() + 99 * DAY, 10_000)],
        [(buyer, 999)],
        sender=vestings.creator,
    ).return_value[1]
    vestings.wait(first, 100 * DAY)
    vesting.releaseMany([first, odd, dated], sender=stranger)
    vesting.revoke(first + 1, sender=vestings.creator)
    vesting.delegate([first + 2, odd], vestings.creator, sender=buyer)
    vesting.proposeTransfer(first, stranger, sender=buyer)
    campaign = vestings.campaign(odd >> 64, [(buyer, 5), (stranger, 6)])
    campaign.claim(vesting, 0, stranger)
    grants = [first, first + 1, first + 2, odd, odd + 1, dated]
    before = _state(vestings, grants)
    later = owner.deploy(project.TestVestingUpgrade)
    log = event(vesting.upgradeToAndCall(later, b"", sender=owner), "Upgraded")
    assert log.implementation == later
    assert project.TestVestingUpgrade.at(vesting.address).version() == 2
    assert _state(vestings, grants) == before
    campaign.claim(vesting, 1, stranger)
    vestings.chain.warp(DAY)
    vesting.release(first, sender=stranger)


def test_upgrade_to_and_call__vesting_is_paused__stays_paused(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any, guardian: Any
) -> None:
    grant_id = vestings.create((buyer, 10**20), start=vestings.now())
    until = vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    later = owner.deploy(project.TestVestingUpgrade)
    vestings.vesting.upgradeToAndCall(later, b"", sender=owner)
    with reverts(vestings.vesting.VestingPaused, until=until):
        vestings.vesting.release(grant_id, sender=buyer)
    vestings.chain.pending_timestamp = until
    vestings.vesting.release(grant_id, sender=buyer)
    slot = vestings.chain.engine.storage(vestings.vesting.address, IMPLEMENTATION_SLOT)
    assert slot == int(later.address, 16)


def test_proxiable_uuid__it_is_called_on_the_implementation__is_the_slot_of_erc_1967(
    implementation: Any,
) -> None:
    assert int.from_bytes(implementation.proxiableUUID()) == IMPLEMENTATION_SLOT


def test_proxiable_uuid__it_is_called_through_the_proxy__reverts_uups_unauthorized_call_context(
    vesting: Any,
) -> None:
    with reverts("UUPSUnauthorizedCallContext"):
        vesting.proxiableUUID()


def test_upgrade_interface_version__is_open_zeppelin_s(vesting: Any) -> None:
    assert vesting.UPGRADE_INTERFACE_VERSION() == "5.0.0"


def test_owner__is_the_one_of_the_deployment(vesting: Any, owner: Any) -> None:
    assert (vesting.owner(), vesting.pendingOwner()) == (owner, ZERO)


def test_transfer_ownership__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    vesting: Any, stranger: Any
) -> None:
    with reverts("OwnableUnauthorizedAccount", account=stranger):
        vesting.transferOwnership(stranger, sender=stranger)


def test_transfer_ownership__another_accepts__reverts_ownable_unauthorized_account(
    vesting: Any, owner: Any, buyer: Any, stranger: Any
) -> None:
    vesting.transferOwnership(buyer, sender=owner)
    with reverts("OwnableUnauthorizedAccount", account=stranger):
        vesting.acceptOwnership(sender=stranger)


def test_transfer_ownership__the_named_one_accepts__changes_the_owner(
    vesting: Any, owner: Any, buyer: Any
) -> None:
    vesting.transferOwnership(buyer, sender=owner)
    assert (vesting.owner(), vesting.pendingOwner()) == (owner, buyer)
    vesting.acceptOwnership(sender=buyer)
    assert (vesting.owner(), vesting.pendingOwner()) == (buyer, ZERO)


def test_renounce_ownership__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    vesting: Any, stranger: Any
) -> None:
    with reverts("OwnableUnauthorizedAccount", account=stranger):
        vesting.renounceOwnership(sender=stranger)


def test_renounce_ownership__the_owner_calls__leaves_nobody_to_upgrade(
    vesting: Any, project: Any, owner: Any
) -> None:
    vesting.renounceOwnership(sender=owner)
    later = owner.deploy(project.TestVestingUpgrade)
    with reverts("OwnableUnauthorizedAccount", account=owner):
        vesting.upgradeToAndCall(later, b"", sender=owner)
