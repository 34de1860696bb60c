"""Buyers and winners whose account delegates to code by a real EIP-7702 transaction, on anvil: they are people like all
others, whatever the code does, and however it changes between buying and being paid."""

from typing import Any

import pytest

from tests.contracts import quick_drand
from tests.contracts.contest_kit import ContestKit
from tests.contracts.kit import DAY, MARGIN, PRICE, REVEAL_DELAY, RaffleKit, native_prize, no_vrf, sign_permit
from tests.evm import reverts
from tests.evm.chain import NOBODY

ETHER = 10**18
ACCEPT, REFUSE, BURN_GAS, REENTER = range(4)


@pytest.fixture(scope="module")
def shared(anvil_chain: Any) -> tuple[Any, ...]:
    """The first arguments of whatever draws."""
    project, owner = anvil_chain.project, anvil_chain.accounts[0]
    beacon = owner.deploy(project.TestBeacon, quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD)
    return owner, beacon, REVEAL_DELAY, MARGIN, no_vrf()


@pytest.fixture(scope="module")
def kit(anvil_chain: Any, shared: tuple[Any, ...]) -> RaffleKit:
    owner, treasury = anvil_chain.accounts[0], anvil_chain.accounts[4]
    raffle = owner.deploy(anvil_chain.project.Raffle, *shared, DAY, 250, treasury)
    return RaffleKit(raffle=raffle, chain=anvil_chain, organiser=anvil_chain.accounts[1], coordinator=None)


@pytest.fixture(scope="module")
def code(anvil_chain: Any) -> Any:
    return anvil_chain.accounts[0].deploy(anvil_chain.project.Actor)


@pytest.fixture
def buyer(anvil_chain: Any, code: Any) -> Any:
    """Has signed a delegation to the code of an actor."""
    account = anvil_chain.accounts[2]
    anvil_chain.delegate(account, code)
    return account


@pytest.fixture
def manners(anvil_chain: Any, buyer: Any) -> Any:
    """The buyer's own code."""
    return anvil_chain.project.Actor.at(buyer)


@pytest.fixture
def stranger(anvil_chain: Any) -> Any:
    return anvil_chain.accounts[5]


def sold_to(kit: RaffleKit, *buyers: Any) -> int:
    """A raffle of two prizes with one ticket for each."""
    raffle_id = kit.create(prizes=[native_prize(ETHER), native_prize(ETHER)], maxTickets=2)
    for buyer in buyers:
        kit.buy(raffle_id, buyer)
    return raffle_id


def rank_of(kit: RaffleKit, raffle_id: int, winner: Any) -> int:
    return [kit.raffle.winnerOf(raffle_id, rank).buyer for rank in (0, 1)].index(winner.address)


def test_buyer__signed_a_delegation__has_a_designator_as_code(
    anvil_chain: Any, buyer: Any, code: Any
) -> None:
    assert anvil_chain.get_code(buyer) == bytes.fromhex("ef0100" + code.address[2:])


def test_buyer__by_key_and_by_code__buys_as_the_same_person(kit: RaffleKit, buyer: Any, manners: Any) -> None:
    raffle_id = kit.create(maxPerBuyer=2)
    kit.buy(raffle_id, buyer)
    call = kit.raffle.buyTickets.encode_input(raffle_id, 1, buyer)
    manners.execute(kit.raffle, call, sender=buyer, value=PRICE)
    assert [kit.raffle.entryOf(raffle_id, entry).buyer for entry in (0, 1)] == [buyer.address] * 2
    with reverts(kit.raffle.RaffleBuyerCap, raffleId=raffle_id, buyer=buyer, cap=2):
        kit.buy(raffle_id, buyer)


@pytest.mark.parametrize("manner", [REFUSE, BURN_GAS])
def test_winner__whose_code_takes_no_pol__holds_up_nobody_and_is_paid_elsewhere(
    kit: RaffleKit, buyer: Any, manners: Any, stranger: Any, manner: int
) -> None:
    raffle_id = sold_to(kit, buyer, stranger)
    manners.behave(manner, NOBODY, b"", sender=stranger)
    kit.draw(raffle_id)
    rank, held = rank_of(kit, raffle_id, buyer), stranger.balance
    with reverts(kit.raffle.RafflePayoutFailed, to=buyer, amount=ETHER):
        kit.raffle.claim(raffle_id, rank, sender=stranger, gas=1_000_000)
    kit.raffle.claim(raffle_id, 1 - rank, sender=stranger)
    kit.raffle.claimTo(raffle_id, rank, stranger, sender=buyer)
    assert stranger.balance - held == 2 * ETHER
    with reverts(kit.raffle.RaffleAlreadyClaimed, raffleId=raffle_id, rank=rank):
        kit.raffle.claimTo(raffle_id, rank, stranger, sender=buyer)


