"""Vesting: a grant whose beneficiary lost the key."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import (
    RECOVERY_COOLDOWN,
    RECOVERY_PERIOD,
    RECOVERY_WINDOW,
    YEAR,
    VestingKit,
)
from tests.evm import reverts

AMOUNT = 1_000


@pytest.fixture
def running(vestings: VestingKit, buyer: Any) -> int:
    return vestings.create((buyer, AMOUNT), start=vestings.now())


@pytest.fixture
def ready_at(vestings: VestingKit, running: int, stranger: Any) -> int:
    """A recovery that names the stranger; when the period is over."""
    receipt = vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    return int(event(receipt, "RecoveryProposed").readyAt)


def test_propose_recovery__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=7):
        vestings.vesting.proposeRecovery(7, stranger, sender=vestings.creator)


def test_propose_recovery__the_caller_is_not_the_creator__reverts_vesting_not_creator(
    vestings: VestingKit, running: int, stranger: Any, owner: Any, buyer: Any
) -> None:
    for caller in (stranger, owner, buyer):
        with reverts(vestings.vesting.VestingNotCreator, planId=running >> 64, caller=caller):
            vestings.vesting.proposeRecovery(running, stranger, sender=caller)


def test_propose_recovery__the_candidate_is_nobody__reverts_vesting_beneficiary_invalid(
    vestings: VestingKit, running: int
) -> None:
    with reverts(vestings.vesting.VestingBeneficiaryInvalid, beneficiary=ZERO):
        vestings.vesting.proposeRecovery(running, ZERO, sender=vestings.creator)


def test_propose_recovery__another_was_proposed_before__reverts_vesting_recovery_too_soon(
    vestings: VestingKit, running: int, ready_at: int, buyer: Any, stranger: Any
) -> None:
    vesting, again = vestings.vesting, ready_at + RECOVERY_COOLDOWN
    with reverts(vesting.VestingRecoveryTooSoon, grantId=running, **{"from": again}):
        vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    vesting.vetoRecovery(running, sender=buyer)
    vestings.chain.pending_timestamp = again - 1
    with reverts(vesting.VestingRecoveryTooSoon, grantId=running, **{"from": again}):
        vesting.proposeRecovery(running, stranger, sender=vestings.creator)


def test_propose_recovery__the_beneficiary_forbids_it__reverts_vesting_recovery_too_soon(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    receipt = vestings.vesting.forbidRecovery(running, sender=buyer)
    assert event(receipt, "RecoveryForbidden").grantId == running
    vestings.chain.warp(100 * YEAR)
    with reverts(vestings.vesting.VestingRecoveryTooSoon, grantId=running):
        vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)


def test_propose_recovery__the_cool_down_is_over__can_be_proposed_again(
    vestings: VestingKit, running: int, ready_at: int, other_buyer: Any
) -> None:
    vestings.chain.pending_timestamp = ready_at + RECOVERY_COOLDOWN
    receipt = vestings.vesting.proposeRecovery(running, other_buyer, sender=vestings.creator)
    assert vestings.vesting.proposalsOf(running)[1:] == (other_buyer, receipt.timestamp + RECOVERY_PERIOD)


def test_propose_recovery__the_creator_calls__begins_the_period(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    before = tuple(vestings.vesting.grantOf(running))
    receipt = vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    log, ready_at = event(receipt, "RecoveryProposed"), receipt.timestamp + RECOVERY_PERIOD
    assert (log.grantId, log.candidate, log.readyAt) == (running, stranger, ready_at)
    assert vestings.vesting.proposalsOf(running) == (ZERO, stranger, ready_at)
    assert tuple(vestings.vesting.grantOf(running)) == before
    vestings.chain.pending_timestamp = ready_at + RECOVERY_WINDOW
    vestings.chain.mine()
    assert vestings.vesting.proposalsOf(running) == (ZERO, ZERO, 0)


def test_veto_recovery__the_caller_is_not_the_beneficiary__reverts_vesting_not_beneficiary(
    vestings: VestingKit, running: int, ready_at: int, stranger: Any
) -> None:
    for caller in (stranger, vestings.creator):
        with reverts(vestings.vesting.VestingNotBeneficiary, grantId=running, caller=caller):
            vestings.vesting.vetoRecovery(running, sender=caller)


def test_veto_recovery__there_is_none__reverts_vesting_recovery_none(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingRecoveryNone, grantId=running):
        vestings.vesting.vetoRecovery(running, sender=buyer)


def test_veto_recovery__it_is_open__ends_it(
    vestings: VestingKit, running: int, ready_at: int, buyer: Any, stranger: Any, guardian: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    log = event(vestings.vesting.vetoRecovery(running, sender=buyer), "RecoveryVetoed")
    assert (log.grantId, log.candidate) == (running, stranger)
    assert vestings.vesting.proposalsOf(running) == (ZERO, ZERO, 0)
    with reverts(vestings.vesting.VestingRecoveryNone):
        vestings.vesting.vetoRecovery(running, sender=buyer)


def test_forbid_recovery__the_caller_is_not_the_beneficiary__reverts_vesting_not_beneficiary(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingNotBeneficiary, grantId=running, caller=stranger):
        vestings.vesting.forbidRecovery(running, sender=stranger)


def test_forbid_recovery__a_recovery_is_open__ends_it(
    vestings: VestingKit, running: int, ready_at: int, buyer: Any, stranger: Any
) -> None:
    receipt = vestings.vesting.forbidRecovery(running, sender=buyer)
    assert event(receipt, "RecoveryVetoed").candidate == stranger
    vestings.chain.pending_timestamp = ready_at
    with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=stranger):
        vestings.vesting.completeRecovery(running, sender=stranger)


def test_forbid_recovery__the_grant_goes_to_another__is_the_other_s_to_forbid(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    vestings.vesting.forbidRecovery(running, sender=buyer)
    vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer)
    vestings.vesting.acceptTransfer(running, sender=other_buyer)
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    assert vestings.vesting.proposalsOf(running)[1] == stranger


def test_forbid_recovery__the_grant_is_revoked__keeps_that(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    vestings.wait(running, 100 * DAY)
    vestings.vesting.revoke(running, sender=vestings.creator)
    before = tuple(vestings.vesting.grantOf(running))
    vestings.vesting.forbidRecovery(running, sender=buyer)
    assert tuple(vestings.vesting.grantOf(running)) == before


def test_complete_recovery__the_caller_is_not_the_candidate__reverts_vesting_not_proposed(
    vestings: VestingKit, running: int, ready_at: int, buyer: Any
) -> None:
    vestings.chain.pending_timestamp = ready_at
    for caller in (buyer, vestings.creator):
        with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=caller):
            vestings.vesting.completeRecovery(running, sender=caller)


@pytest.mark.parametrize("act", ["vetoRecovery", "releaseTo", "proposeTransfer", "delegate"])
def test_complete_recovery__it_was_vetoed__reverts_vesting_not_proposed(
    vestings: VestingKit, running: int, ready_at: int, buyer: Any, stranger: Any, act: str
) -> None:
    vestings.chain.pending_timestamp = ready_at
    arguments: dict[str, tuple[Any, ...]] = {
        "vetoRecovery": (running,),
        "releaseTo": (running, buyer),
        "proposeTransfer": (running, ZERO),
        "delegate": ([running], buyer),
    }
    getattr(vestings.vesting, act)(*arguments[act], sender=buyer)
    with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=stranger):
        vestings.vesting.completeRecovery(running, sender=stranger)


def test_complete_recovery__the_period_is_not_over__reverts_vesting_recovery_not_ready(
    vestings: VestingKit, running: int, ready_at: int, stranger: Any
) -> None:
    vestings.chain.pending_timestamp = ready_at - 1
    with reverts(vestings.vesting.VestingRecoveryNotReady, grantId=running, readyAt=ready_at):
        vestings.vesting.completeRecovery(running, sender=stranger)


def test_complete_recovery__the_window_is_over__reverts_vesting_recovery_expired(
    vestings: VestingKit, running: int, ready_at: int, stranger: Any
) -> None:
    vestings.chain.pending_timestamp = ready_at + RECOVERY_WINDOW
    with reverts(vestings.vesting.VestingRecoveryExpired, expiredAt=ready_at + RECOVERY_WINDOW):
        vestings.vesting.completeRecovery(running, sender=stranger)


@pytest.mark.parametrize("late", [0, RECOVERY_WINDOW - 1])
def test_complete_recovery__the_candidate_calls_in_time__takes_the_grant_over_with_what_it_was_not_paid(
    vestings: VestingKit, running: int, ready_at: int, stranger: Any, buyer: Any, late: int
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vestings.chain.pending_timestamp = ready_at + late
    log = event(vesting.completeRecovery(running, sender=stranger), "BeneficiaryChanged")
    assert (log.grantId, getattr(log, "from"), log.to) == (running, buyer, stranger)
    assert vesting.grantOf(running).beneficiary == stranger
    assert vesting.proposalsOf(running) == (ZERO, ZERO, 0)
    vestings.wait(running, YEAR)
    vesting.release(running, sender=buyer)
    assert token.balanceOf(stranger) == AMOUNT


def test_complete_recovery__the_grant_votes__takes_the_votes_away(
    vestings: VestingKit, running: int, stranger: Any, buyer: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vesting.delegate([running], buyer, sender=buyer)
    assert vesting.getVotes(token, buyer) == AMOUNT
    vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    assert vesting.getVotes(token, buyer) == AMOUNT
    vestings.chain.warp(RECOVERY_PERIOD)
    vesting.completeRecovery(running, sender=stranger)
    assert vesting.getVotes(token, buyer) == 0
    assert vesting.grantOf(running).delegatee == ZERO
