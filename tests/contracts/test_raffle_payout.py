"""What a drawn raffle pays: prizes, proceeds, fees, and what goes back."""

from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.winners import winners
from tests.contracts.conftest import FEE_BPS
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
from tests.contracts.raffle_kit import (
    DOLLAR,
    DRAWING,
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
RETURN_FALSE = 1
LARGE = 2**88 - 1


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
def undersold(kit: RaffleKit, buyer: Any, coin: Any, nft: Any) -> int:
    """Closed with two tickets, ten needed; prizes of three kinds, two of them POL."""
    prizes = [native_prize(ETHER), native_prize(5), erc20_prize(coin, 500), erc721_prize(nft, 3)]
    raffle_id = kit.create(minTickets=10, prizes=prizes)
    kit.buy(raffle_id, buyer, 2)
    kit.close(raffle_id)
    return raffle_id


@pytest.fixture
def won_by_actor(kit: RaffleKit, raffle: Any, create_actor: Any, stranger: Any) -> tuple[int, Any, int, int]:
    """Two prizes, two tickets, one of them a contract's: raffle, contract, its rank, the other rank."""
    actor = create_actor()
    raffle_id = kit.create(prizes=[native_prize(ETHER), native_prize(ETHER)], maxTickets=2, minTickets=2)
    for holder in (actor, stranger):
        raffle.buyTickets(raffle_id, 1, holder, sender=stranger, value=PRICE)
    raffle.requestDraw(raffle_id, sender=stranger)
    finalise(raffle, raffle_id, kit.chain, stranger)
    its = 0 if raffle.winnerOf(raffle_id, 0).buyer == actor else 1
    return raffle_id, actor, its, 1 - its


def all_to(kit: RaffleKit, buyer: Any, prizes: list[Any]) -> int:
    """A drawn raffle of one buyer, who won everything."""
    raffle_id = kit.create(prizes=prizes)
    kit.buy(raffle_id, buyer, len(prizes))
    kit.draw(raffle_id)
    return raffle_id


def test_claim__the_raffle_is_not_drawn__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, buyer: Any, undersold: int
) -> None:
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.claim(raffle_id, 0, sender=buyer)
    kit.request(raffle_id)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=DRAWING):
        raffle.claim(raffle_id, 0, sender=buyer)
    with reverts(raffle.RaffleWrongState, raffleId=undersold, state=REFUNDING):
        raffle.claim(undersold, 0, sender=buyer)


