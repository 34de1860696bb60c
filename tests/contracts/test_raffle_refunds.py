"""Refunds: when they open, and that every entry gets back what it paid, once."""

from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.kit import DAY, PRICE, ZERO, RaffleKit, event, finalise, no_vrf, pass_until
from tests.contracts.raffle_kit import (
    CENT,
    CLOSED,
    DRAWN,
    ETHER,
    NO_PERMIT,
    OPEN,
    REFUNDING,
    OptionsKit,
    purchase,
)
from tests.evm import reverts

ACCEPT, REFUSE, BURN_GAS, REENTER = range(4)
REVERT = 1


@pytest.fixture
def undersold(kit: RaffleKit, buyer: Any, other_buyer: Any) -> int:
    """Closed with six tickets in three entries (2, 1, 3; the middle one another buyer's), ten needed."""
    raffle_id = kit.create(minTickets=10)
    for holder, count in ((buyer, 2), (other_buyer, 1), (buyer, 3)):
        kit.buy(raffle_id, holder, count)
    kit.close(raffle_id)
    return raffle_id


@pytest.fixture
def waiting(kit: RaffleKit, buyer: Any) -> int:
    """Requested, two tickets in one entry."""
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer, 2)
    kit.request(raffle_id)
    return raffle_id


def test_open_refunds__the_raffle_was_undersold__says_so(raffle: Any, undersold: int, stranger: Any) -> None:
    log = event(raffle.openRefunds(undersold, sender=stranger), "RefundsOpened")
    assert (log.raffleId, log.seedMissing, log.ticketsSold, log.minTickets) == (undersold, False, 6, 10)


def test_open_refunds__the_seed_is_missing_at_the_deadline__opens_them_for_anyone(
    kit: RaffleKit, raffle: Any, waiting: int, stranger: Any
) -> None:
    pass_until(kit.chain, raffle.refundDueAt(waiting))
    log = event(raffle.openRefunds(waiting, sender=stranger), "RefundsOpened")
    assert (log.seedMissing, log.ticketsSold) == (True, 2)
    assert raffle.stateOf(waiting) == REFUNDING
    with reverts(raffle.RaffleWrongState, raffleId=waiting, state=REFUNDING):
        finalise(raffle, waiting, kit.chain, stranger)


def test_open_refunds__the_draw_was_never_requested__opens_them_after_the_close(
    kit: RaffleKit, raffle: Any, buyer: Any, stranger: Any
) -> None:
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    pass_until(kit.chain, raffle.infoOf(raffle_id).closesAt + DAY)
    raffle.openRefunds(raffle_id, sender=stranger)
    assert raffle.stateOf(raffle_id) == REFUNDING
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=REFUNDING):
        raffle.requestDraw(raffle_id, sender=stranger)


def test_open_refunds__the_deadline_is_not_reached__reverts_raffle_refunds_not_due(
    kit: RaffleKit, raffle: Any, waiting: int, stranger: Any, buyer: Any
) -> None:
    due = raffle.refundDueAt(waiting)
    pass_until(kit.chain, due - 1)
    with reverts(raffle.RaffleRefundsNotDue, raffleId=waiting, dueAt=due):
        raffle.openRefunds(waiting, sender=stranger)
    other = kit.create()
    kit.buy(other, buyer)
    kit.close(other)
    assert raffle.stateOf(other) == CLOSED
    with reverts(raffle.RaffleRefundsNotDue, raffleId=other, dueAt=raffle.refundDueAt(other)):
        raffle.openRefunds(other, sender=stranger)


def test_open_refunds__the_sale_is_open__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, organiser: Any
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.openRefunds(raffle_id, sender=organiser)


def test_open_refunds__the_seed_came__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, waiting: int, stranger: Any
) -> None:
    pass_until(kit.chain, raffle.refundDueAt(waiting) + DAY)
    finalise(raffle, waiting, kit.chain, stranger)
    with reverts(raffle.RaffleWrongState, raffleId=waiting, state=DRAWN):
        raffle.openRefunds(waiting, sender=stranger)


