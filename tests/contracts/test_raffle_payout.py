"""After the seed, or without one: prizes, refunds, proceeds, fees."""

from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.winners import winners
from tests.contracts.conftest import ETHER, FEE_BPS
from tests.contracts.kit import (
    PRICE,
    ZERO,
    RaffleKit,
    erc20_prize,
    erc721_prize,
    event,
    finalise,
    native_prize,
)
from tests.evm import reverts

OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = 1, 2, 3, 4, 5
ACCEPT, REFUSE, BURN_GAS, REENTER = range(4)


@pytest.fixture
def drawn(kit: RaffleKit, buyer: Any, other_buyer: Any, coin: Any, nft: Any) -> int:
    """Three prizes of three kinds, nine tickets in four entries, seed set."""
    prizes = [native_prize(ETHER), erc20_prize(coin, 500), erc721_prize(nft, 2)]
    raffle_id = kit.create(prizes=prizes)
    for holder, count in ((buyer, 2), (other_buyer, 3), (buyer, 1), (other_buyer, 3)):
        kit.buy(raffle_id, holder, count)
    kit.draw(raffle_id)
    return raffle_id


@pytest.fixture
def undersold(kit: RaffleKit, buyer: Any, other_buyer: Any, coin: Any) -> int:
    """Closed with three tickets in two entries, ten needed."""
    raffle_id = kit.create(minTickets=10, prizes=[native_prize(ETHER), erc20_prize(coin, 500)])
    kit.buy(raffle_id, buyer, 2)
    kit.buy(raffle_id, other_buyer, 1)
    kit.close(raffle_id)
    return raffle_id


def test_winner_of__every_rank__matches_the_twin(kit: RaffleKit, raffle: Any, drawn: int) -> None:
    tickets = winners(bytes(raffle.drawOf(drawn).seed), 9, 3)
    for rank, ticket in enumerate(tickets):
        answer = raffle.winnerOf(drawn, rank)
        buyer, first, end = raffle.entryOf(drawn, answer.entryIndex)
        assert (answer.ticket, answer.buyer) == (ticket, buyer)
        assert first <= ticket < end


def test_claim__by_anyone__pays_each_kind_to_its_winner(
    chain: Any, raffle: Any, drawn: int, stranger: Any, coin: Any, nft: Any
) -> None:
    native, token, single = (raffle.winnerOf(drawn, rank) for rank in range(3))
    held, coins = chain.get_balance(native.buyer), coin.balanceOf(token.buyer)
    receipt = raffle.claim(drawn, 0, sender=stranger)
    log = event(receipt, "PrizeClaimed")
    assert (log.rank, log.winner, log.to, log.ticket, log.amount) == (
        0,
        native.buyer,
        native.buyer,
        native.ticket,
        ETHER,
    )
    assert chain.get_balance(native.buyer) - held == ETHER
    raffle.claimHinted(drawn, 1, token.entryIndex, sender=stranger)
    assert coin.balanceOf(token.buyer) - coins == 500
    raffle.claim(drawn, 2, sender=stranger)
    assert nft.ownerOf(2) == single.buyer
    assert all(raffle.isClaimed(drawn, rank) for rank in range(3))


def test_claim__second_time_in_any_way__is_refused(
    raffle: Any, drawn: int, stranger: Any, accounts: Any
) -> None:
    winner = raffle.winnerOf(drawn, 0)
    raffle.claim(drawn, 0, sender=stranger)
    expected = {"raffleId": drawn, "rank": 0}
    with reverts(raffle.RaffleAlreadyClaimed, **expected):
        raffle.claim(drawn, 0, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, **expected):
        raffle.claimHinted(drawn, 0, winner.entryIndex, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, **expected):
        raffle.claimMany(drawn, [0], [winner.entryIndex], sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, **expected):
        raffle.claimTo(drawn, 0, stranger, sender=accounts[winner.buyer])


def test_claim_hinted__every_other_entry__is_refused(raffle: Any, drawn: int, stranger: Any) -> None:
    winner = raffle.winnerOf(drawn, 0)
    for entry in {0, 1, 2, 3, 4, 2**32 - 1} - {winner.entryIndex}:
        with reverts(raffle.RaffleHintWrong, entryIndex=entry, ticket=winner.ticket):
            raffle.claimHinted(drawn, 0, entry, sender=stranger)