@pytest.mark.parametrize("inner", ["claim", "claimTo"])
def test_winner__whose_code_claims_again__is_paid_once(
    kit: RaffleKit, buyer: Any, manners: Any, stranger: Any, inner: str
) -> None:
    raffle_id = sold_to(kit, buyer, buyer)
    kit.draw(raffle_id)
    arguments = (raffle_id, 1) if inner == "claim" else (raffle_id, 1, stranger)
    manners.behave(REENTER, kit.raffle, getattr(kit.raffle, inner).encode_input(*arguments), sender=stranger)
    held, kept = buyer.balance, stranger.balance
    kit.raffle.claim(raffle_id, 0, sender=buyer)
    assert manners.answer() == kit.raffle.ReentrancyGuardReentrantCall.selector
    assert (buyer.balance - held, stranger.balance - kept) == (ETHER, 0)
    assert [kit.raffle.isClaimed(raffle_id, rank) for rank in (0, 1)] == [True, False]


def test_entry__whose_code_takes_no_refund__goes_where_the_key_says(
    kit: RaffleKit, buyer: Any, manners: Any, stranger: Any
) -> None:
    raffle_id = kit.create(minTickets=5)
    kit.buy(raffle_id, buyer)
    kit.buy(raffle_id, stranger)
    kit.close(raffle_id)
    manners.behave(REFUSE, NOBODY, b"", sender=stranger)
    held = stranger.balance
    with reverts(kit.raffle.RafflePayoutFailed, to=buyer, amount=PRICE):
        kit.raffle.refund(raffle_id, 0, sender=stranger)
    kit.raffle.refund(raffle_id, 1, sender=buyer)
    kit.raffle.refundTo(raffle_id, 0, stranger, sender=buyer)
    assert stranger.balance - held == 2 * PRICE


def test_winner__delegates_only_after_buying__is_paid_the_same(
    kit: RaffleKit, anvil_chain: Any, code: Any, stranger: Any
) -> None:
    later, former = anvil_chain.accounts[6], anvil_chain.accounts[7]
    anvil_chain.delegate(former, code)
    raffle_id = sold_to(kit, later, former)
    anvil_chain.delegate(later, code)
    anvil_chain.delegate(former, "0x" + "00" * 20)
    assert (bool(anvil_chain.get_code(later)), anvil_chain.get_code(former)) == (True, b"")
    kit.draw(raffle_id)
    held = later.balance, former.balance
    kit.raffle.claimMany(raffle_id, [0, 1], entries(kit, raffle_id), sender=stranger)
    assert (later.balance - held[0], former.balance - held[1]) == (ETHER, ETHER)


def entries(kit: RaffleKit, raffle_id: int) -> list[int]:
    return [kit.raffle.winnerOf(raffle_id, rank).entryIndex for rank in (0, 1)]


def test_buyer__with_code__still_signs_permits_by_key(
    kit: RaffleKit, anvil_chain: Any, buyer: Any, stranger: Any
) -> None:
    project, owner = anvil_chain.project, anvil_chain.accounts[0]
    vesting, token = owner.deploy(project.TestVesting), owner.deploy(project.Token)
    factory = owner.deploy(
        project.TokenFactory, owner, owner, vesting, 0, [(b"full".ljust(32, b"\0"), token)]
    )
    config = ("Coin", "COIN", buyer, buyer, 0, 100 * PRICE, 1, 0)
    created = factory.createToken(config, bytes(32), 0, sender=owner).return_value
    coin = project.Token.at(created)
    raffle_id, deadline = kit.create(paymentToken=coin), anvil_chain.pending_timestamp + 600
    signature = sign_permit(coin, buyer, kit.raffle.address, PRICE, deadline)
    kit.raffle.buyTicketsWithPermit(raffle_id, 1, buyer, deadline, signature, sender=buyer)
    assert coin.balanceOf(kit.raffle) == PRICE
    assert kit.raffle.entryOf(raffle_id, 0).buyer == buyer.address


def test_contest__the_winner_has_code_that_takes_no_pol__claims_to_another(
    anvil_chain: Any, shared: tuple[Any, ...], buyer: Any, manners: Any, stranger: Any
) -> None:
    contest = anvil_chain.accounts[0].deploy(anvil_chain.project.Contest, *shared)
    contests = ContestKit(contest=contest, chain=anvil_chain, organiser=anvil_chain.accounts[1])
    listed = contests.listed(1, claimants={0: buyer})
    opened = contests.open(listed, prizes=[native_prize(ETHER)], winners=1, alternates=0)
    contests.finalise(opened)
    contests.wait_for_claims(opened)
    manners.behave(REFUSE, NOBODY, b"", sender=stranger)
    with reverts(contest.ContestPayoutFailed, to=buyer, amount=ETHER):
        contests.claim(opened, 0, buyer, sender=stranger)
    manners.behave(ACCEPT, NOBODY, b"", sender=stranger)
    held = buyer.balance
    contests.claim(opened, 0, buyer, sender=stranger)
    assert buyer.balance - held == ETHER
