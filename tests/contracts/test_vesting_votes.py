"""Vesting: locked tokens vote."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import YEAR, VestingKit
from tests.evm import reverts

AMOUNT = 1_000_000


@pytest.fixture
def running(vestings: VestingKit, buyer: Any, other_buyer: Any) -> int:
    return vestings.create((buyer, AMOUNT), (buyer, 500), (other_buyer, 7), start=vestings.now())


def test_delegate__a_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 3):
        vestings.vesting.delegate([running, running + 3], buyer, sender=buyer)


def test_delegate__the_caller_is_not_the_beneficiary_of_all__reverts_vesting_not_beneficiary(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingNotBeneficiary, grantId=running + 2, caller=buyer):
        vestings.vesting.delegate([running, running + 1, running + 2], buyer, sender=buyer)


def test_delegate__a_recovery_is_open__ends_it(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    receipt = vestings.vesting.delegate([running], buyer, sender=buyer)
    assert event(receipt, "RecoveryVetoed").candidate == stranger


def test_delegate__nobody_voted_with_it__gives_the_unreleased_to_the_delegatee(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vestings.wait(running, 0)
    vesting.release(running, sender=buyer)
    assert vesting.getVotes(token, stranger) == 0
    receipt = vesting.delegate([running, running + 1], stranger, sender=buyer)
    assert vesting.getVotes(token, stranger) == AMOUNT * 9 // 10 + 500
    logs = [log for log in receipt.events if log.event_name == "GrantDelegated"]
    assert [(log.grantId, getattr(log, "from"), log.to) for log in logs] == [
        (running, ZERO, stranger),
        (running + 1, ZERO, stranger),
    ]
    moved = [log for log in receipt.events if log.event_name == "DelegateVotesChanged"]
    assert [(log.token, log.delegatee, log.previousVotes, log.newVotes) for log in moved] == [
        (token, stranger, 0, AMOUNT * 9 // 10),
        (token, stranger, AMOUNT * 9 // 10, AMOUNT * 9 // 10 + 500),
    ]
    grant = vesting.grantOf(running)
    assert (grant.delegatee, grant.released) == (stranger, AMOUNT // 10)


def test_delegate__another_voted_with_it__moves_the_votes(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any, other_buyer: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vesting.delegate([running], stranger, sender=buyer)
    vesting.delegate([running + 2], stranger, sender=other_buyer)
    receipt = vesting.delegate([running], buyer, sender=buyer)
    assert (vesting.getVotes(token, stranger), vesting.getVotes(token, buyer)) == (7, AMOUNT)
    log = event(receipt, "GrantDelegated")
    assert (getattr(log, "from"), log.to) == (stranger, buyer)
    again = vesting.delegate([running], buyer, sender=buyer)
    assert [log.event_name for log in again.events] == ["GrantDelegated"]
    assert vesting.getVotes(token, buyer) == AMOUNT


def test_delegate__it_is_taken_back__leaves_nobody_with_votes(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.vesting.delegate([running], stranger, sender=buyer)
    vestings.vesting.delegate([running], ZERO, sender=buyer)
    assert vestings.vesting.getVotes(vestings.token, stranger) == 0
    assert vestings.vesting.getVotes(vestings.token, ZERO) == 0
    assert vestings.vesting.grantOf(running).delegatee == ZERO


def test_delegate__the_grant_is_revoked__gives_what_is_kept(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting = vestings.vesting
    vestings.wait(running, 0)
    vesting.release(running, sender=buyer)
    stops_at = vestings.start_of(running) + 200 * DAY
    vesting.revokeAt(running, stops_at, sender=vestings.creator)
    vesting.delegate([running], stranger, sender=buyer)
    kept = vesting.vestedAmount(running, stops_at)
    assert vesting.getVotes(vestings.token, stranger) == kept - AMOUNT // 10


def test_get_votes__a_delegated_grant_is_released__falls_by_what_is_paid(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vesting.delegate([running], stranger, sender=buyer)
    for after in (0, 100 * DAY, 200 * DAY, YEAR):
        vestings.wait(running, after)
        vesting.releaseMany([running, running + 1, running + 2], sender=stranger)
        assert vesting.getVotes(token, stranger) == AMOUNT - vesting.grantOf(running).released
        assert vesting.grantOf(running).delegatee == stranger
    assert vesting.getVotes(token, stranger) == 0


def test_get_votes__a_delegated_grant_is_revoked__falls_by_what_is_returned(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vesting.delegate([running], stranger, sender=buyer)
    vestings.wait(running, 100 * DAY)
    returned = vesting.revoke(running, sender=vestings.creator).return_value
    assert 0 < returned < AMOUNT
    assert vesting.getVotes(token, stranger) == AMOUNT - returned == vesting.releasable(running)
    vesting.release(running, sender=stranger)
    assert vesting.getVotes(token, stranger) == 0


def test_get_votes__the_tokens_differ__keeps_them_apart(
    vestings: VestingKit, running: int, project: Any, owner: Any, buyer: Any
) -> None:
    other = owner.deploy(project.TestERC20)
    other.mint(vestings.creator, 10, sender=owner)
    other.approve(vestings.vesting, 10, sender=vestings.creator)
    elsewhere = vestings.create((buyer, 10), token=other)
    vestings.vesting.delegate([running, elsewhere], buyer, sender=buyer)
    assert vestings.vesting.getVotes(vestings.token, buyer) == AMOUNT
    assert vestings.vesting.getVotes(other, buyer) == 10


def test_get_votes__the_token_votes_too__stays_within_the_supply(
    vesting: Any, launched: Any, chain: Any, organiser: Any, buyer: Any
) -> None:
    kit = VestingKit(vesting, launched, chain, organiser)
    supply = launched.totalSupply()
    launched.approve(vesting, supply, sender=organiser)
    grant_id = kit.create((buyer, supply // 3), start=kit.now())
    for holder in (organiser, buyer):
        launched.delegate(holder, sender=holder)
    vesting.delegate([grant_id], buyer, sender=buyer)

    def votes() -> int:
        return sum(launched.getVotes(who) + vesting.getVotes(launched, who) for who in (organiser, buyer))

    assert votes() == supply
    for after in (0, 150 * DAY, YEAR):
        kit.wait(grant_id, after)
        vesting.release(grant_id, sender=buyer)
        assert votes() == supply
    assert launched.getVotes(vesting) == 0


def test_get_past_votes__the_time_is_not_over__reverts_vesting_future_lookup(
    vestings: VestingKit, buyer: Any
) -> None:
    vestings.chain.mine()
    present = vestings.now()
    for time in (present, present + 1, 2**48, 2**256 - 1):
        with reverts(vestings.vesting.VestingFutureLookup, timepoint=time):
            vestings.vesting.getPastVotes(vestings.token, buyer, time)


def test_get_past_votes__the_votes_moved_since__tells_those_of_then(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    first = vesting.delegate([running], stranger, sender=buyer).timestamp
    vestings.chain.warp(100)
    second = vesting.delegate([running + 1], stranger, sender=buyer).timestamp
    vestings.chain.warp(100)
    third = vesting.delegate([running, running + 1], ZERO, sender=buyer).timestamp
    vestings.chain.warp(100)
    vestings.chain.mine()
    expected = {
        0: 0,
        first - 1: 0,
        first: AMOUNT,
        second - 1: AMOUNT,
        second: AMOUNT + 500,
        third - 1: AMOUNT + 500,
        third: 0,
        third + 50: 0,
    }
    assert {time: vesting.getPastVotes(token, stranger, time) for time in expected} == expected
    assert vesting.getPastVotes(token, buyer, third) == 0
