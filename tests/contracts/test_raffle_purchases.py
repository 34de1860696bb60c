"""Buying at prices in dollars, by people on a list, by signature."""

from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.contracts.kit import HOUR, PRICE, ZERO, RaffleKit, event, now, sign_permit
from tests.contracts.raffle_kit import (
    CENT,
    CLOSED,
    DOLLAR,
    ETHER,
    NO_PERMIT,
    REFUNDING,
    SALT,
    Guests,
    OptionsKit,
    authorize,
    nonce_of,
    purchase,
)
from tests.contracts.token_kit import typed_data
from tests.evm import reverts

ANSWER, REVERT, BURN_GAS, ANSWER_LITTLE, ANSWER_MUCH = range(5)
REFUSE, REENTER = 1, 3
QUARTER = 25 * CENT


def buy(raffle: Any, bought: tuple[Any, ...], sender: Any, value: int = 0) -> Any:
    return raffle.buyTicketsWith(bought, NO_PERMIT, sender=sender, value=value)


def test_buy_tickets_with__the_desk_itself_is_called__reverts_raffle_desk_direct_call(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    with reverts(desk.RaffleDeskDirectCall):
        buy(desk, purchase(kit.create(), buyer), buyer, PRICE)


def test_buy_tickets_with__the_raffle_is_unknown__reverts_raffle_unknown(raffle: Any, buyer: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=77):
        buy(raffle, purchase(77, buyer), buyer, PRICE)


def test_buy_tickets_with__the_raffle_is_open_to_all__sells_at_the_fixed_price(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create()
    bought = purchase(raffle_id, other_buyer, count=3, most=3 * PRICE)
    receipt = buy(raffle, bought, buyer, 3 * PRICE)
    log = event(receipt, "TicketsBought")
    assert (log.buyer, log.payer, log.count, log.paid) == (other_buyer, buyer, 3, 3 * PRICE)
    assert receipt.return_value == 0
    with reverts(raffle.RaffleNotOpen, state=CLOSED):
        kit.close(raffle_id)
        buy(raffle, bought, buyer, 3 * PRICE)


def test_buy_tickets_with__an_allowance_is_claimed_without_a_list__reverts_raffle_not_listed(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RaffleNotListed, raffleId=raffle_id, buyer=buyer, allowance=1):
        buy(raffle, purchase(raffle_id, buyer, allowance=1), buyer, PRICE)


def test_buy_tickets_with__more_pol_is_sent_than_is_due__returns_the_rest(
    options: OptionsKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = options.in_dollars()
    held, had, others = raffle.balance, buyer.balance, other_buyer.balance
    receipt = buy(raffle, purchase(raffle_id, other_buyer), buyer, 10 * ETHER)
    assert (raffle.balance - held, had - buyer.balance) == (4 * ETHER, 4 * ETHER)
    assert other_buyer.balance == others
    assert event(receipt, "TicketsBought").paid == 4 * ETHER


def test_buy_tickets_with__the_payer_refuses_the_rest__reverts_raffle_payout_failed(
    options: OptionsKit, raffle: Any, buyer: Any, create_actor: Any
) -> None:
    actor = create_actor()
    actor.behave(REFUSE, ZERO, b"", sender=buyer)
    call = raffle.buyTicketsWith.encode_input(purchase(options.in_dollars(), buyer), NO_PERMIT)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=1):
        actor.execute(raffle, call, sender=buyer, value=4 * ETHER + 1)
    actor.execute(raffle, call, sender=buyer, value=4 * ETHER)


def test_buy_tickets_with__less_pol_is_sent_than_is_due__reverts_raffle_payment_wrong(
    options: OptionsKit, raffle: Any, buyer: Any
) -> None:
    with reverts(raffle.RafflePaymentWrong, sent=4 * ETHER - 1, needed=4 * ETHER):
        buy(raffle, purchase(options.in_dollars(), buyer), buyer, 4 * ETHER - 1)


def test_buy_tickets_with__the_cost_is_above_what_the_buyer_offers__reverts_raffle_payment_above_max(
    options: OptionsKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = options.in_dollars()
    options.feed.update(QUARTER - 1, sender=buyer)
    with reverts(raffle.RafflePaymentAboveMax, maxPayment=4 * ETHER):
        buy(raffle, purchase(raffle_id, buyer, most=4 * ETHER), buyer, 5 * ETHER)


def test_buy_tickets_with__pol_is_sent_for_a_token__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    coin.approve(raffle, PRICE, sender=buyer)
    with reverts(raffle.RafflePaymentWrong, sent=1, needed=0):
        buy(raffle, purchase(raffle_id, buyer), buyer, 1)


@pytest.mark.parametrize(
    ("dollars", "answer", "count"), [(DOLLAR, 3 * DOLLAR, 1), (1, 7, 1), (199, 31 * CENT, 7), (1, 2**120, 3)]
)
def test_buy_tickets_with__the_price_is_in_dollars__converts_and_rounds_up(
    options: OptionsKit, raffle: Any, buyer: Any, dollars: int, answer: int, count: int
) -> None:
    raffle_id = options.in_dollars(dollars)
    options.feed.update(answer, sender=buyer)
    due = -(-dollars * count * ETHER // answer)
    log = event(buy(raffle, purchase(raffle_id, buyer, count=count), buyer, due), "TicketsBought")
    assert log.paid == due > 0


def test_buy_tickets_with__the_price_is_in_dollars__notes_what_each_entry_paid(
    options: OptionsKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = options.in_dollars(minTickets=10)
    paid = []
    for answer, count in ((QUARTER, 1), (DOLLAR, 2), (3 * CENT, 1)):
        options.feed.update(answer, sender=buyer)
        receipt = buy(raffle, purchase(raffle_id, buyer, count=count), other_buyer, 100 * ETHER)
        paid.append(event(receipt, "TicketsBought").paid)
    assert paid[:2] == [4 * ETHER, 2 * ETHER]
    assert [raffle.paidOf(raffle_id, index) for index in range(3)] == paid
    options.feed.behave(REVERT, sender=buyer)
    options.kit.close(raffle_id)
    assert raffle.stateOf(raffle_id) == REFUNDING
    had = buyer.balance
    raffle.refundMany(raffle_id, [2, 0, 1], sender=other_buyer)
    assert buyer.balance - had == sum(paid)


def test_buy_tickets_with__the_price_in_dollars_is_paid_in_a_token__takes_what_the_feed_says(
    options: OptionsKit, raffle: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = options.in_dollars(5 * DOLLAR, paymentToken=coin)
    coin.approve(raffle, 100 * ETHER, sender=buyer)
    buy(raffle, purchase(raffle_id, buyer, count=2, most=40 * ETHER), buyer)
    assert coin.allowance(buyer, raffle) == 60 * ETHER
    with reverts(raffle.RafflePaymentAboveMax, needed=40 * ETHER, maxPayment=40 * ETHER - 1):
        buy(raffle, purchase(raffle_id, buyer, count=2, most=40 * ETHER - 1), buyer)


def test_buy_tickets_with__a_permit_is_given__buys_in_dollars_without_approval(
    options: OptionsKit, raffle: Any, launched: Any, organiser: Any, buyer: Any
) -> None:
    launched.transfer(buyer, 10 * ETHER, sender=organiser)
    raffle_id = options.in_dollars(paymentToken=launched)
    deadline = now(options.kit.chain) + HOUR
    permit = (deadline, sign_permit(launched, buyer, raffle.address, 5 * ETHER, deadline))
    raffle.buyTicketsWith(purchase(raffle_id, buyer, most=5 * ETHER), permit, sender=buyer)
    assert launched.balanceOf(raffle) == 4 * ETHER
    assert launched.allowance(buyer, raffle) == ETHER


def test_buy_tickets_with__the_answer_is_as_old_as_it_may_be__sells(
    options: OptionsKit, raffle: Any, buyer: Any, chain: Any
) -> None:
    raffle_id = options.in_dollars(closesAt=now(chain) + 5 * HOUR)
    options.feed.update(QUARTER, sender=buyer)
    chain.pending_timestamp = chain.timestamp + HOUR
    receipt = buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)
    assert event(receipt, "TicketsBought").paid == 4 * ETHER


def test_buy_tickets_with__the_answer_is_stale__reverts_raffle_price_stale(
    options: OptionsKit, raffle: Any, buyer: Any, chain: Any
) -> None:
    raffle_id = options.in_dollars(closesAt=now(chain) + 5 * HOUR)
    options.feed.update(QUARTER, sender=buyer)
    told = chain.timestamp
    chain.pending_timestamp = told + HOUR + 1
    with reverts(raffle.RafflePriceStale, feed=options.feed, updatedAt=told, maxAge=HOUR):
        buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)


def test_buy_tickets_with__the_answer_comes_from_the_future__reverts_raffle_price_stale(
    options: OptionsKit, raffle: Any, buyer: Any, chain: Any
) -> None:
    raffle_id = options.in_dollars()
    later = chain.timestamp + 600
    options.feed.setRound(5, QUARTER, later, 5, sender=buyer)
    with reverts(raffle.RafflePriceStale, feed=options.feed, updatedAt=later, maxAge=HOUR):
        buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)


@pytest.mark.parametrize("answer", [0, -1, -(2**255)])
def test_buy_tickets_with__the_answer_is_not_positive__reverts_raffle_price_not_positive(
    options: OptionsKit, raffle: Any, buyer: Any, answer: int
) -> None:
    raffle_id = options.in_dollars()
    options.feed.update(answer, sender=buyer)
    with reverts(raffle.RafflePriceNotPositive, feed=options.feed, answer=answer):
        buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)


@pytest.mark.parametrize(("updated", "answered"), [(0, 9), (1, 8)])
def test_buy_tickets_with__the_round_is_incomplete__reverts_raffle_price_round_incomplete(
    options: OptionsKit, raffle: Any, buyer: Any, chain: Any, updated: int, answered: int
) -> None:
    raffle_id = options.in_dollars()
    options.feed.setRound(9, QUARTER, updated * chain.timestamp, answered, sender=buyer)
    expected = {"feed": options.feed, "roundId": 9, "answeredInRound": answered}
    with reverts(raffle.RafflePriceRoundIncomplete, **expected):
        buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)


@pytest.mark.parametrize("manner", [REVERT, BURN_GAS, ANSWER_LITTLE])
def test_buy_tickets_with__the_feed_gives_no_round__reverts_raffle_price_unavailable(
    options: OptionsKit, raffle: Any, buyer: Any, manner: int
) -> None:
    raffle_id = options.in_dollars()
    options.feed.behave(manner, sender=buyer)
    with reverts(raffle.RafflePriceUnavailable, feed=options.feed):
        buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER)


