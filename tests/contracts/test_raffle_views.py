"""What can be asked of raffles; requests of draws; what the owner sets."""

from typing import Any

import pytest

from listener.chain.draw.winners import winners
from tests.contracts.conftest import FEE_BPS
from tests.contracts.kit import (
    DAY,
    HOUR,
    MARGIN,
    PRICE,
    REVEAL_DELAY,
    ZERO,
    RaffleKit,
    erc20_prize,
    erc721_prize,
    event,
    finalise,
    native_prize,
    no_vrf,
)
from tests.contracts.raffle_kit import (
    CLOSED,
    DRAWING,
    DRAWN,
    ETHER,
    NO_PERMIT,
    OPEN,
    REFUNDING,
    Guests,
    OptionsKit,
    purchase,
)
from tests.evm import reverts


@pytest.fixture
def sold(kit: RaffleKit, buyer: Any, other_buyer: Any) -> int:
    """Open: two prizes, five tickets in two entries."""
    raffle_id = kit.create(prizes=[native_prize(ETHER), native_prize(2 * ETHER)], minTickets=5)
    kit.buy(raffle_id, buyer, 2)
    kit.buy(raffle_id, other_buyer, 3)
    return raffle_id


def test_request_draw__enough_is_sold_at_the_close__fixes_all_that_decides(
    kit: RaffleKit, raffle: Any, coordinator: Any, sold: int, stranger: Any
) -> None:
    kit.close(sold)
    log = event(raffle.requestDraw(sold, sender=stranger), "DrawRequested")
    draw = raffle.drawOf(sold)
    assert (draw.n, draw.k, draw.commitment) == (5, 2, raffle.infoOf(sold).termsHash)
    assert (draw.coordinator, draw.requestedAt) == (coordinator, kit.chain.timestamp)
    assert (log.drawId, log.n, log.k, log.commitment) == (sold, 5, 2, draw.commitment)
    assert raffle.stateOf(sold) == DRAWING


def test_request_draw__it_is_sold_out_before_the_close__need_not_wait(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create(maxTickets=2, minTickets=2)
    kit.buy(raffle_id, buyer, 2)
    raffle.requestDraw(raffle_id, sender=buyer)
    assert raffle.stateOf(raffle_id) == DRAWING


def test_request_draw__there_are_more_prizes_than_tickets__draws_a_rank_per_ticket(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create(prizes=[native_prize(1), native_prize(2), native_prize(3)])
    kit.buy(raffle_id, buyer, 2)
    kit.request(raffle_id)
    assert (raffle.drawOf(raffle_id).k, raffle.drawOf(raffle_id).n) == (2, 2)


def test_request_draw__the_sale_is_open__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, sold: int, organiser: Any
) -> None:
    kit.chain.pending_timestamp = raffle.infoOf(sold).closesAt - 1
    with reverts(raffle.RaffleWrongState, raffleId=sold, state=OPEN):
        raffle.requestDraw(sold, sender=organiser)


def test_request_draw__too_little_was_sold__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create(minTickets=5)
    kit.buy(raffle_id, buyer, 4)
    kit.close(raffle_id)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=REFUNDING):
        raffle.requestDraw(raffle_id, sender=buyer)


def test_request_draw__it_was_requested__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    kit.request(sold)
    with reverts(raffle.RaffleWrongState, raffleId=sold, state=DRAWING):
        raffle.requestDraw(sold, sender=stranger)
    finalise(raffle, sold, kit.chain, stranger)
    with reverts(raffle.RaffleWrongState, raffleId=sold, state=DRAWN):
        raffle.requestDraw(sold, sender=stranger)


def test_request_draw__the_raffle_is_unknown__reverts_raffle_wrong_state(raffle: Any, stranger: Any) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=4, state=0):
        raffle.requestDraw(4, sender=stranger)


def test_set_fee__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    raffle: Any, organiser: Any
) -> None:
    with reverts(raffle.OwnableUnauthorizedAccount, account=organiser):
        raffle.setFee(0, ZERO, sender=organiser)


def test_set_fee__the_fee_is_above_the_ceiling__reverts_raffle_fee_too_high(
    raffle: Any, owner: Any, treasury: Any
) -> None:
    with reverts(raffle.RaffleFeeTooHigh, feeBps=1_001, ceiling=1_000):
        raffle.setFee(1_001, treasury, sender=owner)
    raffle.setFee(1_000, treasury, sender=owner)


def test_set_fee__nobody_would_get_it__reverts_raffle_treasury_missing(raffle: Any, owner: Any) -> None:
    with reverts(raffle.RaffleTreasuryMissing):
        raffle.setFee(1, ZERO, sender=owner)
    raffle.setFee(0, ZERO, sender=owner)


