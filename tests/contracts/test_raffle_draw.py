"""From the close to the seed: requests, VRF words, drand, and what nobody can change."""

from typing import Any

import pytest

from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.winners import winners
from tests.contracts import quick_drand
from tests.contracts.conftest import ETHER
from tests.contracts.kit import (
    DAY,
    MARGIN,
    REVEAL_DELAY,
    RaffleKit,
    event,
    finalise,
    native_prize,
    no_vrf,
    pass_until,
    vrf_settings,
)
from tests.evm import reverts

OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = 1, 2, 3, 4, 5
REVERT, BURN_GAS, ANSWER_NOTHING, ANSWER_SAME, ANSWER_MUCH = range(5)


@pytest.fixture
def sold(kit: RaffleKit, buyer: Any, other_buyer: Any) -> int:
    """An open raffle: two prizes, five tickets in two entries."""
    raffle_id = kit.create(prizes=[native_prize(ETHER), native_prize(2 * ETHER)])
    kit.buy(raffle_id, buyer, 2)
    kit.buy(raffle_id, other_buyer, 3)
    return raffle_id


def test_request__sales_open__is_refused(raffle: Any, sold: int, stranger: Any) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=sold, state=OPEN):
        raffle.requestDraw(sold, sender=stranger)


def test_request__closed__fixes_everything_that_decides(
    kit: RaffleKit, raffle: Any, beacon: Any, coordinator: Any, sold: int, stranger: Any
) -> None:
    kit.close(sold)
    log = event(raffle.requestDraw(sold, sender=stranger), "DrawRequested")
    draw = raffle.drawOf(sold)
    assert draw.coordinator == coordinator
    assert draw.revealAt == draw.requestedAt + REVEAL_DELAY
    assert draw.vrfDeadline == draw.revealAt - MARGIN
    assert draw.round == beacon.roundAfter(draw.revealAt)
    assert (draw.n, draw.k, draw.commitment) == (5, 2, raffle.infoOf(sold).termsHash)
    for name in ("round", "revealAt", "vrfDeadline", "n", "k", "commitment", "coordinator"):
        assert getattr(log, name) == getattr(draw, name)
    assert log.vrfRequestId != 0
    assert raffle.stateOf(sold) == DRAWING


