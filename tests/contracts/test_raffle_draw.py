"""From the close to the seed: requests, VRF words, drand, and what nobody can change."""

from typing import Any

import pytest

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
)
from tests.evm import reverts

OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = 1, 2, 3, 4, 5


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


def test_settings__not_the_owner__is_refused(raffle: Any, coordinator: Any, stranger: Any) -> None:
    with reverts(raffle.OwnableUnauthorizedAccount):
        raffle.setVrfConfig(no_vrf(), sender=stranger)
    with reverts(raffle.OwnableUnauthorizedAccount):
        raffle.setFee(0, stranger, sender=stranger)


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