def test_open_refunds__they_are_open__reverts_raffle_wrong_state(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    raffle.openRefunds(undersold, sender=stranger)
    with reverts(raffle.RaffleWrongState, raffleId=undersold, state=REFUNDING):
        raffle.openRefunds(undersold, sender=stranger)


def test_open_refunds__no_raffle_has_the_number__reverts_raffle_wrong_state(
    raffle: Any, stranger: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=999, state=0):
        raffle.openRefunds(999, sender=stranger)


def test_refund_due_at__no_draw_was_requested__counts_from_the_close(kit: RaffleKit, raffle: Any) -> None:
    raffle_id = kit.create()
    assert raffle.refundDueAt(raffle_id) == raffle.infoOf(raffle_id).closesAt + DAY


def test_refund_due_at__a_draw_was_requested__counts_from_its_reveal(raffle: Any, waiting: int) -> None:
    assert raffle.refundDueAt(waiting) == raffle.drawOf(waiting).revealAt + DAY


def test_refund_due_at__the_raffle_is_unknown__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=5):
        raffle.refundDueAt(5)


def test_refund__the_raffle_was_undersold__pays_every_entry_once_and_opens_refunds(
    raffle: Any, undersold: int, stranger: Any, buyer: Any, other_buyer: Any
) -> None:
    had = buyer.balance, other_buyer.balance
    receipt = raffle.refund(undersold, 0, sender=stranger)
    assert [log.event_name for log in receipt.events] == ["RefundsOpened", "EntryRefunded"]
    log = event(receipt, "EntryRefunded")
    assert (log.raffleId, log.entryIndex, log.buyer, log.amount) == (undersold, 0, buyer, 2 * PRICE)
    assert [raffle.isRefunded(undersold, index) for index in range(3)] == [True, False, False]
    for index in (2, 1):
        receipt = raffle.refund(undersold, index, sender=stranger)
        assert [log.event_name for log in receipt.events] == ["EntryRefunded"]
    assert (buyer.balance - had[0], other_buyer.balance - had[1]) == (5 * PRICE, PRICE)
    assert raffle.balance == ETHER


def test_refund__refunds_were_opened_for_want_of_a_seed__pays_what_was_paid(
    kit: RaffleKit, raffle: Any, waiting: int, stranger: Any, buyer: Any
) -> None:
    pass_until(kit.chain, raffle.refundDueAt(waiting))
    raffle.openRefunds(waiting, sender=stranger)
    had = buyer.balance
    raffle.refund(waiting, 0, sender=stranger)
    assert buyer.balance - had == 2 * PRICE


def test_refund__the_raffle_is_in_a_token__pays_the_token(
    kit: RaffleKit, raffle: Any, coin: Any, buyer: Any, stranger: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin, minTickets=5)
    coin.approve(raffle, 3 * PRICE, sender=buyer)
    raffle.buyTickets(raffle_id, 3, buyer, sender=buyer)
    kit.close(raffle_id)
    had = coin.balanceOf(buyer)
    raffle.refund(raffle_id, 0, sender=stranger)
    assert coin.balanceOf(buyer) - had == 3 * PRICE


def test_refund__the_entry_was_refunded__reverts_raffle_already_refunded(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    raffle.refund(undersold, 1, sender=stranger)
    with reverts(raffle.RaffleAlreadyRefunded, raffleId=undersold, entryIndex=1):
        raffle.refund(undersold, 1, sender=stranger)


def test_refund__nobody_bought_the_entry__reverts_raffle_entry_unknown(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    for entry in (3, 2**32 - 1):
        with reverts(raffle.RaffleEntryUnknown, raffleId=undersold, entryIndex=entry):
            raffle.refund(undersold, entry, sender=stranger)


def test_refund__the_raffle_is_drawn__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, waiting: int, stranger: Any
) -> None:
    finalise(raffle, waiting, kit.chain, stranger)
    with reverts(raffle.RaffleWrongState, raffleId=waiting, state=DRAWN):
        raffle.refund(waiting, 0, sender=stranger)


def test_refund__the_raffle_is_unknown__reverts_raffle_unknown(raffle: Any, stranger: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=8):
        raffle.refund(8, 0, sender=stranger)


@pytest.fixture
def of_actor(kit: RaffleKit, raffle: Any, create_actor: Any, stranger: Any) -> tuple[int, Any]:
    """An undersold raffle: entry 0 is a contract's, entry 1 is not."""
    actor = create_actor()
    raffle_id = kit.create(minTickets=10)
    for holder in (actor, stranger):
        raffle.buyTickets(raffle_id, 1, holder, sender=stranger, value=PRICE)
    kit.close(raffle_id)
    return raffle_id, actor


@pytest.mark.parametrize("manner", [REFUSE, BURN_GAS])
def test_refund__the_buyer_refuses_pol__reverts_raffle_payout_failed(
    raffle: Any, of_actor: tuple[int, Any], stranger: Any, manner: int
) -> None:
    raffle_id, actor = of_actor
    actor.behave(manner, ZERO, b"", sender=stranger)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=PRICE):
        raffle.refund(raffle_id, 0, sender=stranger, gas=2_000_000)
    assert not raffle.isRefunded(raffle_id, 0)