def test_request__sold_out_before_the_close__is_allowed(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create(maxTickets=2, minTickets=2)
    kit.buy(raffle_id, buyer, 2)
    raffle.requestDraw(raffle_id, sender=buyer)
    assert raffle.stateOf(raffle_id) == DRAWING


def test_request__second_time__is_refused(kit: RaffleKit, raffle: Any, sold: int, stranger: Any) -> None:
    kit.request(sold)
    with reverts(raffle.RaffleWrongState, state=DRAWING):
        raffle.requestDraw(sold, sender=stranger)


def test_request__undersold__is_refused(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create(minTickets=5)
    kit.buy(raffle_id, buyer, 4)
    kit.close(raffle_id)
    with reverts(raffle.RaffleWrongState, state=REFUNDING):
        raffle.requestDraw(raffle_id, sender=buyer)


def test_request__more_prizes_than_tickets__draws_a_rank_per_ticket(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create(prizes=[native_prize(1), native_prize(2), native_prize(3)])
    kit.buy(raffle_id, buyer, 2)
    kit.request(raffle_id)
    assert raffle.drawOf(raffle_id).k == 2


@pytest.mark.parametrize("fault", [REVERT, BURN_GAS, ANSWER_NOTHING])
def test_request__coordinator_fails__goes_on_with_drand_alone(
    kit: RaffleKit, raffle: Any, project: Any, owner: Any, sold: int, fault: int
) -> None:
    faulty = owner.deploy(project.FaultyCoordinator, fault)
    raffle.setVrfConfig(vrf_settings(faulty, 1), sender=owner)
    assert event(kit.request(sold), "DrawRequested").vrfRequestId == 0
    finalise(raffle, sold, kit.chain, owner)
    assert raffle.drawOf(sold).vrfWord == 0
    assert raffle.stateOf(sold) == DRAWN


def test_request__coordinator_answers_much__reads_one_word(
    kit: RaffleKit, raffle: Any, project: Any, owner: Any, sold: int
) -> None:
    faulty = owner.deploy(project.FaultyCoordinator, ANSWER_MUCH)
    raffle.setVrfConfig(vrf_settings(faulty, 1), sender=owner)
    assert event(kit.request(sold), "DrawRequested").vrfRequestId == 7


def test_request__coordinator_repeats_an_id__the_first_draw_keeps_it(
    kit: RaffleKit, raffle: Any, project: Any, owner: Any, buyer: Any, sold: int
) -> None:
    faulty = owner.deploy(project.FaultyCoordinator, ANSWER_SAME)
    raffle.setVrfConfig(vrf_settings(faulty, 1), sender=owner)
    other = kit.create(maxTickets=1)
    kit.buy(other, buyer)
    assert event(raffle.requestDraw(other, sender=buyer), "DrawRequested").vrfRequestId == 7
    assert event(kit.request(sold), "DrawRequested").vrfRequestId == 0


def test_request__gas_that_would_starve_the_coordinator__is_refused(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    kit.close(sold)
    with reverts(raffle.RandomnessGasTooLow):
        raffle.requestDraw(sold, sender=stranger, gas=300_000)


def test_request__no_coordinator__is_drand_alone(kit: RaffleKit, raffle: Any, owner: Any, sold: int) -> None:
    raffle.setVrfConfig(no_vrf(), sender=owner)
    log = event(kit.request(sold), "DrawRequested")
    assert (int(log.coordinator, 16), log.vrfRequestId) == (0, 0)


def request_id(receipt: Any) -> int:
    return int(event(receipt, "DrawRequested").vrfRequestId)


def test_vrf_word__in_time__is_part_of_the_seed(
    kit: RaffleKit, raffle: Any, coordinator: Any, sold: int, stranger: Any
) -> None:
    number = request_id(kit.request(sold))
    receipt = coordinator.fulfillRandomWordsWithOverride(number, raffle, [12345], sender=stranger)
    log = event(receipt, "VrfWordAccepted")
    assert (log.drawId, log.word) == (sold, 12345)
    receipt = finalise(raffle, sold, kit.chain, stranger)
    draw = raffle.drawOf(sold)
    drand = quick_drand.randomness_of(quick_drand.sign(draw.round))
    expected = draw_seed(
        chain_id=kit.chain.chain_id,
        contract=raffle.address,
        draw_id=sold,
        commitment=bytes(draw.commitment),
        n=5,
        randomness=randomness(12345, draw.round, drand),
    )
    assert bytes(draw.seed) == expected
    log = event(receipt, "DrawFinalised")
    assert (bytes(log.seed), log.vrfWord, bytes(log.drandRandomness)) == (expected, 12345, drand)
    assert raffle.winningNumbers(sold, 0, 2) == winners(expected, 5, 2)
    assert raffle.winningNumbers(sold, 1, 1) == winners(expected, 5, 2)[1:]


def test_vrf_word__at_the_cut_off__is_ignored(
    kit: RaffleKit, raffle: Any, coordinator: Any, sold: int, stranger: Any
) -> None:
    number = request_id(kit.request(sold))
    pass_until(kit.chain, raffle.drawOf(sold).vrfDeadline)
    receipt = coordinator.fulfillRandomWordsWithOverride(number, raffle, [12345], sender=stranger)
    assert event(receipt, "VrfWordIgnored").word == 12345
    assert event(receipt, "RandomWordsFulfilled").success
    assert raffle.drawOf(sold).vrfWord == 0


def test_vrf_word__just_before_the_cut_off__is_accepted(
    kit: RaffleKit, raffle: Any, coordinator: Any, sold: int, stranger: Any
) -> None:
    number = request_id(kit.request(sold))
    pass_until(kit.chain, raffle.drawOf(sold).vrfDeadline - 1)
    coordinator.fulfillRandomWordsWithOverride(number, raffle, [12345], sender=stranger)
    assert raffle.drawOf(sold).vrfWord == 12345


def test_vrf_word__from_anybody_else__is_refused(kit: RaffleKit, raffle: Any, sold: int, owner: Any) -> None:
    number = request_id(kit.request(sold))
    with reverts(raffle.RandomnessNotCoordinator, caller=owner.address):
        raffle.rawFulfillRandomWords(number, [1], sender=owner)


def test_vrf_word__from_a_coordinator_set_later__does_not_touch_the_draw(
    kit: RaffleKit, raffle: Any, project: Any, owner: Any, sold: int
) -> None:
    number = request_id(kit.request(sold))
    newer = owner.deploy(project.LeanCoordinator)
    raffle.setVrfConfig(vrf_settings(newer, 1), sender=owner)
    receipt = newer.deliver(raffle, number, 666, sender=owner)
    assert event(receipt, "VrfWordIgnored").word == 666
    assert raffle.drawOf(sold).vrfWord == 0


def test_vrf_word__from_the_recorded_coordinator_after_a_change__is_accepted(
    kit: RaffleKit, raffle: Any, coordinator: Any, owner: Any, sold: int
) -> None:
    number = request_id(kit.request(sold))
    raffle.setVrfConfig(no_vrf(), sender=owner)
    coordinator.fulfillRandomWordsWithOverride(number, raffle, [5], sender=owner)
    assert raffle.drawOf(sold).vrfWord == 5


def test_vrf_word__second_one__is_ignored(
    kit: RaffleKit, raffle: Any, project: Any, owner: Any, sold: int
) -> None:
    lean = owner.deploy(project.LeanCoordinator)
    raffle.setVrfConfig(vrf_settings(lean, 1), sender=owner)
    number = request_id(kit.request(sold))
    lean.deliver(raffle, number, 1, sender=owner)
    event(lean.deliver(raffle, number, 2, sender=owner), "VrfWordIgnored")
    event(lean.deliver(raffle, number + 1, 2, sender=owner), "VrfWordIgnored")
    assert raffle.drawOf(sold).vrfWord == 1


def test_finalise__not_requested__is_refused(raffle: Any, sold: int, stranger: Any) -> None:
    with reverts(raffle.DrawNotRequested, drawId=sold):
        raffle.finalise(sold, bytes(96), sender=stranger)


def test_finalise__before_the_reveal__is_refused(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    kit.request(sold)
    draw = raffle.drawOf(sold)
    pass_until(kit.chain, draw.revealAt)
    with reverts(raffle.DrawTooEarly, revealAt=draw.revealAt):
        raffle.finalise(sold, quick_drand.sign(draw.round), sender=stranger)


@pytest.mark.parametrize("offset", [-1, 1])
def test_finalise__round_beside_the_recorded_one__is_refused(
    kit: RaffleKit, raffle: Any, beacon: Any, sold: int, stranger: Any, offset: int
) -> None:
    kit.request(sold)
    draw = raffle.drawOf(sold)
    pass_until(kit.chain, draw.revealAt + 60)
    with reverts(beacon.DrandBeaconSignatureInvalid):
        raffle.finalise(sold, quick_drand.sign(draw.round + offset), sender=stranger)


def test_finalise__second_time__is_refused(kit: RaffleKit, raffle: Any, sold: int, stranger: Any) -> None:
    seed = kit.draw(sold)
    with reverts(raffle.DrawAlreadyFinal, drawId=sold):
        finalise(raffle, sold, kit.chain, stranger)
    assert bytes(raffle.drawOf(sold).seed) == seed


def test_winning_numbers__no_seed_or_beyond_k__is_refused(kit: RaffleKit, raffle: Any, sold: int) -> None:
    with reverts(raffle.DrawNotFinal, drawId=sold):
        raffle.winningNumbers(sold, 0, 1)
    kit.draw(sold)
    with reverts(raffle.DrawRanksUnknown, end=3, k=2):
        raffle.winningNumbers(sold, 2, 1)


def test_settings__not_the_owner__is_refused(raffle: Any, coordinator: Any, stranger: Any) -> None:
    with reverts(raffle.OwnableUnauthorizedAccount):
        raffle.setVrfConfig(no_vrf(), sender=stranger)
    with reverts(raffle.OwnableUnauthorizedAccount):
        raffle.setFee(0, stranger, sender=stranger)


def test_settings__coordinator_without_code__is_refused(raffle: Any, owner: Any, stranger: Any) -> None:
    with reverts(raffle.RandomnessCoordinatorInvalid, coordinator=stranger.address):
        raffle.setVrfConfig(vrf_settings(stranger, 1), sender=owner)


def test_settings__changed__are_what_future_draws_ask(
    raffle: Any, coordinator: Any, subscription: int, owner: Any
) -> None:
    raffle.setVrfConfig(vrf_settings(coordinator, subscription, gas=123_456), sender=owner)
    config = raffle.vrfConfig()
    assert (config.coordinator, config.subscriptionId, config.callbackGasLimit) == (
        coordinator,
        subscription,
        123_456,
    )


@pytest.mark.parametrize(("delay", "margin"), [(60, 60), (60, 61)])
def test_deploy__margin_leaves_vrf_no_time__is_refused(
    project: Any, owner: Any, beacon: Any, delay: int, margin: int
) -> None:
    with reverts(project.Contest.RandomnessDelayTooShort):
        owner.deploy(project.Contest, owner, beacon, delay, margin, no_vrf())


def test_deploy__no_refund_delay__is_refused(project: Any, owner: Any, beacon: Any, treasury: Any) -> None:
    with reverts(project.Raffle.RaffleRefundDelayTooShort):
        owner.deploy(project.Raffle, owner, beacon, 900, 60, no_vrf(), 0, 0, treasury)


def test_refunds__seed_missing__open_at_the_deadline_for_anyone(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any, buyer: Any
) -> None:
    kit.request(sold)
    due = raffle.drawOf(sold).revealAt + DAY
    assert raffle.refundDueAt(sold) == due
    pass_until(kit.chain, due - 1)
    with reverts(raffle.RaffleRefundsNotDue, dueAt=due):
        raffle.openRefunds(sold, sender=stranger)
    pass_until(kit.chain, due)
    log = event(raffle.openRefunds(sold, sender=stranger), "RefundsOpened")
    assert (log.seedMissing, log.ticketsSold) == (True, 5)
    with reverts(raffle.RaffleWrongState, state=REFUNDING):
        finalise(raffle, sold, kit.chain, stranger)
    held = buyer.balance
    raffle.refund(sold, 0, sender=stranger)
    assert buyer.balance - held == 2 * 10**17


def test_refunds__draw_never_requested__are_due_after_the_close(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    pass_until(kit.chain, raffle.infoOf(sold).closesAt + DAY)
    raffle.openRefunds(sold, sender=stranger)
    assert raffle.stateOf(sold) == REFUNDING


def test_refunds__seed_came_late_but_first__stays_drawn(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    kit.request(sold)
    pass_until(kit.chain, raffle.refundDueAt(sold) + DAY)
    finalise(raffle, sold, kit.chain, stranger)
    with reverts(raffle.RaffleWrongState, state=DRAWN):
        raffle.openRefunds(sold, sender=stranger)