def test_set_fee__it_is_allowed__touches_raffles_of_the_future_only(
    kit: RaffleKit, raffle: Any, sold: int, buyer: Any, owner: Any, stranger: Any, treasury: Any
) -> None:
    log = event(raffle.setFee(1_000, stranger, sender=owner), "FeeChanged")
    assert (log.feeBps, log.treasury) == (1_000, stranger)
    kit.draw(sold)
    log = event(raffle.withdrawProceeds(sold, sender=buyer), "ProceedsWithdrawn")
    assert (log.fee, log.treasury) == (5 * PRICE * FEE_BPS // 10_000, treasury)
    assert raffle.infoOf(kit.create()).feeBps == 1_000


def test_fee_config__nothing_was_earned__say_what_was_set(raffle: Any, treasury: Any) -> None:
    assert tuple(raffle.feeConfig()) == (FEE_BPS, treasury)
    assert raffle.feesOf(treasury, ZERO) == 0


def test_raffle_count__nothing_happened_yet__say_what_was_constructed(
    kit: RaffleKit, raffle: Any, project: Any
) -> None:
    assert (raffle.raffleCount(), raffle.refundDelay()) == (0, DAY)
    assert len(kit.chain.get_code(raffle.desk())) > 1_000
    kit.create()
    assert raffle.raffleCount() == 1


def test_state_of__the_raffle_is_unknown__is_none(raffle: Any) -> None:
    assert [raffle.stateOf(raffle_id) for raffle_id in (0, 1, 2**256 - 1)] == [0, 0, 0]


def test_state_of__time_passes__follows_from_the_facts(
    kit: RaffleKit, raffle: Any, sold: int, stranger: Any
) -> None:
    other = kit.create()
    assert (raffle.stateOf(sold), raffle.stateOf(other)) == (OPEN, OPEN)
    kit.close(other)
    assert (raffle.stateOf(sold), raffle.stateOf(other)) == (CLOSED, REFUNDING)
    raffle.requestDraw(sold, sender=stranger)
    assert raffle.stateOf(sold) == DRAWING
    finalise(raffle, sold, kit.chain, stranger)
    assert raffle.stateOf(sold) == DRAWN


def test_info_of__the_raffle_is_unknown__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=1):
        raffle.infoOf(1)


def test_info_of__the_raffle_has_options__tells_them(
    options: OptionsKit, raffle: Any, guests: Guests
) -> None:
    raffle_id = options.create(feed=options.feed, max_age=HOUR, root=guests.tree.root, salt=guests.salt)
    info = raffle.infoOf(raffle_id)
    assert (info.priceFeed, info.maxPriceAge, info.allowListRoot) == (options.feed, HOUR, guests.tree.root)
    assert info.allowListKey != bytes(32)


def test_info_of__the_raffle_has_none__tells_zeros_for_them(
    kit: RaffleKit, raffle: Any, organiser: Any, coin: Any, sold: int
) -> None:
    info = raffle.infoOf(sold)
    assert (info.organiser, info.paymentToken, info.ticketPrice) == (organiser, ZERO, PRICE)
    assert (info.minTickets, info.maxTickets, info.maxPerBuyer) == (5, 1_000, 0)
    assert (info.ticketsSold, info.entryCount, info.prizeCount, info.feeBps) == (5, 2, 2, FEE_BPS)
    assert (info.refundsOpened, info.proceedsWithdrawn) == (False, False)
    assert info.createdAt + HOUR in (info.closesAt, info.closesAt + 1)
    assert (info.priceFeed, info.maxPriceAge) == (ZERO, 0)
    assert info.allowListRoot == info.allowListKey == bytes(32)
    other = raffle.infoOf(kit.create(paymentToken=coin, maxPerBuyer=9))
    assert (other.paymentToken, other.maxPerBuyer) == (coin, 9)


def test_prizes_of__no_raffle_has_the_number__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=3):
        raffle.prizesOf(3)


def test_prizes_of__there_are_prizes_of_all_kinds__tells_each_as_it_was_given(
    kit: RaffleKit, raffle: Any, coin: Any, nft: Any, organiser: Any
) -> None:
    number = 2**256 - 1
    nft.mint(organiser, number, sender=organiser)
    prizes = [native_prize(3), erc20_prize(coin, 2**88), erc721_prize(nft, number), erc721_prize(nft, 4)]
    assert [tuple(prize) for prize in raffle.prizesOf(kit.create(prizes=prizes))] == [
        (0, ZERO, 3, 0),
        (1, coin, 2**88, 0),
        (2, nft, 0, number),
        (2, nft, 0, 4),
    ]


def test_price_feed_of__a_feed_is_configured__tells_feed_and_age(raffle: Any, feed: Any, coin: Any) -> None:
    assert tuple(raffle.priceFeedOf(ZERO)) == (feed, HOUR)
    assert tuple(raffle.priceFeedOf(coin)) == (feed, HOUR)


def test_price_feed_of__none_is_configured__tells_zeros(raffle: Any, feed: Any) -> None:
    assert tuple(raffle.priceFeedOf(feed)) == (ZERO, 0)


def test_paid_of__the_entry_exists__tells_what_it_paid(
    options: OptionsKit, raffle: Any, sold: int, buyer: Any
) -> None:
    assert [raffle.paidOf(sold, index) for index in (0, 1)] == [2 * PRICE, 3 * PRICE]
    raffle_id = options.in_dollars()
    for _ in range(2):
        raffle.buyTicketsWith(purchase(raffle_id, buyer), NO_PERMIT, sender=buyer, value=4 * ETHER)
    assert [raffle.paidOf(raffle_id, index) for index in (0, 1)] == [4 * ETHER, 4 * ETHER]