def test_claim__the_rank_has_no_winner__reverts_raffle_rank_unknown(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    for rank in (3, 2**32 - 1):
        with reverts(raffle.RaffleRankUnknown, raffleId=drawn, rank=rank):
            raffle.claim(drawn, rank, sender=stranger)


def test_claim__the_rank_was_claimed__reverts_raffle_already_claimed(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    raffle.claim(drawn, 0, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=drawn, rank=0):
        raffle.claim(drawn, 0, sender=stranger)


def test_claim__the_prize_is_pol__pays_the_winner_whoever_calls(
    raffle: Any, drawn: int, stranger: Any, chain: Any
) -> None:
    winner = raffle.winnerOf(drawn, 0)
    had = chain.get_balance(winner.buyer)
    log = event(raffle.claim(drawn, 0, sender=stranger), "PrizeClaimed")
    assert (log.raffleId, log.rank, log.winner, log.to) == (drawn, 0, winner.buyer, winner.buyer)
    assert (log.ticket, log.kind, log.token, log.amount, log.tokenId) == (winner.ticket, 0, ZERO, ETHER, 0)
    assert chain.get_balance(winner.buyer) - had == ETHER
    assert [raffle.isClaimed(drawn, rank) for rank in range(4)] == [True, False, False, False]


def test_claim__the_prize_is_an_erc_20__pays_the_winner(
    raffle: Any, drawn: int, stranger: Any, coin: Any
) -> None:
    winner = raffle.winnerOf(drawn, 1).buyer
    had = coin.balanceOf(winner)
    log = event(raffle.claim(drawn, 1, sender=stranger), "PrizeClaimed")
    assert (log.kind, log.token, log.amount) == (1, coin, 500)
    assert coin.balanceOf(winner) - had == 500


def test_claim__the_prize_is_an_erc_721__gives_it_to_the_winner(
    raffle: Any, drawn: int, stranger: Any, nft: Any
) -> None:
    log = event(raffle.claim(drawn, 2, sender=stranger), "PrizeClaimed")
    assert (log.kind, log.token, log.amount, log.tokenId) == (2, nft, 0, 2)
    assert nft.ownerOf(2) == raffle.winnerOf(drawn, 2).buyer


@pytest.mark.parametrize("amount", [LARGE - 1, LARGE, LARGE + 1, 2**120])
def test_claim__the_amount_does_not_fit_the_slot__pays_all_of_it(
    kit: RaffleKit, raffle: Any, coin: Any, organiser: Any, buyer: Any, stranger: Any, amount: int
) -> None:
    coin.mint(organiser, amount, sender=organiser)
    raffle_id = all_to(kit, buyer, [erc20_prize(coin, amount)])
    had = coin.balanceOf(buyer)
    raffle.claim(raffle_id, 0, sender=stranger)
    assert coin.balanceOf(buyer) - had == amount


@pytest.mark.parametrize("manner", [REFUSE, BURN_GAS])
def test_claim__the_winner_refuses_pol__reverts_raffle_payout_failed(
    raffle: Any, won_by_actor: tuple[int, Any, int, int], stranger: Any, manner: int
) -> None:
    raffle_id, actor, its, _ = won_by_actor
    actor.behave(manner, ZERO, b"", sender=stranger)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=ETHER):
        raffle.claim(raffle_id, its, sender=stranger, gas=2_000_000)
    assert not raffle.isClaimed(raffle_id, its)


def test_claim__one_winner_refuses_pol__pays_all_the_others(
    raffle: Any, won_by_actor: tuple[int, Any, int, int], stranger: Any, treasury: Any
) -> None:
    raffle_id, actor, its, other = won_by_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    raffle.claim(raffle_id, other, sender=stranger)
    raffle.withdrawProceeds(raffle_id, sender=stranger)
    raffle.payFees(treasury, ZERO, sender=stranger)
    assert raffle.balance == ETHER
    actor.behave(ACCEPT, ZERO, b"", sender=stranger)
    raffle.claim(raffle_id, its, sender=stranger)
    assert (raffle.balance, actor.balance) == (0, ETHER)


def test_claim__the_winner_reenters__pays_once(
    raffle: Any, won_by_actor: tuple[int, Any, int, int], stranger: Any
) -> None:
    raffle_id, actor, its, _ = won_by_actor
    again = raffle.claim.encode_input(raffle_id, its)
    actor.behave(REENTER, raffle, again, sender=stranger)
    raffle.claim(raffle_id, its, sender=stranger)
    assert actor.balance == ETHER
    assert actor.answer() == keccak(text="ReentrancyGuardReentrantCall()")[:4]


def test_claim__the_erc_20_calls_back__reverts_reentrancy_guard_reentrant_call(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any, buyer: Any
) -> None:
    token = organiser.deploy(project.HookERC20)
    token.mint(organiser, ETHER, sender=organiser)
    raffle_id = all_to(kit, buyer, [erc20_prize(token, 5), erc20_prize(token, 7)])
    for again in (raffle.claim.encode_input(raffle_id, 1), raffle.withdrawProceeds.encode_input(raffle_id)):
        token.callBack(raffle, again, sender=buyer)
        with reverts(raffle.ReentrancyGuardReentrantCall):
            raffle.claim(raffle_id, 0, sender=buyer)
    assert token.balanceOf(raffle) == 12


def test_claim__the_erc_20_returns_false__reverts_safe_erc20_failed_operation(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any, buyer: Any
) -> None:
    odd = organiser.deploy(project.OddERC20)
    odd.mint(organiser, ETHER, sender=organiser)
    raffle_id = all_to(kit, buyer, [erc20_prize(odd, 5)])
    odd.become(RETURN_FALSE, sender=organiser)
    with reverts("SafeERC20FailedOperation", token=odd):
        raffle.claim(raffle_id, 0, sender=buyer)
    assert not raffle.isClaimed(raffle_id, 0)


def test_claim__there_are_many_entries__finds_the_winner_of_every_rank(
    kit: RaffleKit, raffle: Any, accounts: Any, stranger: Any
) -> None:
    people = [accounts[20 + index] for index in range(37)]
    raffle_id = kit.create(prizes=[native_prize(1 + index) for index in range(20)])
    tickets = []
    for index, person in enumerate(people):
        count = 1 + index % 3
        raffle.buyTickets(raffle_id, count, person, sender=stranger, value=count * PRICE)
        tickets += [(index, person)] * count
    drawn = winners(kit.draw(raffle_id), len(tickets), 20)
    for rank, ticket in enumerate(drawn):
        entry, person = tickets[ticket]
        log = event(raffle.claim(raffle_id, rank, sender=stranger), "PrizeClaimed")
        assert (log.winner, log.ticket, log.amount) == (person, ticket, 1 + rank)
        assert raffle.entryWithTicket(raffle_id, ticket) == entry
    earned = sum(1 + rank for rank, ticket in enumerate(drawn) if tickets[ticket][0] == 5)
    assert people[5].balance == earned


def test_claim_hinted__the_hint_is_the_entry__pays_the_winner(
    raffle: Any, drawn: int, stranger: Any, nft: Any
) -> None:
    winner = raffle.winnerOf(drawn, 2)
    log = event(raffle.claimHinted(drawn, 2, winner.entryIndex, sender=stranger), "PrizeClaimed")
    assert (log.winner, log.ticket, nft.ownerOf(2)) == (winner.buyer, winner.ticket, winner.buyer)


def test_claim_hinted__the_hint_is_another_entry__reverts_raffle_hint_wrong(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    for rank in range(3):
        winner = raffle.winnerOf(drawn, rank)
        for entry in {0, 1, 2, 3, 4, 2**32 - 1} - {winner.entryIndex}:
            with reverts(raffle.RaffleHintWrong, entryIndex=entry, ticket=winner.ticket):
                raffle.claimHinted(drawn, rank, entry, sender=stranger)


def test_claim_hinted__no_draw_was_made__reverts_raffle_wrong_state(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=undersold, state=REFUNDING):
        raffle.claimHinted(undersold, 0, 0, sender=stranger)


def test_claim_hinted__nobody_won_the_rank__reverts_raffle_rank_unknown(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleRankUnknown, raffleId=drawn, rank=3):
        raffle.claimHinted(drawn, 3, 0, sender=stranger)


def test_claim_hinted__it_was_paid_before__reverts_raffle_already_claimed(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    entry = raffle.winnerOf(drawn, 1).entryIndex
    raffle.claimHinted(drawn, 1, entry, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=drawn, rank=1):
        raffle.claimHinted(drawn, 1, entry, sender=stranger)


def hints(raffle: Any, raffle_id: int, ranks: list[int]) -> list[int]:
    return [raffle.winnerOf(raffle_id, rank).entryIndex for rank in ranks]


def test_claim_many__ranks_come_in_any_order__pays_each_to_its_winner(
    raffle: Any, drawn: int, stranger: Any, nft: Any, coin: Any, chain: Any
) -> None:
    order = [2, 0, 1]
    first, second = (raffle.winnerOf(drawn, rank).buyer for rank in (0, 1))
    had, coins = chain.get_balance(first), coin.balanceOf(second)
    receipt = raffle.claimMany(drawn, order, hints(raffle, drawn, order), sender=stranger)
    assert [log.rank for log in receipt.events if log.event_name == "PrizeClaimed"] == order
    assert (chain.get_balance(first) - had, coin.balanceOf(second) - coins) == (ETHER, 500)
    assert nft.ownerOf(2) == raffle.winnerOf(drawn, 2).buyer
    assert all(raffle.isClaimed(drawn, rank) for rank in range(3))


def test_claim_many__nothing_is_asked__pays_nothing(raffle: Any, drawn: int, stranger: Any) -> None:
    held = raffle.balance
    assert raffle.claimMany(drawn, [], [], sender=stranger).events == []
    assert raffle.balance == held


def test_claim_many__a_winner_has_several_prizes__pays_them_in_one_transfer(
    kit: RaffleKit, raffle: Any, buyer: Any, stranger: Any, coin: Any
) -> None:
    prizes = [native_prize(1), native_prize(2), erc20_prize(coin, 3), erc20_prize(coin, 4), native_prize(8)]
    raffle_id = all_to(kit, buyer, prizes)
    had, coins = buyer.balance, coin.balanceOf(buyer)
    receipt = raffle.claimMany(raffle_id, range(5), [0] * 5, sender=stranger)
    assert (buyer.balance - had, coin.balanceOf(buyer) - coins) == (11, 7)
    assert [log.value for log in receipt.events if log.event_name == "Transfer"] == [7]
    assert [log.amount for log in receipt.events if log.event_name == "PrizeClaimed"] == [1, 2, 3, 4, 8]


def test_claim_many__ranks_lie_in_several_words__settles_each_once(
    kit: RaffleKit, raffle: Any, buyer: Any, stranger: Any
) -> None:
    """Bits of ranks below 72 lie elsewhere than those above, and 256 make a word."""
    raffle_id = all_to(kit, buyer, [native_prize(1 + rank) for rank in range(300)])
    ranks = [255, 0, 299, 71, 72, 256, 70]
    had = buyer.balance
    raffle.claimMany(raffle_id, ranks, [0] * len(ranks), sender=stranger)
    assert buyer.balance - had == sum(1 + rank for rank in ranks)
    assert [rank for rank in range(300) if raffle.isClaimed(raffle_id, rank)] == sorted(ranks)
    for rank in ranks:
        with reverts(raffle.RaffleAlreadyClaimed, raffleId=raffle_id, rank=rank):
            raffle.claim(raffle_id, rank, sender=stranger)
        with reverts(raffle.RaffleAlreadyClaimed, raffleId=raffle_id, rank=rank):
            raffle.claimMany(raffle_id, [rank], [0], sender=stranger)
    for rank in (1, 73, 298):
        raffle.claim(raffle_id, rank, sender=stranger)
    rest = [rank for rank in range(300) if rank not in {*ranks, 1, 73, 298}]
    raffle.claimMany(raffle_id, rest, [0] * len(rest), sender=stranger)
    assert buyer.balance - had == sum(range(301))


@pytest.mark.parametrize("ranks", [[1, 1], [1, 0, 1]])
def test_claim_many__a_rank_comes_twice__reverts_raffle_already_claimed(
    raffle: Any, drawn: int, stranger: Any, ranks: list[int]
) -> None:
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=drawn, rank=1):
        raffle.claimMany(drawn, ranks, hints(raffle, drawn, ranks), sender=stranger)


def test_claim_many__the_lists_are_unlike__reverts_raffle_input_lengths(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleInputLengths, ranks=2, entryIndexes=1):
        raffle.claimMany(drawn, [0, 1], [0], sender=stranger)
    with reverts(raffle.RaffleInputLengths, ranks=0, entryIndexes=1):
        raffle.claimMany(drawn, [], [0], sender=stranger)


def test_claim_many__a_rank_does_not_exist__reverts_raffle_rank_unknown(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleRankUnknown, raffleId=drawn, rank=3):
        raffle.claimMany(drawn, [0, 3], [*hints(raffle, drawn, [0]), 0], sender=stranger)


def test_claim_many__a_hint_is_wrong__reverts_raffle_hint_wrong(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    right, wrong = hints(raffle, drawn, [0, 1])
    wrong = (wrong + 1) % 4
    with reverts(raffle.RaffleHintWrong, entryIndex=wrong):
        raffle.claimMany(drawn, [0, 1], [right, wrong], sender=stranger)
    assert not raffle.isClaimed(drawn, 0)


def test_claim_many__a_winner_refuses_its_pol__reverts_raffle_payout_failed(
    raffle: Any, won_by_actor: tuple[int, Any, int, int], stranger: Any
) -> None:
    raffle_id, actor, _, other = won_by_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=ETHER):
        raffle.claimMany(raffle_id, [0, 1], hints(raffle, raffle_id, [0, 1]), sender=stranger)
    raffle.claimMany(raffle_id, [other], hints(raffle, raffle_id, [other]), sender=stranger)


def test_claim_many__there_is_no_seed__reverts_raffle_wrong_state(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=undersold, state=REFUNDING):
        raffle.claimMany(undersold, [0], [0], sender=stranger)


def test_claim_to__the_winner_calls__pays_the_receiver(
    raffle: Any, drawn: int, stranger: Any, chain: Any
) -> None:
    winner = raffle.winnerOf(drawn, 0).buyer
    had = stranger.balance
    log = event(raffle.claimTo(drawn, 0, stranger, sender=chain.impersonate(winner)), "PrizeClaimed")
    assert (log.winner, log.to) == (winner, stranger)
    assert stranger.balance - had == ETHER


def test_claim_to__the_caller_is_not_the_winner__reverts_raffle_not_winner(
    raffle: Any, drawn: int, stranger: Any, organiser: Any, owner: Any
) -> None:
    for caller in (stranger, organiser, owner):
        with reverts(raffle.RaffleNotWinner, raffleId=drawn, rank=0, caller=caller):
            raffle.claimTo(drawn, 0, caller, sender=caller)


def test_claim_to__the_receiver_is_nobody__reverts_raffle_receiver_missing(
    raffle: Any, drawn: int, chain: Any
) -> None:
    winner = chain.impersonate(raffle.winnerOf(drawn, 0).buyer)
    with reverts(raffle.RaffleReceiverMissing):
        raffle.claimTo(drawn, 0, ZERO, sender=winner)


def test_claim_to__the_winner_refuses_pol_itself__still_gets_it_elsewhere(
    raffle: Any, won_by_actor: tuple[int, Any, int, int], stranger: Any
) -> None:
    raffle_id, actor, its, _ = won_by_actor
    actor.behave(REFUSE, ZERO, b"", sender=stranger)
    had = stranger.balance
    actor.execute(raffle, raffle.claimTo.encode_input(raffle_id, its, stranger), sender=stranger)
    assert stranger.balance - had == ETHER


def test_claim_to__the_prize_is_gone__reverts_raffle_already_claimed(
    raffle: Any, drawn: int, stranger: Any, chain: Any
) -> None:
    winner = chain.impersonate(raffle.winnerOf(drawn, 0).buyer)
    raffle.claim(drawn, 0, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=drawn, rank=0):
        raffle.claimTo(drawn, 0, stranger, sender=winner)


def test_claim_to__the_rank_is_beyond_the_last__reverts_raffle_rank_unknown(
    raffle: Any, drawn: int, buyer: Any
) -> None:
    with reverts(raffle.RaffleRankUnknown, raffleId=drawn, rank=3):
        raffle.claimTo(drawn, 3, buyer, sender=buyer)


def test_claim_to__the_raffle_is_open__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, buyer: Any
) -> None:
    raffle_id = kit.create()
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.claimTo(raffle_id, 0, buyer, sender=buyer)


def test_return_prize__the_raffle_refunds__gives_it_back_to_the_organiser(
    raffle: Any, undersold: int, stranger: Any, organiser: Any, coin: Any, nft: Any
) -> None:
    had, coins = organiser.balance, coin.balanceOf(organiser)
    receipt = raffle.returnPrize(undersold, 0, sender=stranger)
    assert [log.event_name for log in receipt.events] == ["RefundsOpened", "PrizeReturned"]
    log = event(receipt, "PrizeReturned")
    assert (log.rank, log.organiser, log.kind, log.token, log.amount) == (0, organiser, 0, ZERO, ETHER)
    raffle.returnPrize(undersold, 2, sender=stranger)
    raffle.returnPrize(undersold, 3, sender=stranger)
    assert (organiser.balance - had, coin.balanceOf(organiser) - coins) == (ETHER, 500)
    assert nft.ownerOf(3) == organiser
    assert not raffle.isClaimed(undersold, 0)


@pytest.fixture
def short(kit: RaffleKit, raffle: Any, buyer: Any) -> int:
    """Drawn with one ticket and three prizes: 1, 2, 4 wei."""
    raffle_id = kit.create(prizes=[native_prize(1), native_prize(2), native_prize(4)])
    kit.buy(raffle_id, buyer)
    kit.draw(raffle_id)
    return raffle_id


def test_return_prize__there_are_fewer_tickets_than_prizes__returns_only_what_nobody_won(
    raffle: Any, short: int, stranger: Any, organiser: Any, buyer: Any
) -> None:
    had, before = organiser.balance, buyer.balance
    raffle.returnPrize(short, 1, sender=stranger)
    raffle.returnPrize(short, 2, sender=stranger)
    with reverts(raffle.RaffleRankUnknown, rank=1):
        raffle.claim(short, 1, sender=stranger)
    raffle.claim(short, 0, sender=stranger)
    assert (organiser.balance - had, buyer.balance - before) == (6, 1)


def test_return_prize__the_rank_has_no_prize__reverts_raffle_rank_unknown(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleRankUnknown, raffleId=undersold, rank=4):
        raffle.returnPrize(undersold, 4, sender=stranger)


def test_return_prize__it_was_returned__reverts_raffle_already_claimed(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    raffle.returnPrize(undersold, 1, sender=stranger)
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=undersold, rank=1):
        raffle.returnPrize(undersold, 1, sender=stranger)


def test_return_prize__the_prize_can_still_be_won__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, short: int, organiser: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=short, state=DRAWN):
        raffle.returnPrize(short, 0, sender=organiser)
    raffle_id = kit.create()
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=OPEN):
        raffle.returnPrize(raffle_id, 0, sender=organiser)