def test_buy_tickets_with__the_feed_answers_too_much__reads_one_round(
    options: OptionsKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = options.in_dollars()
    options.feed.behave(ANSWER_MUCH, sender=buyer)
    log = event(buy(raffle, purchase(raffle_id, buyer), buyer, 4 * ETHER), "TicketsBought")
    assert log.paid == 4 * ETHER


def test_buy_tickets_with__the_buyer_is_listed__sells_within_the_allowance(
    options: OptionsKit, raffle: Any, guests: Guests, stranger: Any
) -> None:
    raffle_id = options.listed(guests)
    for index, count in ((1, 2), (2, 4), (2, 1), (0, 300), (0, 300)):
        bought = guests.purchase(raffle_id, index, count=count)
        log = event(buy(raffle, bought, stranger, PRICE * count), "TicketsBought")
        assert (log.buyer, log.payer, log.count) == (guests.people[index][0], stranger, count)
    assert [raffle.countedOf(raffle_id, person) for person, _ in guests.people] == [0, 2, 5]


def test_buy_tickets_with__the_allowance_is_used_up__reverts_raffle_allowance_exceeded(
    options: OptionsKit, raffle: Any, guests: Guests, stranger: Any
) -> None:
    raffle_id = options.listed(guests)
    person = guests.people[2][0]
    expected = {"raffleId": raffle_id, "buyer": person}
    with reverts(raffle.RaffleAllowanceExceeded, **expected, asked=6, left=5):
        buy(raffle, guests.purchase(raffle_id, 2, count=6), stranger, 6 * PRICE)
    buy(raffle, guests.purchase(raffle_id, 2, count=4), stranger, 4 * PRICE)
    with reverts(raffle.RaffleAllowanceExceeded, **expected, asked=2, left=1):
        buy(raffle, guests.purchase(raffle_id, 2, count=2), stranger, 2 * PRICE)


def test_buy_tickets_with__the_buyer_is_not_listed__reverts_raffle_not_listed(
    options: OptionsKit, raffle: Any, guests: Guests, stranger: Any
) -> None:
    raffle_id = options.listed(guests)
    proof = guests.tree.proof(0)
    attempts = [
        purchase(raffle_id, stranger, proof=proof),
        guests.purchase(raffle_id, 1, allowance=0),
        guests.purchase(raffle_id, 1, allowance=3),
        guests.purchase(raffle_id, 0, proof=[]),
        guests.purchase(raffle_id, 0, proof=[*proof, bytes(32)]),
        guests.purchase(raffle_id, 0, proof=proof[:-1]),
        guests.purchase(raffle_id, 0, proof=proof[::-1]),
    ]
    for bought in attempts:
        with reverts(raffle.RaffleNotListed, raffleId=raffle_id, allowance=bought[4]):
            buy(raffle, bought, stranger, PRICE)


@pytest.mark.parametrize("which", ["organiser", "salt", "contract", "chain"])
def test_buy_tickets_with__the_proof_is_not_of_this_raffle_s_list__reverts_raffle_not_listed(
    options: OptionsKit, raffle: Any, guests: Guests, stranger: Any, coin: Any, which: str
) -> None:
    """The same people, but leaves made for another organiser, salt, contract or chain."""

    class Elsewhere:
        chain_id = 137

    changes: dict[str, dict[str, Any]] = {
        "organiser": {"organiser": stranger},
        "salt": {"salt": b"\x06" * 32},
        "contract": {"raffle": coin},
        "chain": {"chain": Elsewhere()},
    }
    parts = {name: getattr(guests, name) for name in ("raffle", "chain", "organiser", "people", "salt")}
    other = Guests(**(parts | changes[which]))
    raffle_id = options.create(root=other.tree.root, salt=SALT)
    with reverts(raffle.RaffleNotListed, raffleId=raffle_id, buyer=guests.people[0][0]):
        buy(raffle, other.purchase(raffle_id, 0), stranger, PRICE)


def test_buy_tickets_with__the_list_comes_with_a_cap__reverts_raffle_buyer_cap(
    options: OptionsKit, raffle: Any, guests: Guests, stranger: Any
) -> None:
    raffle_id = options.listed(guests, maxPerBuyer=3)
    buy(raffle, guests.purchase(raffle_id, 2, count=3), stranger, 3 * PRICE)
    for index, count in ((2, 1), (0, 4)):
        with reverts(raffle.RaffleBuyerCap, buyer=guests.people[index][0], cap=3):
            buy(raffle, guests.purchase(raffle_id, index, count=count), stranger, count * PRICE)


def test_buy_tickets_with__a_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    token = buyer.deploy(project.HookERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    bought = purchase(kit.create(paymentToken=token), buyer)
    token.callBack(raffle, raffle.buyTicketsWith.encode_input(bought, NO_PERMIT), sender=buyer)
    with reverts(raffle.ReentrancyGuardReentrantCall):
        buy(raffle, bought, buyer)


def test_buy_tickets_with__the_receiver_of_the_rest_reenters__is_refused_inside(
    options: OptionsKit, raffle: Any, buyer: Any, create_actor: Any
) -> None:
    actor = create_actor()
    raffle_id = options.in_dollars()
    call = raffle.buyTicketsWith.encode_input(purchase(raffle_id, buyer), NO_PERMIT)
    actor.behave(REENTER, raffle, call, sender=buyer)
    actor.execute(raffle, call, sender=buyer, value=9 * ETHER)
    assert actor.answer() == keccak(text="ReentrancyGuardReentrantCall()")[:4]
    assert (actor.balance, raffle.infoOf(raffle_id).entryCount) == (5 * ETHER, 1)


@pytest.fixture
def holder(launched: Any, organiser: Any, buyer: Any) -> Any:
    """A buyer with tokens that know ERC-3009."""
    launched.transfer(buyer, 100 * ETHER, sender=organiser)
    return buyer


def test_buy_tickets_by_authorization__the_payer_signed_the_purchase__buys_whoever_submits_it(
    kit: RaffleKit, raffle: Any, launched: Any, holder: Any, other_buyer: Any, stranger: Any
) -> None:
    raffle_id = kit.create(paymentToken=launched)
    bought = purchase(raffle_id, other_buyer, count=3, most=3 * PRICE)
    signed = authorize(launched, raffle, holder, bought)
    receipt = raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)
    log = event(receipt, "TicketsBought")
    assert (log.buyer, log.payer, log.count, log.paid) == (other_buyer, holder, 3, 3 * PRICE)
    assert (launched.balanceOf(raffle), receipt.return_value) == (3 * PRICE, 0)
    assert launched.authorizationState(holder, nonce_of(bought, holder, 0, 2**40, SALT))


def test_buy_tickets_by_authorization__the_desk_is_called_directly__reverts_raffle_desk_direct_call(
    kit: RaffleKit, raffle: Any, project: Any, launched: Any, holder: Any
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    bought = purchase(kit.create(paymentToken=launched), holder, most=PRICE)
    with reverts(desk.RaffleDeskDirectCall):
        desk.buyTicketsByAuthorization(bought, authorize(launched, desk, holder, bought), sender=holder)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 5, "salt", "payer"])
