"""Vesting: the emergency brake."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import (
    IMPLEMENTATION_SLOT,
    MOST_PAUSE,
    PAUSE_COOLDOWN,
    YEAR,
    VestingKit,
)
from tests.evm import reverts

AMOUNT = 1_000_000


@pytest.fixture
def running(vestings: VestingKit, buyer: Any) -> int:
    grant_id = vestings.create((buyer, AMOUNT), start=vestings.now())
    vestings.wait(grant_id, 100 * DAY)
    return grant_id


def test_pause_until__the_caller_is_not_the_guardian__reverts_vesting_not_guardian(
    vestings: VestingKit, owner: Any, stranger: Any
) -> None:
    for caller in (owner, stranger, vestings.creator):
        with reverts(vestings.vesting.VestingNotGuardian, caller=caller):
            vestings.vesting.pauseUntil(vestings.now() + DAY, sender=caller)


def test_pause_until__the_end_is_in_the_past__reverts_vesting_pause_invalid(
    vestings: VestingKit, guardian: Any
) -> None:
    time = vestings.now()
    with reverts(vestings.vesting.VestingPauseInvalid, until=time - 1, latest=time + MOST_PAUSE):
        vestings.vesting.pauseUntil(time - 1, sender=guardian)


def test_pause_until__it_is_too_long__reverts_vesting_pause_invalid(
    vestings: VestingKit, guardian: Any
) -> None:
    latest = vestings.now() + MOST_PAUSE
    with reverts(vestings.vesting.VestingPauseInvalid, until=latest + 1, latest=latest):
        vestings.vesting.pauseUntil(latest + 1, sender=guardian)
    latest = vestings.now() + MOST_PAUSE
    vestings.vesting.pauseUntil(latest, sender=guardian)


def test_pause_until__another_has_just_ended__reverts_vesting_pause_too_soon(
    vestings: VestingKit, guardian: Any
) -> None:
    until = vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    for time in (until, until + PAUSE_COOLDOWN - 1):
        vestings.chain.pending_timestamp = time
        with reverts(vestings.vesting.VestingPauseTooSoon, **{"from": until + PAUSE_COOLDOWN}):
            vestings.vesting.pauseUntil(time + DAY, sender=guardian)
    vestings.chain.pending_timestamp = until + PAUSE_COOLDOWN
    receipt = vestings.vesting.pauseUntil(until + PAUSE_COOLDOWN + DAY, sender=guardian)
    assert vestings.vesting.lastPause() == (receipt.timestamp, until + PAUSE_COOLDOWN + DAY)


def test_pause_until__it_is_running__can_be_moved_but_not_past_seven_days(
    vestings: VestingKit, running: int, guardian: Any
) -> None:
    begun = vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian).timestamp
    vestings.chain.pending_timestamp = begun + DAY - 10
    receipt = vestings.vesting.pauseUntil(begun + MOST_PAUSE, sender=guardian)
    log = event(receipt, "PauseChanged")
    assert (getattr(log, "from"), log.until) == (begun, begun + MOST_PAUSE)
    vestings.chain.pending_timestamp = begun + MOST_PAUSE - 5
    with reverts(vestings.vesting.VestingPauseInvalid, latest=begun + MOST_PAUSE):
        vestings.vesting.pauseUntil(begun + MOST_PAUSE + 1, sender=guardian)
    with reverts(vestings.vesting.VestingPaused, until=begun + MOST_PAUSE):
        vestings.vesting.release(running, sender=guardian)


def test_pause_until__it_is_ended_early__lets_everything_go_on(
    vestings: VestingKit, running: int, guardian: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    now = vestings.now()
    vestings.vesting.pauseUntil(now, sender=guardian)
    assert vestings.vesting.lastPause()[1] == now
    vestings.vesting.release(running, sender=guardian)
    with reverts(vestings.vesting.VestingPauseTooSoon):
        vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)


def test_pause_until__its_time_has_come__ends_by_itself(
    vestings: VestingKit, running: int, guardian: Any, buyer: Any
) -> None:
    vesting, chain = vestings.vesting, vestings.chain
    implementation = chain.engine.storage(vesting.address, IMPLEMENTATION_SLOT)
    until = vestings.now() + DAY
    vesting.pauseUntil(until, sender=guardian)
    chain.pending_timestamp = until - 1
    with reverts(vesting.VestingPaused, until=until):
        vesting.release(running, sender=buyer)
    chain.pending_timestamp = until
    vesting.release(running, sender=buyer)
    assert chain.engine.storage(vesting.address, IMPLEMENTATION_SLOT) == implementation
    chain.warp(DAY)
    vesting.release(running, sender=buyer)


def test_pause_until__it_is_running_and_time_passes__leaves_curves_votes_and_vetoes_alone(
    vestings: VestingKit, running: int, guardian: Any, buyer: Any, stranger: Any
) -> None:
    vesting = vestings.vesting
    vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    times = [vestings.start_of(running) + YEAR * part // 7 for part in range(9)]
    before = [vesting.vestedAmount(running, time) for time in times]
    vesting.pauseUntil(vestings.now() + MOST_PAUSE, sender=guardian)
    assert [vesting.vestedAmount(running, time) for time in times] == before
    vesting.vetoRecovery(running, sender=buyer)
    vesting.delegate([running], stranger, sender=buyer)
    assert vesting.getVotes(vestings.token, stranger) == AMOUNT
    vesting.proposeTransfer(running, stranger, sender=buyer)
    vesting.acceptTransfer(running, sender=stranger)
    vesting.renounceRevocation(running >> 64, sender=vestings.creator)
    vestings.empty_plan()


def test_set_guardian__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    vesting: Any, guardian: Any
) -> None:
    with reverts("OwnableUnauthorizedAccount", account=guardian):
        vesting.setGuardian(guardian, sender=guardian)


def test_set_guardian__the_owner_calls__changes_who_may_pause(
    vestings: VestingKit, owner: Any, guardian: Any, stranger: Any
) -> None:
    log = event(vestings.vesting.setGuardian(stranger, sender=owner), "GuardianChanged")
    assert log.guardian == vestings.vesting.guardian() == stranger
    with reverts(vestings.vesting.VestingNotGuardian, caller=guardian):
        vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=stranger)
    vestings.vesting.setGuardian(ZERO, sender=owner)
    with reverts(vestings.vesting.VestingNotGuardian, caller=stranger):
        vestings.vesting.pauseUntil(vestings.now() + DAY, sender=stranger)


def test_guardian__is_the_one_of_the_deployment(vesting: Any, guardian: Any) -> None:
    assert vesting.guardian() == guardian


def test_last_pause__there_was_none__is_zero(vesting: Any) -> None:
    assert vesting.lastPause() == (0, 0)