def test_return_prize__no_raffle_has_the_number__reverts_raffle_unknown(raffle: Any, stranger: Any) -> None:
    with reverts(raffle.RaffleUnknown, raffleId=9):
        raffle.returnPrize(9, 0, sender=stranger)


def test_return_prizes__the_raffle_was_undersold__returns_all_in_one_transfer_per_token(
    raffle: Any, undersold: int, stranger: Any, organiser: Any, coin: Any, nft: Any, buyer: Any
) -> None:
    had, coins = organiser.balance, coin.balanceOf(organiser)
    receipt = raffle.returnPrizes(undersold, [0, 1, 2, 3], sender=stranger)
    assert [log.rank for log in receipt.events if log.event_name == "PrizeReturned"] == [0, 1, 2, 3]
    assert (organiser.balance - had, coin.balanceOf(organiser) - coins) == (ETHER + 5, 500)
    assert nft.ownerOf(3) == organiser
    assert raffle.balance == 2 * PRICE
    raffle.refund(undersold, 0, sender=stranger)
    assert raffle.balance == 0


def test_return_prizes__one_of_them_was_returned__reverts_raffle_already_claimed(
    raffle: Any, undersold: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleAlreadyClaimed, raffleId=undersold, rank=0):
        raffle.returnPrizes(undersold, [0, 1, 0], sender=stranger)