def test_buy_tickets_by_authorization__the_purchase_differs_from_what_was_signed__reverts_erc3009_invalid_signature(
    options: OptionsKit, raffle: Any, launched: Any, holder: Any, stranger: Any, organiser: Any, place: Any
) -> None:
    launched.transfer(stranger, 100 * ETHER, sender=organiser)
    guests = Guests(raffle, options.kit.chain, organiser, [(holder, 2), (holder, 5), (stranger, 2)])
    ids = [options.listed(guests, paymentToken=launched) for _ in range(2)]
    bought = guests.purchase(ids[0], 0, most=2 * PRICE)
    signed = list(authorize(launched, raffle, holder, bought))
    others: dict[int, Any] = {0: ids[1], 1: 2, 3: 2 * PRICE + 1}
    told = list(bought)
    if place in (2, 4, 5):
        told = list(guests.purchase(ids[0], 2 if place == 2 else 1, most=2 * PRICE))
    elif place == "salt":
        signed[3] = b"\x09" * 32
    elif place == "payer":
        signed[0] = stranger
    else:
        told[place] = others[place]
    with reverts("ERC3009InvalidSignature"):
        raffle.buyTicketsByAuthorization(tuple(told), tuple(signed), sender=stranger)
    raffle.buyTicketsByAuthorization(bought, authorize(launched, raffle, holder, bought), sender=stranger)


