"""Vesting: a grant goes to another beneficiary, in two steps."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import YEAR, VestingKit
from tests.evm import reverts

AMOUNT = 1_000


@pytest.fixture
def running(vestings: VestingKit, buyer: Any) -> int:
    return vestings.create((buyer, AMOUNT), start=vestings.now())


def test_propose_transfer__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=5):
        vestings.vesting.proposeTransfer(5, buyer, sender=buyer)


def test_propose_transfer__the_caller_is_not_the_beneficiary__reverts_vesting_not_beneficiary(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    for caller in (stranger, vestings.creator):
        with reverts(vestings.vesting.VestingNotBeneficiary, grantId=running, caller=caller):
            vestings.vesting.proposeTransfer(running, stranger, sender=caller)


def test_propose_transfer__a_recovery_is_open__ends_it(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any, other_buyer: Any
) -> None:
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    receipt = vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer)
    assert event(receipt, "RecoveryVetoed").candidate == stranger
    assert vestings.vesting.proposalsOf(running) == (other_buyer, ZERO, 0)


def test_propose_transfer__the_beneficiary_calls__offers_the_grant(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any
) -> None:
    log = event(vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer), "TransferProposed")
    assert (log.grantId, getattr(log, "from"), log.to) == (running, buyer, other_buyer)
    assert vestings.vesting.proposalsOf(running)[0] == other_buyer
    assert vestings.vesting.grantOf(running).beneficiary == buyer


def test_propose_transfer__it_is_offered_to_nobody__takes_the_offer_back(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any
) -> None:
    vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer)
    vestings.vesting.proposeTransfer(running, ZERO, sender=buyer)
    with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=other_buyer):
        vestings.vesting.acceptTransfer(running, sender=other_buyer)


def test_accept_transfer__nothing_was_offered_to_the_caller__reverts_vesting_not_proposed(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=stranger):
        vestings.vesting.acceptTransfer(running, sender=stranger)
    vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer)
    for caller in (stranger, buyer, vestings.creator):
        with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=caller):
            vestings.vesting.acceptTransfer(running, sender=caller)
    vestings.vesting.acceptTransfer(running, sender=other_buyer)
    with reverts(vestings.vesting.VestingNotProposed, grantId=running, caller=other_buyer):
        vestings.vesting.acceptTransfer(running, sender=other_buyer)


def test_accept_transfer__the_grant_was_offered__changes_the_beneficiary_and_nothing_else(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vestings.wait(running, 10)
    vesting.release(running, sender=buyer)
    before = tuple(vesting.grantOf(running))
    vested = [vesting.vestedAmount(running, vestings.start_of(running) + day * DAY) for day in range(366)]
    vesting.proposeTransfer(running, other_buyer, sender=buyer)
    log = event(vesting.acceptTransfer(running, sender=other_buyer), "BeneficiaryChanged")
    assert (log.grantId, getattr(log, "from"), log.to) == (running, buyer, other_buyer)
    assert tuple(vesting.grantOf(running)) == (other_buyer, *before[1:])
    after = [vesting.vestedAmount(running, vestings.start_of(running) + day * DAY) for day in range(366)]
    assert vested == after
    with reverts(vesting.VestingNotBeneficiary):
        vesting.releaseTo(running, buyer, sender=buyer)
    held = token.balanceOf(other_buyer)
    vestings.wait(running, YEAR)
    vesting.release(running, sender=buyer)
    assert token.balanceOf(other_buyer) - held == AMOUNT - before[2]


def test_accept_transfer__the_grant_is_revoked__keeps_that(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any
) -> None:
    vestings.wait(running, 100 * DAY)
    receipt = vestings.vesting.revoke(running, sender=vestings.creator)
    before = tuple(vestings.vesting.grantOf(running))
    vestings.vesting.proposeTransfer(running, other_buyer, sender=buyer)
    vestings.vesting.acceptTransfer(running, sender=other_buyer)
    assert tuple(vestings.vesting.grantOf(running)) == (other_buyer, *before[1:])
    with reverts(vestings.vesting.VestingAlreadyRevoked, stopsAt=receipt.timestamp):
        vestings.vesting.revoke(running, sender=vestings.creator)


def test_accept_transfer__the_grant_votes__takes_the_votes_away(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vestings.wait(running, 10)
    vesting.delegate([running], stranger, sender=buyer)
    vesting.release(running, sender=buyer)
    assert vesting.getVotes(token, stranger) == AMOUNT - AMOUNT // 10
    vesting.proposeTransfer(running, other_buyer, sender=buyer)
    vesting.acceptTransfer(running, sender=other_buyer)
    assert vesting.getVotes(token, stranger) == 0
    assert vesting.grantOf(running).delegatee == ZERO
    assert vesting.grantOf(running).released == AMOUNT // 10
    vesting.delegate([running], other_buyer, sender=other_buyer)
    assert vesting.getVotes(token, other_buyer) == AMOUNT - AMOUNT // 10


def test_proposals_of__nothing_is_proposed__is_empty(vestings: VestingKit, running: int) -> None:
    assert vestings.vesting.proposalsOf(running) == (ZERO, ZERO, 0)