def test_return_prizes__one_of_them_was_won__reverts_raffle_wrong_state(
    raffle: Any, short: int, stranger: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=short, state=DRAWN):
        raffle.returnPrizes(short, [1, 0], sender=stranger)
    raffle.returnPrizes(short, [1, 2], sender=stranger)


def test_withdraw_proceeds__the_raffle_is_drawn__pays_the_organiser_and_credits_the_fee(
    raffle: Any, drawn: int, stranger: Any, organiser: Any, treasury: Any
) -> None:
    fee = 9 * PRICE * FEE_BPS // 10_000
    had = organiser.balance
    log = event(raffle.withdrawProceeds(drawn, sender=stranger), "ProceedsWithdrawn")
    assert (log.raffleId, log.organiser, log.token, log.treasury) == (drawn, organiser, ZERO, treasury)
    assert (log.amount, log.fee) == (9 * PRICE - fee, fee)
    assert organiser.balance - had == 9 * PRICE - fee
    assert raffle.feesOf(treasury, ZERO) == fee
    assert raffle.infoOf(drawn).proceedsWithdrawn


def test_withdraw_proceeds__the_fee_is_zero__pays_everything(
    kit: RaffleKit, raffle: Any, owner: Any, buyer: Any, organiser: Any
) -> None:
    raffle.setFee(0, ZERO, sender=owner)
    raffle_id = all_to(kit, buyer, [native_prize(1)])
    had = organiser.balance
    raffle.withdrawProceeds(raffle_id, sender=buyer)
    assert organiser.balance - had == PRICE