def test_claim_many__several_ranks_out_of_order__pays_all(
    raffle: Any, drawn: int, stranger: Any, coin: Any, nft: Any
) -> None:
    entries = {rank: raffle.winnerOf(drawn, rank).entryIndex for rank in range(3)}
    raffle.claimMany(drawn, [2, 0, 1], [entries[2], entries[0], entries[1]], sender=stranger)
    assert all(raffle.isClaimed(drawn, rank) for rank in range(3))
    assert nft.ownerOf(2) == raffle.winnerOf(drawn, 2).buyer


def test_claim_many__same_rank_twice_or_lists_unlike__is_refused(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    entry = raffle.winnerOf(drawn, 1).entryIndex
    with reverts(raffle.RaffleAlreadyClaimed):
        raffle.claimMany(drawn, [1, 1], [entry, entry], sender=stranger)
    with reverts(raffle.RaffleInputLengths, ranks=2, entryIndexes=1):
        raffle.claimMany(drawn, [1, 1], [entry], sender=stranger)
    with reverts(raffle.RaffleRankUnknown, rank=3):
        raffle.claimMany(drawn, [3], [0], sender=stranger)


def test_claim_to__winner__chooses_the_receiver(
    raffle: Any, drawn: int, stranger: Any, accounts: Any
) -> None:
    winner = raffle.winnerOf(drawn, 0).buyer
    held = stranger.balance
    with reverts(raffle.RaffleNotWinner, rank=0, caller=stranger.address):
        raffle.claimTo(drawn, 0, stranger, sender=stranger)
    with reverts(raffle.RaffleReceiverMissing):
        raffle.claimTo(drawn, 0, ZERO, sender=accounts[winner])
    held = stranger.balance
    log = event(raffle.claimTo(drawn, 0, stranger, sender=accounts[winner]), "PrizeClaimed")
    assert (log.winner, log.to) == (winner, stranger)
    assert stranger.balance - held == ETHER


def test_claim__rank_beyond_k_or_no_seed__is_refused(
    kit: RaffleKit, raffle: Any, drawn: int, stranger: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleRankUnknown, rank=3):
        raffle.claim(drawn, 3, sender=stranger)
    other = kit.create()
    kit.buy(other, buyer)
    with reverts(raffle.RaffleWrongState, raffleId=other, state=OPEN):
        raffle.claim(other, 0, sender=stranger)
    kit.request(other)
    with reverts(raffle.RaffleWrongState, raffleId=other, state=DRAWING):
        raffle.claimHinted(other, 0, 0, sender=stranger)


@pytest.fixture
def won_by_actor(kit: RaffleKit, raffle: Any, create_actor: Any, stranger: Any) -> tuple[int, Any]:
    """Two prizes of POL: one entry is a contract's, so is at least one prize."""
    actor = create_actor()
    raffle_id = kit.create(prizes=[native_prize(ETHER), native_prize(ETHER)], maxTickets=2, minTickets=2)
    for holder in (actor, stranger):
        raffle.buyTickets(raffle_id, 1, holder, sender=stranger, value=PRICE)
    raffle.requestDraw(raffle_id, sender=stranger)
    finalise(raffle, raffle_id, kit.chain, stranger)
    return raffle_id, actor


def ranks_of(raffle: Any, raffle_id: int, actor: Any) -> tuple[int, int]:
    """The contract's rank, then the other one."""
    first = raffle.winnerOf(raffle_id, 0).buyer == actor
    return (0, 1) if first else (1, 0)


@pytest.mark.parametrize("manner", [REFUSE, BURN_GAS])
def test_claim__receiver_refuses_pol__blocks_only_itself(
    raffle: Any, won_by_actor: tuple[int, Any], stranger: Any, manner: int
) -> None:
    raffle_id, actor = won_by_actor
    its, other = ranks_of(raffle, raffle_id, actor)
    actor.behave(manner, ZERO, b"", sender=stranger)
    with reverts(raffle.RafflePayoutFailed, to=actor.address, amount=ETHER):
        raffle.claim(raffle_id, its, sender=stranger, gas=2_000_000)
    raffle.claim(raffle_id, other, sender=stranger)
    raffle.withdrawProceeds(raffle_id, sender=stranger)
    # It can still have its prize sent elsewhere.
    held = stranger.balance
    take = raffle.claimTo.encode_input(raffle_id, its, stranger)
    receipt = actor.execute(raffle, take, sender=stranger)
    assert stranger.balance - held == ETHER - receipt.total_fees_paid


def test_claim__receiver_reenters__is_refused_inside_and_paid_once(
    raffle: Any, won_by_actor: tuple[int, Any], stranger: Any
) -> None:
    raffle_id, actor = won_by_actor
    its, _ = ranks_of(raffle, raffle_id, actor)
    again = raffle.claim.encode_input(raffle_id, its)
    actor.behave(REENTER, raffle, again, sender=stranger)
    raffle.claim(raffle_id, its, sender=stranger)
    assert actor.balance == ETHER
    assert bytes(actor.answer()) == keccak(text="ReentrancyGuardReentrantCall()")[:4]


def test_refund__undersold__pays_every_entry_once_without_being_opened(
    raffle: Any, undersold: int, stranger: Any, buyer: Any, other_buyer: Any
) -> None:
    assert raffle.stateOf(undersold) == REFUNDING
    held = buyer.balance, other_buyer.balance
    receipt = raffle.refund(undersold, 0, sender=stranger)
    assert [log.event_name for log in receipt.events] == ["RefundsOpened", "EntryRefunded"]
    receipt = raffle.refund(undersold, 1, sender=stranger)
    assert [log.event_name for log in receipt.events] == ["EntryRefunded"]
    assert (buyer.balance - held[0], other_buyer.balance - held[1]) == (2 * PRICE, PRICE)
    assert raffle.isRefunded(undersold, 0)
    with reverts(raffle.RaffleAlreadyRefunded, entryIndex=0):
        raffle.refund(undersold, 0, sender=stranger)
    with reverts(raffle.RaffleEntryUnknown, entryIndex=2):
        raffle.refund(undersold, 2, sender=stranger)


def test_refund_to__buyer_only__chooses_the_receiver(
    raffle: Any, undersold: int, stranger: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleNotBuyer, entryIndex=0, caller=stranger.address):
        raffle.refundTo(undersold, 0, stranger, sender=stranger)
    held = stranger.balance
    raffle.refundTo(undersold, 0, stranger, sender=buyer)
    assert stranger.balance - held == 2 * PRICE


def test_refund__in_a_token__pays_the_token(
    kit: RaffleKit, raffle: Any, coin: Any, buyer: Any, stranger: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin, minTickets=5)
    coin.approve(raffle, 10 * PRICE, sender=buyer)
    raffle.buyTickets(raffle_id, 3, buyer, sender=buyer)
    kit.close(raffle_id)
    held = coin.balanceOf(buyer)
    raffle.refund(raffle_id, 0, sender=stranger)
    assert coin.balanceOf(buyer) - held == 3 * PRICE


def test_refund__raffle_not_refunding__is_refused(raffle: Any, drawn: int, stranger: Any) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=drawn, state=DRAWN):
        raffle.refund(drawn, 0, sender=stranger)