def test_refund__one_buyer_refuses_pol__pays_all_the_others(
    raffle: Any, of_actor: tuple[int, Any], stranger: Any
) -> None:
    raffle_id, actor = of_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    had = stranger.balance
    raffle.refund(raffle_id, 1, sender=stranger)
    assert stranger.balance - had == PRICE


def test_refund__the_buyer_reenters__pays_once(raffle: Any, of_actor: tuple[int, Any], stranger: Any) -> None:
    raffle_id, actor = of_actor
    actor.behave(REENTER, raffle, raffle.refund.encode_input(raffle_id, 0), sender=stranger)
    raffle.refund(raffle_id, 0, sender=stranger)
    assert actor.answer() == keccak(text="ReentrancyGuardReentrantCall()")[:4]
    assert (actor.balance, raffle.balance) == (PRICE, ETHER + PRICE)


def test_refund__the_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    token = buyer.deploy(project.HookERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    raffle_id = kit.create(paymentToken=token, minTickets=5)
    for _ in range(2):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)
    kit.close(raffle_id)
    token.callBack(raffle, raffle.refund.encode_input(raffle_id, 1), sender=buyer)
    with reverts(raffle.ReentrancyGuardReentrantCall):
        raffle.refund(raffle_id, 0, sender=buyer)


@pytest.fixture
def in_dollars(options: OptionsKit, raffle: Any, buyer: Any) -> tuple[int, list[int]]:
    """An undersold raffle at a dollar, bought at three rates; what each entry paid."""
    raffle_id = options.in_dollars(minTickets=10)
    paid = []
    for answer in (25 * CENT, 51 * CENT, 7 * CENT):
        options.feed.update(answer, sender=buyer)
        receipt = raffle.buyTicketsWith(purchase(raffle_id, buyer), NO_PERMIT, sender=buyer, value=20 * ETHER)
        paid.append(event(receipt, "TicketsBought").paid)
    options.kit.close(raffle_id)
    return raffle_id, paid


def test_refund__the_feed_fails__pays_what_was_really_paid(
    options: OptionsKit, raffle: Any, buyer: Any, stranger: Any, in_dollars: tuple[int, list[int]]
) -> None:
    raffle_id, paid = in_dollars
    options.feed.behave(REVERT, sender=stranger)
    for index in (1, 0, 2):
        had = buyer.balance
        log = event(raffle.refund(raffle_id, index, sender=stranger), "EntryRefunded")
        assert log.amount == buyer.balance - had == paid[index]
    assert len(set(paid)) == 3


def test_refund__the_owner_changes_everything__pays_the_same(
    options: OptionsKit,
    raffle: Any,
    buyer: Any,
    owner: Any,
    stranger: Any,
    in_dollars: tuple[int, list[int]],
) -> None:
    raffle_id, paid = in_dollars
    raffle.setFee(1_000, stranger, sender=owner)
    raffle.setPriceFeed(ZERO, ZERO, 0, sender=owner)
    raffle.setVrfConfig(no_vrf(), sender=owner)
    raffle.renounceOwnership(sender=owner)
    had = buyer.balance
    raffle.refundMany(raffle_id, [0, 1, 2], sender=stranger)
    assert buyer.balance - had == sum(paid)