def test_withdraw_proceeds__the_price_was_in_dollars__pays_what_was_taken(
    options: OptionsKit, raffle: Any, buyer: Any, organiser: Any, treasury: Any
) -> None:
    raffle_id = options.in_dollars(3 * DOLLAR)
    paid = 0
    for answer in (DOLLAR, 7 * DOLLAR, 11 * DOLLAR):
        options.feed.update(answer, sender=buyer)
        bought = purchase(raffle_id, buyer, count=2)
        receipt = raffle.buyTicketsWith(bought, NO_PERMIT, sender=buyer, value=100 * ETHER)
        paid += event(receipt, "TicketsBought").paid
    options.kit.draw(raffle_id)
    log = event(raffle.withdrawProceeds(raffle_id, sender=buyer), "ProceedsWithdrawn")
    assert log.amount + log.fee == paid
    raffle.payFees(treasury, ZERO, sender=buyer)
    raffle.claim(raffle_id, 0, sender=buyer)
    assert raffle.balance == 0


def test_withdraw_proceeds__it_happened_before__reverts_raffle_already_withdrawn(
    raffle: Any, drawn: int, stranger: Any
) -> None:
    raffle.withdrawProceeds(drawn, sender=stranger)
    with reverts(raffle.RaffleAlreadyWithdrawn, raffleId=drawn):
        raffle.withdrawProceeds(drawn, sender=stranger)