def test_open_refunds__undersold__says_so_once(raffle: Any, undersold: int, stranger: Any) -> None:
    log = event(raffle.openRefunds(undersold, sender=stranger), "RefundsOpened")
    assert (log.seedMissing, log.ticketsSold, log.minTickets) == (False, 3, 10)
    with reverts(raffle.RaffleWrongState, state=REFUNDING):
        raffle.openRefunds(undersold, sender=stranger)


def test_open_refunds__sales_open_or_unknown__is_refused(kit: RaffleKit, raffle: Any, stranger: Any) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RaffleWrongState, state=OPEN):
        raffle.openRefunds(raffle_id, sender=stranger)
    with reverts(raffle.RaffleWrongState, raffleId=999, state=0):
        raffle.openRefunds(999, sender=stranger)


def test_return_prize__refunding__goes_back_to_the_organiser(
    raffle: Any, undersold: int, stranger: Any, organiser: Any, coin: Any
) -> None:
    held, coins = organiser.balance, coin.balanceOf(organiser)
    for rank in (0, 1):
        raffle.returnPrize(undersold, rank, sender=stranger)
    assert (organiser.balance - held, coin.balanceOf(organiser) - coins) == (ETHER, 500)
    with reverts(raffle.RaffleAlreadyClaimed, rank=0):
        raffle.returnPrize(undersold, 0, sender=stranger)
    with reverts(raffle.RaffleRankUnknown, rank=2):
        raffle.returnPrize(undersold, 2, sender=stranger)
    assert not raffle.isClaimed(undersold, 0)


