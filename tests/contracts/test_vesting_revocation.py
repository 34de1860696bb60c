"""Vesting: grants that end early, and plans that promise not to."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event, now
from tests.contracts.vesting_kit import YEAR, VestingKit
from tests.evm import reverts

AMOUNT = 1_000_000


@pytest.fixture
def running(vestings: VestingKit, buyer: Any, other_buyer: Any) -> int:
    return vestings.create((buyer, AMOUNT), (other_buyer, AMOUNT))


def test_revoke__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.revoke(running + 2, sender=vestings.creator)


def test_revoke__the_caller_is_not_the_creator__reverts_vesting_not_creator(
    vestings: VestingKit, running: int, buyer: Any, owner: Any, guardian: Any
) -> None:
    for caller in (buyer, owner, guardian):
        with reverts(vestings.vesting.VestingNotCreator, planId=running >> 64, caller=caller):
            vestings.vesting.revoke(running, sender=caller)


def test_revoke__the_plan_is_renounced__reverts_vesting_not_revocable(
    vestings: VestingKit, running: int
) -> None:
    vestings.vesting.renounceRevocation(running >> 64, sender=vestings.creator)
    with reverts(vestings.vesting.VestingNotRevocable, planId=running >> 64):
        vestings.vesting.revoke(running, sender=vestings.creator)


def test_revoke__it_was_revoked__reverts_vesting_already_revoked(vestings: VestingKit, running: int) -> None:
    vestings.wait(running, 100 * DAY)
    receipt = vestings.vesting.revoke(running, sender=vestings.creator)
    with reverts(vestings.vesting.VestingAlreadyRevoked, grantId=running, stopsAt=receipt.timestamp):
        vestings.vesting.revoke(running, sender=vestings.creator)


def test_revoke__all_is_vested__reverts_vesting_nothing_to_return(vestings: VestingKit, running: int) -> None:
    vestings.wait(running, YEAR)
    with reverts(vestings.vesting.VestingNothingToReturn, grantId=running):
        vestings.vesting.revoke(running, sender=vestings.creator)


def test_revoke__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, running: int, guardian: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    with reverts(vestings.vesting.VestingPaused):
        vestings.vesting.revoke(running, sender=vestings.creator)


def test_revoke__the_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.HookERC20)
    token.mint(vestings.creator, AMOUNT, sender=owner)
    token.approve(vestings.vesting, AMOUNT, sender=vestings.creator)
    grant_id = vestings.create((buyer, AMOUNT), token=token, start=vestings.now())
    vestings.wait(grant_id, 10)
    token.callBack(vestings.vesting, vestings.vesting.release.encode_input(grant_id), sender=owner)
    with reverts(vestings.vesting.ReentrancyGuardReentrantCall):
        vestings.vesting.revoke(grant_id, sender=vestings.creator)


@pytest.mark.parametrize("after", [-DAY // 2, 0, 90 * DAY - 1, 90 * DAY, 200 * DAY + 7, YEAR - 1])
@pytest.mark.parametrize("releases_before", [False, True])
def test_revoke__part_is_vested__returns_the_rest_and_leaves_what_is_releasable(
    vestings: VestingKit, running: int, buyer: Any, after: int, releases_before: bool
) -> None:
    vesting, token = vestings.vesting, vestings.token
    if releases_before and after > 0:
        vestings.wait(running, 0)
        vesting.release(running, sender=buyer)
    vestings.wait(running, after)
    held, own, booked = token.balanceOf(vestings.creator), token.balanceOf(buyer), vesting.booked(token)
    released = vesting.grantOf(running).released
    earned = vesting.vestedAmount(running, vestings.now())
    receipt = vesting.revoke(running, sender=vestings.creator)
    log = event(receipt, "Revoked")
    returned = token.balanceOf(vestings.creator) - held
    assert returned == log.returned == receipt.return_value == AMOUNT - earned
    assert (log.creator, log.stopsAt) == (vestings.creator, receipt.timestamp)
    assert booked - vesting.booked(token) == returned
    assert tuple(vesting.grantOf(running)) == (buyer, AMOUNT, released, returned, receipt.timestamp, ZERO)
    assert vesting.releasable(running) == earned - released
    for later in (0, DAY, 10 * YEAR):
        assert vesting.vestedAmount(running, receipt.timestamp + later) == earned
    vestings.chain.warp(2 * YEAR)
    if earned > released:
        vesting.release(running, sender=buyer)
    assert token.balanceOf(buyer) - own == earned - released
    vesting.release(running + 1, sender=buyer)
    assert token.balanceOf(vesting) == 0


def test_revoke__the_plan_has_tranches__returns_the_rest_and_leaves_what_is_releasable_by_them(
    vestings: VestingKit, buyer: Any
) -> None:
    start = vestings.now() + DAY
    tranches = [(start, 2_500), (start + 30 * DAY, 7_500), (start + 60 * DAY, 10_000)]
    receipt = vestings.vesting.createTranchePlan(
        ZERO, vestings.token, tranches, [(buyer, 1_000)], sender=vestings.creator
    )
    grant_id = receipt.return_value[1]
    vestings.wait(grant_id, 59 * DAY)
    assert vestings.vesting.revoke(grant_id, sender=vestings.creator).return_value == 250
    vestings.chain.warp(YEAR)
    assert vestings.vesting.releasable(grant_id) == 750


def test_revoke_at__somebody_else_than_the_creator_calls__reverts_vesting_not_creator(
    vestings: VestingKit, running: int, buyer: Any, owner: Any, guardian: Any
) -> None:
    for caller in (buyer, owner, guardian):
        with reverts(vestings.vesting.VestingNotCreator, planId=running >> 64, caller=caller):
            vestings.vesting.revokeAt(running, now(vestings.chain) + DAY, sender=caller)


def test_revoke_at__the_time_is_not_in_the_future__reverts_vesting_time_invalid(
    vestings: VestingKit, running: int
) -> None:
    for offset in (-DAY, 0):
        time = vestings.now() + offset
        with reverts(vestings.vesting.VestingTimeInvalid, time=time):
            vestings.vesting.revokeAt(running, time, sender=vestings.creator)


def test_revoke_at__the_time_cannot_be_kept__reverts_vesting_time_invalid(
    vestings: VestingKit, running: int
) -> None:
    with reverts(vestings.vesting.VestingTimeInvalid, time=2**40):
        vestings.vesting.revokeAt(running, 2**40, sender=vestings.creator)


def test_revoke_at__it_was_revoked__reverts_vesting_already_revoked(
    vestings: VestingKit, running: int
) -> None:
    time = vestings.now() + 30 * DAY
    vestings.vesting.revokeAt(running, time, sender=vestings.creator)
    for call in (
        lambda: vestings.vesting.revokeAt(running, time - 5, sender=vestings.creator),
        lambda: vestings.vesting.revoke(running, sender=vestings.creator),
    ):
        with reverts(vestings.vesting.VestingAlreadyRevoked, grantId=running, stopsAt=time):
            call()


def test_revoke_at__all_will_be_vested__reverts_vesting_nothing_to_return(
    vestings: VestingKit, running: int
) -> None:
    end = vestings.start_of(running) + YEAR
    for time in (end, 2**40 - 1):
        with reverts(vestings.vesting.VestingNothingToReturn, grantId=running):
            vestings.vesting.revokeAt(running, time, sender=vestings.creator)
    vestings.vesting.revokeAt(running, end - 1, sender=vestings.creator)


def test_revoke_at__the_time_is_in_the_future__goes_on_until_then(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    vesting, token, start = vestings.vesting, vestings.token, vestings.start_of(running)
    held, own, stops_at = token.balanceOf(vestings.creator), token.balanceOf(buyer), start + 200 * DAY
    before = [vesting.vestedAmount(running, start + day * DAY) for day in range(0, 201, 20)]
    receipt = vesting.revokeAt(running, stops_at, sender=vestings.creator)
    assert token.balanceOf(vestings.creator) - held == receipt.return_value == AMOUNT - before[-1]
    assert event(receipt, "Revoked").stopsAt == stops_at
    assert [vesting.vestedAmount(running, start + day * DAY) for day in range(0, 201, 20)] == before
    assert vesting.vestedAmount(running, start + YEAR) == before[-1]
    vestings.wait(running, 100 * DAY)
    vesting.release(running, sender=buyer)
    assert token.balanceOf(buyer) - own == before[5]
    vestings.wait(running, 300 * DAY)
    vesting.release(running, sender=buyer)
    assert token.balanceOf(buyer) - own == before[-1]


def test_renounce_revocation__the_plan_is_unknown__reverts_vesting_plan_unknown(
    vestings: VestingKit,
) -> None:
    with reverts(vestings.vesting.VestingPlanUnknown, planId=9):
        vestings.vesting.renounceRevocation(9, sender=vestings.creator)


def test_renounce_revocation__the_caller_is_not_the_creator__reverts_vesting_not_creator(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingNotCreator, planId=running >> 64, caller=stranger):
        vestings.vesting.renounceRevocation(running >> 64, sender=stranger)


def test_renounce_revocation__it_was_renounced__reverts_vesting_not_revocable(
    vestings: VestingKit, running: int
) -> None:
    vestings.vesting.renounceRevocation(running >> 64, sender=vestings.creator)
    with reverts(vestings.vesting.VestingNotRevocable, planId=running >> 64):
        vestings.vesting.renounceRevocation(running >> 64, sender=vestings.creator)


def test_renounce_revocation__the_creator_calls__is_for_good(vestings: VestingKit, running: int) -> None:
    vesting, plan_id = vestings.vesting, running >> 64
    before = vesting.planOf(plan_id)
    receipt = vesting.renounceRevocation(plan_id, sender=vestings.creator)
    assert event(receipt, "RevocationRenounced").planId == plan_id
    assert tuple(vesting.planOf(plan_id)) == (*tuple(before)[:3], False)
    with reverts(vesting.VestingNotRevocable, planId=plan_id):
        vesting.revokeAt(running, vestings.now() + DAY, sender=vestings.creator)