def test_paid_of__there_is_no_such_entry__reverts_raffle_entry_unknown(raffle: Any, sold: int) -> None:
    with reverts(raffle.RaffleEntryUnknown, raffleId=sold, entryIndex=2):
        raffle.paidOf(sold, 2)


def test_counted_of__there_is_a_cap__counts_a_buyer_s_tickets(
    kit: RaffleKit, raffle: Any, buyer: Any, other_buyer: Any
) -> None:
    raffle_id = kit.create(maxPerBuyer=9)
    kit.buy(raffle_id, buyer, 2)
    kit.buy(raffle_id, buyer, 3)
    assert (raffle.countedOf(raffle_id, buyer), raffle.countedOf(raffle_id, other_buyer)) == (5, 0)


def test_entry_of__there_is_an_entry__tells_buyer_and_tickets(
    raffle: Any, sold: int, buyer: Any, other_buyer: Any
) -> None:
    assert [tuple(raffle.entryOf(sold, index)) for index in (0, 1)] == [(buyer, 0, 2), (other_buyer, 2, 5)]


def test_entry_of__there_is_none__reverts_raffle_entry_unknown(raffle: Any, sold: int) -> None:
    with reverts(raffle.RaffleEntryUnknown, raffleId=sold, entryIndex=2):
        raffle.entryOf(sold, 2)


def test_entry_of__the_raffle_is_none__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=2):
        raffle.entryOf(2, 0)


def test_entry_with_ticket__tickets_are_sold__finds_the_entry_of_each(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    entries = []
    for index, count in enumerate((1, 3, 1, 2, 5, 1, 1)):
        kit.buy(raffle_id, buyer, count)
        entries += [index] * count
    assert [raffle.entryWithTicket(raffle_id, ticket) for ticket in range(14)] == entries


def test_entry_with_ticket__the_ticket_is_not_sold__reverts_raffle_ticket_unknown(
    raffle: Any, sold: int
) -> None:
    for ticket in (5, 2**64 - 1):
        with reverts(raffle.RaffleTicketUnknown, raffleId=sold, ticket=ticket):
            raffle.entryWithTicket(sold, ticket)


def test_entry_with_ticket__the_raffle_does_not_exist__reverts_raffle_unknown(raffle: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=6):
        raffle.entryWithTicket(6, 0)


def test_winner_of__a_rank_was_drawn__matches_the_twin(kit: RaffleKit, raffle: Any, sold: int) -> None:
    for rank, ticket in enumerate(winners(kit.draw(sold), 5, 2)):
        answer = raffle.winnerOf(sold, rank)
        buyer, first, end = raffle.entryOf(sold, answer.entryIndex)
        assert (answer.ticket, answer.buyer) == (ticket, buyer)
        assert first <= ticket < end


def test_winner_of__the_rank_has_no_prize__reverts_raffle_rank_unknown(
    kit: RaffleKit, raffle: Any, sold: int
) -> None:
    kit.draw(sold)
    with reverts(raffle.RaffleRankUnknown, raffleId=sold, rank=2):
        raffle.winnerOf(sold, 2)


def test_winner_of__there_is_no_seed__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, sold: int
) -> None:
    kit.request(sold)
    with reverts(raffle.RaffleWrongState, raffleId=sold, state=DRAWING):
        raffle.winnerOf(sold, 0)


def test_is_claimed__nothing_was_settled__say_no(kit: RaffleKit, raffle: Any, sold: int) -> None:
    kit.draw(sold)
    assert not any(raffle.isClaimed(sold, rank) for rank in (0, 1, 2, 2**32 - 1))
    assert not any(raffle.isRefunded(sold, entry) for entry in (0, 1, 2))
    assert not raffle.isClaimed(77, 0)


def deploy(project: Any, owner: Any, beacon: Any, delay: int, fee: int, treasury: Any) -> Any:
    waits = (REVEAL_DELAY, MARGIN)
    return owner.deploy(project.Raffle, owner, beacon, *waits, no_vrf(), delay, fee, treasury)


def test_constructor__the_refund_delay_is_zero__reverts_raffle_refund_delay_too_short(
    project: Any, owner: Any, beacon: Any, treasury: Any
) -> None:
    with reverts(project.Raffle.RaffleRefundDelayTooShort, refundDelay=0):
        deploy(project, owner, beacon, 0, 0, treasury)


def test_constructor__the_fee_is_too_high__reverts_raffle_fee_too_high(
    project: Any, owner: Any, beacon: Any, treasury: Any
) -> None:
    with reverts(project.Raffle.RaffleFeeTooHigh, feeBps=1_001):
        deploy(project, owner, beacon, DAY, 1_001, treasury)


def test_constructor__it_is_deployed__makes_its_own_desk(
    project: Any, raffle: Any, owner: Any, beacon: Any, treasury: Any
) -> None:
    other = deploy(project, owner, beacon, DAY, 10, treasury)
    assert other.desk() != raffle.desk()
    assert tuple(other.feeConfig()) == (10, treasury)