def test_buy_tickets_by_authorization__the_signature_was_used_before__reverts_erc3009_used_authorization(
    kit: RaffleKit, raffle: Any, launched: Any, holder: Any, stranger: Any
) -> None:
    bought = purchase(kit.create(paymentToken=launched), holder, most=PRICE)
    signed = authorize(launched, raffle, holder, bought)
    raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)
    with reverts("ERC3009UsedAuthorization", authorizer=holder):
        raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)


def test_buy_tickets_by_authorization__the_time_is_over__reverts_erc3009_invalid_authorization_time(
    kit: RaffleKit, raffle: Any, launched: Any, holder: Any
) -> None:
    bought = purchase(kit.create(paymentToken=launched), holder, most=PRICE)
    signed = authorize(launched, raffle, holder, bought, before=now(kit.chain))
    with reverts("ERC3009InvalidAuthorizationTime"):
        raffle.buyTicketsByAuthorization(bought, signed, sender=holder)


def test_buy_tickets_by_authorization__a_price_in_dollars_leaves_a_rest__returns_it_to_the_payer(
    options: OptionsKit, raffle: Any, launched: Any, holder: Any, stranger: Any
) -> None:
    raffle_id = options.in_dollars(paymentToken=launched)
    bought = purchase(raffle_id, holder, most=6 * ETHER)
    had = launched.balanceOf(holder)
    signed = authorize(launched, raffle, holder, bought)
    receipt = raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)
    assert event(receipt, "TicketsBought").paid == had - launched.balanceOf(holder) == 4 * ETHER
    assert launched.balanceOf(raffle) == raffle.paidOf(raffle_id, 0) == 4 * ETHER