def test_return_prize__fewer_tickets_than_prizes__returns_only_the_rest(
    kit: RaffleKit, raffle: Any, buyer: Any, stranger: Any, organiser: Any
) -> None:
    raffle_id = kit.create(prizes=[native_prize(1), native_prize(2), native_prize(4)])
    kit.buy(raffle_id, buyer, 1)
    with reverts(raffle.RaffleWrongState, state=OPEN):
        raffle.returnPrize(raffle_id, 2, sender=stranger)
    kit.draw(raffle_id)
    with reverts(raffle.RaffleWrongState, state=DRAWN):
        raffle.returnPrize(raffle_id, 0, sender=stranger)
    held = organiser.balance
    raffle.returnPrize(raffle_id, 1, sender=stranger)
    raffle.returnPrize(raffle_id, 2, sender=stranger)
    assert organiser.balance - held == 6
    with reverts(raffle.RaffleRankUnknown, rank=1):
        raffle.claim(raffle_id, 1, sender=stranger)


def test_withdraw__drawn__splits_proceeds_and_fee(
    raffle: Any, drawn: int, stranger: Any, organiser: Any, treasury: Any
) -> None:
    fee = 9 * PRICE * FEE_BPS // 10_000
    held = organiser.balance
    log = event(raffle.withdrawProceeds(drawn, sender=stranger), "ProceedsWithdrawn")
    assert (log.amount, log.fee, log.treasury) == (9 * PRICE - fee, fee, treasury)
    assert organiser.balance - held == 9 * PRICE - fee
    with reverts(raffle.RaffleAlreadyWithdrawn, raffleId=drawn):
        raffle.withdrawProceeds(drawn, sender=stranger)
    held = treasury.balance
    assert raffle.feesOf(treasury, ZERO) == fee
    raffle.payFees(treasury, ZERO, sender=stranger)
    assert treasury.balance - held == fee
    with reverts(raffle.RaffleNoFees):
        raffle.payFees(treasury, ZERO, sender=stranger)


def test_withdraw__not_drawn__is_refused(
    kit: RaffleKit, raffle: Any, undersold: int, buyer: Any, stranger: Any
) -> None:
    with reverts(raffle.RaffleWrongState, state=REFUNDING):
        raffle.withdrawProceeds(undersold, sender=stranger)


def test_set_fee__after_creation__touches_future_raffles_only(
    kit: RaffleKit, raffle: Any, buyer: Any, owner: Any, stranger: Any, treasury: Any
) -> None:
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    raffle.setFee(1_000, stranger, sender=owner)
    assert tuple(raffle.feeConfig()) == (1_000, stranger)
    kit.draw(raffle_id)
    log = event(raffle.withdrawProceeds(raffle_id, sender=buyer), "ProceedsWithdrawn")
    assert (log.fee, log.treasury) == (PRICE * FEE_BPS // 10_000, treasury)
    assert raffle.infoOf(kit.create()).feeBps == 1_000


def test_set_fee__above_the_ceiling_or_to_nobody__is_refused(raffle: Any, owner: Any, treasury: Any) -> None:
    with reverts(raffle.RaffleFeeTooHigh, feeBps=1_001, ceiling=1_000):
        raffle.setFee(1_001, treasury, sender=owner)
    with reverts(raffle.RaffleTreasuryMissing):
        raffle.setFee(1, ZERO, sender=owner)


def test_everything_settled__any_raffle__leaves_nothing_behind(
    kit: RaffleKit, raffle: Any, drawn: int, stranger: Any, treasury: Any
) -> None:
    for rank in range(3):
        raffle.claim(drawn, rank, sender=stranger)
    raffle.withdrawProceeds(drawn, sender=stranger)
    raffle.payFees(treasury, ZERO, sender=stranger)
    assert raffle.balance == 0
