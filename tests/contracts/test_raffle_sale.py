"""Raffles up to the close: terms, escrow, tickets."""

from typing import Any

import pytest

from listener.chain.draw.terms import Prize, PrizeKind, RaffleTerms
from tests.contracts.conftest import ETHER, FEE_BPS
from tests.contracts.kit import (
    DAY,
    NATIVE_FACE,
    PRICE,
    ZERO,
    RaffleKit,
    erc20_prize,
    erc721_prize,
    event,
    native_prize,
    now,
    sign_permit,
)
from tests.evm import reverts

OPEN, CLOSED, REFUNDING = 1, 2, 5


def test_create__three_kinds_of_prizes__escrows_them_and_says_all(
    kit: RaffleKit, raffle: Any, organiser: Any, coin: Any, nft: Any
) -> None:
    prizes = [native_prize(3 * ETHER), erc20_prize(coin, 2**89), erc721_prize(nft, 1)]
    held = raffle.balance
    raffle_id = kit.create(prizes=prizes, maxPerBuyer=7, title="Three kinds")
    assert raffle.balance - held == 3 * ETHER
    assert coin.balanceOf(raffle) == 2**89
    assert nft.ownerOf(1) == raffle
    info = raffle.infoOf(raffle_id)
    expected = RaffleTerms(
        payment_token=ZERO,
        ticket_price=PRICE,
        closes_at=info.closesAt,
        min_tickets=1,
        max_tickets=1_000,
        max_per_buyer=7,
        title="Three kinds",
        prizes=(
            Prize(kind=PrizeKind.NATIVE, token=ZERO, amount=3 * ETHER, token_id=0),
            Prize(kind=PrizeKind.ERC20, token=coin.address, amount=2**89, token_id=0),
            Prize(kind=PrizeKind.ERC721, token=nft.address, amount=0, token_id=1),
        ),
    )
    assert bytes(info.termsHash) == expected.hash()
    assert (info.organiser, info.prizeCount, info.feeBps) == (organiser, 3, FEE_BPS)
    assert [tuple(prize) for prize in raffle.prizesOf(raffle_id)] == [
        (kind, getattr(token, "address", token), amount, number) for kind, token, amount, number in prizes
    ]
    assert raffle.stateOf(raffle_id) == OPEN


def test_create__any_terms__emits_them_once(kit: RaffleKit, raffle: Any, organiser: Any) -> None:
    terms = kit.terms()
    receipt = raffle.createRaffle(tuple(terms.values()), sender=organiser, value=ETHER)
    log = event(receipt, "RaffleCreated")
    for name in (
        "paymentToken",
        "ticketPrice",
        "closesAt",
        "minTickets",
        "maxTickets",
        "maxPerBuyer",
        "title",
    ):
        assert getattr(log, name) == terms[name]
    assert (log.raffleId, log.organiser, log.feeBps) == (raffle.raffleCount(), organiser, FEE_BPS)
    assert log.termsHash == raffle.infoOf(log.raffleId).termsHash


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ticketPrice": 0}, "ticketPrice"),
        ({"minTickets": 0}, "minTickets"),
        ({"minTickets": 11, "maxTickets": 10}, "maxTickets"),
        ({"title": "x" * 129}, "title"),
        ({"prizes": []}, "prizes"),
        ({"prizes": [native_prize(0)]}, "prizes.amount"),
        ({"prizes": [(0, NATIVE_FACE, 5, 0)]}, "prizes.token"),
        ({"prizes": [(1, ZERO, 5, 0)]}, "prizes.token"),
        ({"prizes": [(0, ZERO, 5, 1)]}, "prizes.tokenId"),
        ({"prizes": [(2, NATIVE_FACE, 5, 1)]}, "prizes.amount"),
    ],
)
def test_create__unusable_terms__names_the_field(
    kit: RaffleKit, raffle: Any, organiser: Any, changes: dict[str, Any], field: str
) -> None:
    terms = tuple(kit.terms(**changes).values())
    with reverts(raffle.RaffleTermsInvalid, field=field):
        raffle.createRaffle(terms, sender=organiser)