def test_withdraw_proceeds__it_is_not_drawn__reverts_raffle_wrong_state(
    kit: RaffleKit, raffle: Any, undersold: int, organiser: Any, buyer: Any
) -> None:
    with reverts(raffle.RaffleWrongState, raffleId=undersold, state=REFUNDING):
        raffle.withdrawProceeds(undersold, sender=organiser)
    raffle_id = kit.create()
    kit.buy(raffle_id, buyer)
    kit.request(raffle_id)
    with reverts(raffle.RaffleWrongState, raffleId=raffle_id, state=DRAWING):
        raffle.withdrawProceeds(raffle_id, sender=organiser)


def test_withdraw_proceeds__the_organiser_refuses_pol__reverts_raffle_payout_failed(
    kit: RaffleKit, raffle: Any, create_actor: Any, buyer: Any
) -> None:
    actor = create_actor()
    create = raffle.createRaffle.encode_input(tuple(kit.terms().values()))
    actor.execute(raffle, create, sender=buyer, value=ETHER)
    raffle_id = raffle.raffleCount()
    kit.buy(raffle_id, buyer)
    kit.draw(raffle_id)
    actor.behave(REFUSE, ZERO, b"", sender=buyer)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=PRICE - PRICE * FEE_BPS // 10_000):
        raffle.withdrawProceeds(raffle_id, sender=buyer)
    raffle.claim(raffle_id, 0, sender=buyer)