def test_refund_many__entries_are_of_one_buyer__pays_them_in_one_transfer(
    kit: RaffleKit, raffle: Any, coin: Any, buyer: Any, stranger: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin, minTickets=9)
    coin.approve(raffle, 6 * PRICE, sender=buyer)
    for count in (1, 2, 3):
        raffle.buyTickets(raffle_id, count, buyer, sender=buyer)
    kit.close(raffle_id)
    receipt = raffle.refundMany(raffle_id, [2, 0, 1], sender=stranger)
    assert [log.value for log in receipt.events if log.event_name == "Transfer"] == [6 * PRICE]
    refunded = [(log.entryIndex, log.amount) for log in receipt.events if log.event_name == "EntryRefunded"]
    assert refunded == [(2, 3 * PRICE), (0, PRICE), (1, 2 * PRICE)]


def test_refund_many__entries_are_of_several_buyers__pays_each(
    raffle: Any, undersold: int, stranger: Any, buyer: Any, other_buyer: Any
) -> None:
    had = buyer.balance, other_buyer.balance
    receipt = raffle.refundMany(undersold, [0, 1, 2], sender=stranger)
    assert (buyer.balance - had[0], other_buyer.balance - had[1]) == (5 * PRICE, PRICE)
    assert [log.event_name for log in receipt.events] == ["RefundsOpened", *["EntryRefunded"] * 3]


def test_refund_many__an_entry_comes_twice__reverts_raffle_already_refunded(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleAlreadyRefunded, raffleId=undersold, entryIndex=0):
        raffle.refundMany(undersold, [0, 1, 0], sender=stranger)


def test_refund_many__an_entry_does_not_exist__reverts_raffle_entry_unknown(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleEntryUnknown, raffleId=undersold, entryIndex=3):
        raffle.refundMany(undersold, [0, 3], sender=stranger)


def test_refund_many__a_buyer_refuses_its_pol__reverts_raffle_payout_failed(
    raffle: Any, of_actor: tuple[int, Any], stranger: Any
) -> None:
    raffle_id, actor = of_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=PRICE):
        raffle.refundMany(raffle_id, [0, 1], sender=stranger)
    raffle.refundMany(raffle_id, [1], sender=stranger)


def test_refund_many__the_raffle_still_sells__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.refundMany(raffle_id, [0], sender=buyer)


def test_refund_to__the_buyer_calls__pays_the_receiver(
    raffle: Any, undersold: int, stranger: Any, buyer: Any
) -> None:
    had = stranger.balance
    log = event(raffle.refundTo(undersold, 0, stranger, sender=buyer), "EntryRefunded")
    assert (log.buyer, log.amount) == (buyer, 2 * PRICE)
    assert stranger.balance - had == 2 * PRICE


def test_refund_to__the_caller_is_not_the_buyer__reverts_raffle_not_buyer(
    raffle: Any, undersold: int, stranger: Any, owner: Any, organiser: Any
) -> None:
    for caller in (stranger, owner, organiser):
        with reverts(raffle.RaffleNotBuyer, raffleId=undersold, entryIndex=0, caller=caller):
            raffle.refundTo(undersold, 0, caller, sender=caller)


def test_refund_to__the_receiver_is_nobody__reverts_raffle_receiver_missing(
    raffle: Any, undersold: int, buyer: Any
) -> None:
    with reverts(raffle.RaffleReceiverMissing):
        raffle.refundTo(undersold, 0, ZERO, sender=buyer)


def test_refund_to__the_buyer_refuses_pol_itself__still_gets_it_elsewhere(
    raffle: Any, of_actor: tuple[int, Any], stranger: Any
) -> None:
    raffle_id, actor = of_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    had = stranger.balance
    actor.execute(raffle, raffle.refundTo.encode_input(raffle_id, 0, stranger), sender=stranger)
    assert stranger.balance - had == PRICE


def test_refund_to__it_was_paid_back_before__reverts_raffle_already_refunded(
    raffle: Any, undersold: int, buyer: Any
) -> None:
    raffle.refund(undersold, 0, sender=buyer)
    with reverts(raffle.RaffleAlreadyRefunded, raffleId=undersold, entryIndex=0):
        raffle.refundTo(undersold, 0, buyer, sender=buyer)


def test_refund_to__there_is_no_such_entry__reverts_raffle_entry_unknown(
    raffle: Any, undersold: int, buyer: Any
) -> None:
    with reverts(raffle.RaffleEntryUnknown, raffleId=undersold, entryIndex=3):
        raffle.refundTo(undersold, 3, buyer, sender=buyer)


def test_refund_to__the_sale_is_open__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.refundTo(raffle_id, 0, buyer, sender=buyer)