@pytest.mark.parametrize("seconds", [-1, 0, 367 * DAY])
def test_create__close_not_within_a_year__is_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, seconds: int
) -> None:
    terms = kit.terms()
    terms["closesAt"] = now(kit.chain) + seconds
    with reverts(raffle.RaffleTermsInvalid, field="closesAt"):
        raffle.createRaffle(tuple(terms.values()), sender=organiser, value=ETHER)


@pytest.mark.parametrize("sent", [0, ETHER - 1, ETHER + 1])
def test_create__other_pol_than_prizes__is_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, sent: int
) -> None:
    with reverts(raffle.RafflePaymentWrong, sent=sent, needed=ETHER):
        raffle.createRaffle(tuple(kit.terms().values()), sender=organiser, value=sent)


def test_create__prize_with_fee_on_transfer__is_refused(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any
) -> None:
    token = organiser.deploy(project.FeeERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(raffle, ETHER, sender=organiser)
    terms = tuple(kit.terms(prizes=[erc20_prize(token, ETHER)]).values())
    with reverts(raffle.RaffleTokenRefused, token=token.address):
        raffle.createRaffle(terms, sender=organiser)


@pytest.mark.parametrize("changes", [{"paymentToken": NATIVE_FACE}, {"prizes": [(1, NATIVE_FACE, 5, 0)]}])
def test_create__face_of_pol_as_token__is_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, changes: dict[str, Any]
) -> None:
    with reverts(raffle.RaffleTokenRefused, token=NATIVE_FACE):
        raffle.createRaffle(tuple(kit.terms(**changes).values()), sender=organiser)