def test_pay_fees__fees_are_credited__pays_the_treasury(
    kit: RaffleKit, raffle: Any, treasury: Any, stranger: Any, buyer: Any, coin: Any
) -> None:
    raffle_id = kit.create(paymentToken=coin)
    coin.approve(raffle, 4 * PRICE, sender=buyer)
    raffle.buyTickets(raffle_id, 4, buyer, sender=buyer)
    kit.draw(raffle_id)
    fee = event(raffle.withdrawProceeds(raffle_id, sender=stranger), "ProceedsWithdrawn").fee
    log = event(raffle.payFees(treasury, coin, sender=stranger), "FeesPaid")
    assert (log.treasury, log.token, log.amount) == (treasury, coin, fee)
    assert coin.balanceOf(treasury) == fee == 4 * PRICE * FEE_BPS // 10_000
    assert raffle.feesOf(treasury, coin) == 0


def test_pay_fees__none_are_credited__reverts_raffle_no_fees(
    raffle: Any, drawn: int, treasury: Any, stranger: Any, coin: Any
) -> None:
    with reverts(raffle.RaffleNoFees, treasury=treasury, token=ZERO):
        raffle.payFees(treasury, ZERO, sender=stranger)
    raffle.withdrawProceeds(drawn, sender=stranger)
    with reverts(raffle.RaffleNoFees, treasury=treasury, token=coin):
        raffle.payFees(treasury, coin, sender=stranger)
    raffle.payFees(treasury, ZERO, sender=stranger)
    with reverts(raffle.RaffleNoFees, treasury=treasury, token=ZERO):
        raffle.payFees(treasury, ZERO, sender=stranger)


def test_pay_fees__the_treasury_refuses_pol__reverts_raffle_payout_failed(
    kit: RaffleKit, raffle: Any, create_actor: Any, owner: Any, buyer: Any
) -> None:
    actor = create_actor()
    actor.behave(REFUSE, ZERO, b"", sender=buyer)
    raffle.setFee(100, actor, sender=owner)
    raffle_id = all_to(kit, buyer, [native_prize(1)])
    raffle.withdrawProceeds(raffle_id, sender=buyer)
    with reverts(raffle.RafflePayoutFailed, to=actor, amount=PRICE // 100):
        raffle.payFees(actor, ZERO, sender=buyer)
    assert raffle.feesOf(actor, ZERO) == PRICE // 100