def test_buy_tickets_by_authorization__the_cost_exceeds_what_was_signed_for__reverts_raffle_payment_above_max(
    kit: RaffleKit, raffle: Any, launched: Any, holder: Any
) -> None:
    bought = purchase(kit.create(paymentToken=launched), holder, most=PRICE - 1)
    with reverts(raffle.RafflePaymentAboveMax, needed=PRICE, maxPayment=PRICE - 1):
        raffle.buyTicketsByAuthorization(bought, authorize(launched, raffle, holder, bought), sender=holder)


def test_buy_tickets_by_authorization__the_raffle_is_in_pol__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, launched: Any, holder: Any
) -> None:
    bought = purchase(kit.create(), holder, most=PRICE)
    with reverts(raffle.RafflePaymentWrong, sent=0, needed=PRICE):
        raffle.buyTicketsByAuthorization(bought, authorize(launched, raffle, holder, bought), sender=holder)


def test_buy_tickets_by_authorization__the_buyer_needs_to_be_listed__sells_with_the_right_proof(
    options: OptionsKit, raffle: Any, launched: Any, holder: Any, guests: Guests, stranger: Any
) -> None:
    raffle_id = options.listed(guests, paymentToken=launched)
    bad = guests.purchase(raffle_id, 1, most=PRICE, allowance=3)
    with reverts(raffle.RaffleNotListed, allowance=3):
        raffle.buyTicketsByAuthorization(bad, authorize(launched, raffle, holder, bad), sender=stranger)
    good = guests.purchase(raffle_id, 1, most=PRICE)
    raffle.buyTicketsByAuthorization(good, authorize(launched, raffle, holder, good), sender=stranger)
    assert raffle.entryOf(raffle_id, 0).buyer == guests.people[1][0]