def test_buy__several_purchases__number_tickets_without_gaps(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create()
    log = event(kit.buy(raffle_id, buyer, 3), "TicketsBought")
    assert (log.entryIndex, log.firstTicket, log.count, log.paid) == (0, 0, 3, 3 * PRICE)
    kit.buy(raffle_id, other_buyer, 1)
    kit.buy(raffle_id, buyer, 5)
    assert [tuple(raffle.entryOf(raffle_id, index)) for index in range(3)] == [
        (buyer, 0, 3),
        (other_buyer, 3, 4),
        (buyer, 4, 9),
    ]
    assert [raffle.entryWithTicket(raffle_id, ticket) for ticket in range(9)] == [0, 0, 0, 1, 2, 2, 2, 2, 2]
    with reverts(raffle.RaffleTicketUnknown, ticket=9):
        raffle.entryWithTicket(raffle_id, 9)


def test_buy__for_somebody_else__is_a_gift(kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any) -> None:
    raffle_id = kit.create()
    receipt = raffle.buyTickets(raffle_id, 2, other_buyer, sender=buyer, value=2 * PRICE)
    log = event(receipt, "TicketsBought")
    assert (log.buyer, log.payer) == (other_buyer, buyer)


@pytest.mark.parametrize("sent", [0, 2 * PRICE - 1, 2 * PRICE + 1])
def test_buy__other_pol_than_the_price__is_refused(
    kit: RaffleKit, raffle: Any, buyer: Any, sent: int
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RafflePaymentWrong, sent=sent, needed=2 * PRICE):
        raffle.buyTickets(raffle_id, 2, buyer, sender=buyer, value=sent)


def test_buy__more_than_left__says_what_is_left(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create(maxTickets=3)
    kit.buy(raffle_id, buyer, 2)
    with reverts(raffle.RaffleSoldOut, asked=2, left=1):
        kit.buy(raffle_id, buyer, 2)
    kit.buy(raffle_id, buyer, 1)
    assert raffle.stateOf(raffle_id) == CLOSED


def test_buy__no_tickets_or_nobody__is_refused(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RaffleTicketsInvalid, count=0):
        kit.buy(raffle_id, buyer, 0)
    with reverts(raffle.RaffleReceiverMissing):
        raffle.buyTickets(raffle_id, 1, ZERO, sender=buyer, value=PRICE)


def test_buy__beyond_the_cap_per_buyer__is_refused(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create(maxPerBuyer=3)
    kit.buy(raffle_id, buyer, 2)
    with reverts(raffle.RaffleBuyerCap, buyer=buyer.address, cap=3):
        raffle.buyTickets(raffle_id, 2, buyer, sender=other_buyer, value=2 * PRICE)
    kit.buy(raffle_id, buyer, 1)
    kit.buy(raffle_id, other_buyer, 3)


def test_buy__at_the_close__is_refused(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create()
    kit.close(raffle_id)
    with reverts(raffle.RaffleNotOpen, raffleId=raffle_id, state=REFUNDING):
        kit.buy(raffle_id, buyer)


def test_buy__unknown_raffle__is_refused(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=999):
        kit.buy(999, buyer)


def test_buy__in_a_token__takes_exactly_the_price(kit: RaffleKit, raffle: Any, buyer: Any, coin: Any) -> None:
    raffle_id = kit.create(paymentToken=coin)
    coin.approve(raffle, 4 * PRICE, sender=buyer)
    held = coin.balanceOf(raffle)
    raffle.buyTickets(raffle_id, 4, buyer, sender=buyer)
    assert coin.balanceOf(raffle) - held == 4 * PRICE
    with reverts(raffle.RafflePaymentWrong, sent=1, needed=0):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer, value=1)


def test_buy__token_with_fee_on_transfer__is_refused(
    kit: RaffleKit, raffle: Any, project: Any, buyer: Any
) -> None:
    token = buyer.deploy(project.FeeERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    raffle_id = kit.create(paymentToken=token)
    with reverts(raffle.RaffleTokenRefused, token=token.address):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


def test_buy__token_calls_back__cannot_reenter(kit: RaffleKit, raffle: Any, project: Any, buyer: Any) -> None:
    token = buyer.deploy(project.HookERC20)
    token.mint(buyer, ETHER, sender=buyer)
    token.approve(raffle, ETHER, sender=buyer)
    raffle_id = kit.create(paymentToken=token)
    again = raffle.buyTickets.encode_input(raffle_id, 1, buyer)
    token.callBack(raffle, again, sender=buyer)
    with reverts(raffle.ReentrancyGuardReentrantCall):
        raffle.buyTickets(raffle_id, 1, buyer, sender=buyer)


def test_buy_with_permit__signed_allowance__buys_in_one_transaction(
    kit: RaffleKit, raffle: Any, launched: Any, organiser: Any, buyer: Any
) -> None:
    launched.transfer(buyer, 10 * PRICE, sender=organiser)
    raffle_id = kit.create(paymentToken=launched)
    deadline = now(kit.chain) + 600
    signature = sign_permit(launched, buyer, raffle.address, 2 * PRICE, deadline)
    receipt = raffle.buyTicketsWithPermit(raffle_id, 2, buyer, deadline, signature, sender=buyer)
    assert event(receipt, "TicketsBought").count == 2
    assert launched.allowance(buyer, raffle) == 0


def test_buy_with_permit__used_by_somebody_else_before__still_buys(
    kit: RaffleKit, raffle: Any, launched: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    launched.transfer(buyer, 10 * PRICE, sender=organiser)
    raffle_id = kit.create(paymentToken=launched)
    deadline = now(kit.chain) + 600
    signature = sign_permit(launched, buyer, raffle.address, PRICE, deadline)
    r, s, v = signature[:32], signature[32:64], signature[64]
    launched.permit(buyer, raffle, PRICE, deadline, v, r, s, sender=stranger)
    raffle.buyTicketsWithPermit(raffle_id, 1, buyer, deadline, signature, sender=buyer)
    assert raffle.infoOf(raffle_id).ticketsSold == 1


def test_buy_with_permit__raffle_in_pol__is_refused(kit: RaffleKit, raffle: Any, buyer: Any) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RafflePaymentWrong, sent=0, needed=PRICE):
        raffle.buyTicketsWithPermit(raffle_id, 1, buyer, 0, bytes(65), sender=buyer)
