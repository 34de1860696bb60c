"""Buying tickets at a price in POL or in a token."""

from typing import Any

import pytest

from tests.contracts.kit import PRICE, ZERO, RaffleKit, event, now, sign_permit
from tests.contracts.raffle_kit import CLOSED, ETHER, REFUNDING, SALT, OptionsKit
from tests.evm import reverts

RETURN_FALSE, SHRINK = 1, 2


def test_buy_tickets__the_raffle_is_unknown__reverts_raffle_unknown(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    kit.create()
    for raffle_id in (0, 2, 2**256 - 1):
        with reverts(raffle.RaffleUnknown, raffleId=raffle_id):
            kit.buy(raffle_id, buyer)


def test_buy_tickets__the_sale_is_over__reverts_raffle_not_open(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    kit.chain.pending_timestamp = raffle.infoOf(raffle_id).closesAt - 1
    kit.buy(raffle_id, buyer)
    with reverts(raffle.RaffleNotOpen, raffleId=raffle_id, state=CLOSED):
        kit.buy(raffle_id, buyer)
    empty = kit.create()
    kit.close(empty)
    with reverts(raffle.RaffleNotOpen, raffleId=empty, state=REFUNDING):
        kit.buy(empty, buyer)


def test_buy_tickets__the_raffle_has_options__reverts_raffle_options_needed(
    options: OptionsKit, raffle: Any, buyer: Any
) -> None:
    for raffle_id in (options.in_dollars(), options.create(root=SALT)):
        with reverts(raffle.RaffleOptionsNeeded, raffleId=raffle_id):
            options.kit.buy(raffle_id, buyer)


def test_buy_tickets__the_count_is_zero__reverts_raffle_tickets_invalid(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleTicketsInvalid, count=0):
        kit.buy(kit.create(), buyer, 0)


@pytest.mark.parametrize("asked", [3, 2**64 - 1])
def test_buy_tickets__more_is_asked_than_is_left__reverts_raffle_sold_out(
    kit: RaffleKit, raffle: Any, buyer: Any, asked: int
) -> None:
    raffle_id = kit.create(maxTickets=4)
    kit.buy(raffle_id, buyer, 2)
    kit.chain.set_balance(buyer, PRICE * 2**65)
    with reverts(raffle.RaffleSoldOut, raffleId=raffle_id, asked=asked, left=2):
        kit.buy(raffle_id, buyer, asked)


def test_buy_tickets__the_last_ticket_is_bought__closes_the_sale(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create(maxTickets=4)
    kit.buy(raffle_id, buyer, 4)
    assert raffle.stateOf(raffle_id) == CLOSED
    with reverts(raffle.RaffleSoldOut, asked=1, left=0):
        kit.buy(raffle_id, buyer)


def test_buy_tickets__the_buyer_is_nobody__reverts_raffle_receiver_missing(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleReceiverMissing):
        raffle.buyTickets(kit.create(), 1, ZERO, sender=buyer, value=PRICE)


def test_buy_tickets__the_buyer_has_the_most_one_may__reverts_raffle_buyer_cap(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create(maxPerBuyer=3)
    kit.buy(raffle_id, buyer, 2)
    with reverts(raffle.RaffleBuyerCap, raffleId=raffle_id, buyer=buyer, cap=3):
        raffle.buyTickets(raffle_id, 2, buyer, sender=other_buyer, value=2 * PRICE)
    kit.buy(raffle_id, buyer, 1)
    kit.buy(raffle_id, other_buyer, 3)
    assert [raffle.countedOf(raffle_id, who) for who in (buyer, other_buyer)] == [3, 3]


def test_buy_tickets__the_raffle_is_in_pol__sells_the_tickets_in_one_entry(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create()
    receipt = kit.buy(raffle_id, buyer, 3)
    log = event(receipt, "TicketsBought")
    assert (log.raffleId, log.buyer, log.payer) == (raffle_id, buyer, buyer)
    assert (log.entryIndex, log.firstTicket, log.count, log.paid) == (0, 0, 3, 3 * PRICE)
    assert kit.buy(raffle_id, other_buyer, 1).return_value == 1
    log = event(kit.buy(raffle_id, buyer, 5), "TicketsBought")
    assert (log.entryIndex, log.firstTicket) == (2, 4)
    entries = [tuple(raffle.entryOf(raffle_id, index)) for index in range(3)]
    assert entries == [(buyer, 0, 3), (other_buyer, 3, 4), (buyer, 4, 9)]


def test_buy_tickets__the_raffle_is_in_pol__keeps_exactly_what_was_paid(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    held, had = raffle.balance, buyer.balance
    kit.buy(raffle_id, buyer, 7)
    assert (raffle.balance - held, had - buyer.balance) == (7 * PRICE, 7 * PRICE)
    assert raffle.countedOf(raffle_id, buyer) == 0


@pytest.mark.parametrize("sent", [0, 2 * PRICE - 1, 2 * PRICE + 1])
def test_buy_tickets__other_pol_is_sent_than_the_price__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, buyer: Any, sent: int
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RafflePaymentWrong, sent=sent, needed=2 * PRICE):
        raffle.buyTickets(raffle_id, 2, buyer, sender=buyer, value=sent)


def test_buy_tickets__the_buyer_is_somebody_else__is_a_gift(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create()
    had = other_buyer.balance
    receipt = raffle.buyTickets(raffle_id, 2, other_buyer, sender=buyer, value=2 * PRICE)
    log = event(receipt, "TicketsBought")
    assert (log.buyer, log.payer) == (other_buyer, buyer)
    assert other_buyer.balance == had


def test_buy_tickets__the_raffle_is_in_a_token__takes_exactly_the_price(
    kit: RaffleKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    coin.approve(raffle, 4 * PRICE, sender=buyer)
    held = coin.balanceOf(raffle)
    raffle.buyTickets(raffle_id, 4, buyer, sender=buyer)
    assert coin.balanceOf(raffle) - held == 4 * PRICE
    assert coin.allowance(buyer, raffle) == 0


def test_buy_tickets__pol_is_sent_to_a_raffle_in_a_token__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    coin.approve(raffle, PRICE, sender=buyer)
    with reverts(raffle.RafflePaymentWrong, sent=1, needed=0):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer, value=1)


def test_buy_tickets__the_token_is_not_approved__reverts_erc20_insufficient_allowance(
    kit: RaffleKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    with reverts("ERC20InsufficientAllowance", spender=raffle, allowance=0, needed=PRICE):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


def test_buy_tickets__the_token_has_a_fee_on_transfer__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    token = buyer.deploy(project.FeeERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    raffle_id = kit.create(paymentToken=token)
    with reverts(raffle.RaffleTokenRefused, token=token):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


@pytest.fixture
def odd(project: Any, raffle: Any, buyer: Any) -> Any:
    token = buyer.deploy(project.OddERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    return token


def test_buy_tickets__the_token_shrinks_on_arrival__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, buyer: Any, odd: Any
) -> None:
    raffle_id = kit.create(paymentToken=odd)
    odd.become(SHRINK, sender=buyer)
    with reverts(raffle.RaffleTokenRefused, token=odd):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


def test_buy_tickets__the_token_returns_false__reverts_safe_erc20_failed_operation(
    kit: RaffleKit, raffle: Any, buyer: Any, odd: Any
) -> None:
    raffle_id = kit.create(paymentToken=odd)
    odd.become(RETURN_FALSE, sender=buyer)
    with reverts("SafeERC20FailedOperation", token=odd):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


def test_buy_tickets__the_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    token = buyer.deploy(project.HookERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    raffle_id = kit.create(paymentToken=token)
    other = kit.create()
    calls = [
        raffle.buyTickets.encode_input(raffle_id, 1, buyer),
        raffle.requestDraw.encode_input(other),
        raffle.createRaffle.encode_input(tuple(kit.terms().values())),
        raffle.payFees.encode_input(buyer, ZERO),
    ]
    for again in calls:
        token.callBack(raffle, again, sender=buyer)
        with reverts(raffle.ReentrancyGuardReentrantCall):
            raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


@pytest.fixture
def in_launched(kit: RaffleKit, launched: Any, organiser: Any, buyer: Any) -> int:
    """A raffle in a token that knows permits; the buyer holds some."""
    launched.transfer(buyer, 10 * PRICE, sender=organiser)
    return kit.create(paymentToken=launched)


def test_buy_tickets_with_permit__the_permit_is_good__buys_in_one_transaction(
    kit: RaffleKit, raffle: Any, launched: Any, buyer: Any, other_buyer: Any, in_launched: int
) -> None:
    deadline = now(kit.chain) + 600
    signature = sign_permit(launched, buyer, raffle.address, 2 * PRICE, deadline)
    receipt = raffle.buyTicketsWithPermit(in_launched, 2, other_buyer, deadline, signature, sender=buyer)
    log = event(receipt, "TicketsBought")
    assert (log.buyer, log.payer, log.count, log.paid) == (other_buyer, buyer, 2, 2 * PRICE)
    assert (launched.allowance(buyer, raffle), launched.balanceOf(raffle)) == (0, 2 * PRICE)
    assert receipt.return_value == 0


def test_buy_tickets_with_permit__somebody_else_used_the_permit_before__still_buys(
    kit: RaffleKit, raffle: Any, launched: Any, buyer: Any, stranger: Any, in_launched: int
) -> None:
    deadline = now(kit.chain) + 600
    signature = sign_permit(launched, buyer, raffle.address, PRICE, deadline)
    r, s, v = signature[:32], signature[32:64], signature[64]
    launched.permit(buyer, raffle, PRICE, deadline, v, r, s, sender=stranger)
    raffle.buyTicketsWithPermit(in_launched, 1, buyer, deadline, signature, sender=buyer)
    assert raffle.infoOf(in_launched).ticketsSold == 1


@pytest.mark.parametrize("signature", [bytes(65), b"\x01" * 64])
def test_buy_tickets_with_permit__the_permit_is_bad__reverts_erc20_insufficient_allowance(
    kit: RaffleKit, raffle: Any, buyer: Any, in_launched: int, signature: bytes
) -> None:
    with reverts("ERC20InsufficientAllowance", spender=raffle, needed=PRICE):
        raffle.buyTicketsWithPermit(in_launched, 1, buyer, 2**40, signature, sender=buyer)


def test_buy_tickets_with_permit__the_token_knows_no_permit__reverts_erc20_insufficient_allowance(
    kit: RaffleKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    with reverts("ERC20InsufficientAllowance", spender=raffle, needed=PRICE):
        raffle.buyTicketsWithPermit(raffle_id, 1, buyer, 2**40, bytes(65), sender=buyer)


def test_buy_tickets_with_permit__the_raffle_pays_in_pol__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RafflePaymentWrong, sent=0, needed=PRICE):
        raffle.buyTicketsWithPermit(raffle_id, 1, buyer, 0, bytes(65), sender=buyer)


def test_buy_tickets_with_permit__the_raffle_needs_options__reverts_raffle_options_needed(
    options: OptionsKit, raffle: Any, buyer: Any, launched: Any
) -> None:
    for raffle_id in (
        options.in_dollars(paymentToken=launched),
        options.create(terms={"paymentToken": launched}, root=SALT),
    ):
        with reverts(raffle.RaffleOptionsNeeded, raffleId=raffle_id):
            raffle.buyTicketsWithPermit(raffle_id, 1, buyer, 0, bytes(65), sender=buyer)


def test_buy_tickets_with_permit__no_raffle_has_the_number__reverts_raffle_unknown(
    raffle: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=99):
        raffle.buyTicketsWithPermit(99, 1, buyer, 0, bytes(65), sender=buyer)


def test_buy_tickets_with_permit__the_sale_has_ended__reverts_raffle_not_open(
    kit: RaffleKit, raffle: Any, buyer: Any, in_launched: int
) -> None:
    kit.close(in_launched)
    with reverts(raffle.RaffleNotOpen, raffleId=in_launched, state=REFUNDING):
        raffle.buyTicketsWithPermit(in_launched, 1, buyer, 0, bytes(65), sender=buyer)


def test_buy_tickets_with_permit__the_call_goes_to_the_desk_itself__reverts_raffle_desk_direct_call(
    raffle: Any, project: Any, buyer: Any, in_launched: int
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    with reverts(desk.RaffleDeskDirectCall):
        desk.buyTicketsWithPermit(in_launched, 1, buyer, 0, bytes(65), sender=buyer)