def test_buy_tickets_by_authorization__the_payer_is_a_wallet_contract__accepts_its_erc_1271_signature(
    kit: RaffleKit, raffle: Any, project: Any, launched: Any, organiser: Any, stranger: Any
) -> None:
    wallet = stranger.deploy(project.TestWallet)
    launched.transfer(wallet, PRICE, sender=organiser)
    bought = purchase(kit.create(paymentToken=launched), wallet, most=PRICE)
    nonce = nonce_of(bought, wallet, 0, 2**40, SALT)
    terms = (wallet.address, raffle.address, PRICE, 0, 2**40, nonce)
    data = typed_data(launched, "ReceiveWithAuthorization", terms)
    message = encode_typed_data(**data)
    hashed = keccak(b"\x19" + message.version + message.header + message.body)
    signed = (wallet, 0, 2**40, SALT, b"the wallet says so")
    with reverts("ERC3009InvalidSignature"):
        raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)
    wallet.approveSignature(hashed, b"the wallet says so", sender=stranger)
    raffle.buyTicketsByAuthorization(bought, signed, sender=stranger)
    assert raffle.entryOf(bought[0], 0).buyer == wallet


def test_buy_tickets_by_authorization__the_token_delivers_less__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    odd = buyer.deploy(project.OddERC20)
    odd.mint(buyer, ETHER, sender=buyer)
    bought = purchase(kit.create(paymentToken=odd), buyer, most=PRICE)
    with reverts(raffle.RaffleTokenRefused, token=odd):
        raffle.buyTicketsByAuthorization(bought, (buyer, 0, 2**40, SALT, b""), sender=buyer)


def test_quote__the_raffle_does_not_exist__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=5):
        raffle.quote(5, 1)


@pytest.mark.parametrize("count", [0, 1, 2**64 - 1])
def test_quote__the_price_is_fixed__multiplies_it(kit: RaffleKit, raffle: Any, count: int) -> None:
    assert raffle.quote(kit.create(), count) == count * PRICE


def test_quote__the_price_follows_a_feed__rounds_up_once(options: OptionsKit, raffle: Any) -> None:
    raffle_id = options.in_dollars(2**96 - 1)
    options.feed.update(7 * DOLLAR, sender=options.kit.organiser)
    for count in (1, 3, 2**64 - 1):
        assert raffle.quote(raffle_id, count) == -(-(2**96 - 1) * count * ETHER // (7 * DOLLAR))


def test_quote__the_feed_fails__reverts_raffle_price_stale(
    options: OptionsKit, raffle: Any, chain: Any
) -> None:
    raffle_id = options.in_dollars()
    chain.warp(HOUR + 60)
    with reverts(raffle.RafflePriceStale, feed=options.feed, maxAge=HOUR):
        raffle.quote(raffle_id, 1)
