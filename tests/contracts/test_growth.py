"""Nothing that changes state costs more because many take part, but for looking a ticket up: O(log n)."""

from math import log2
from typing import Any

import pytest

from tests.contracts.contest_kit import ContestKit
from tests.contracts.kit import (
    DAY,
    MARGIN,
    REVEAL_DELAY,
    RaffleKit,
    event,
    finalise,
    native_prize,
    now,
    vrf_settings,
)

FEW, MANY = 8, 4_096
# So that the fee on two tickets is not nothing.
PRICE = 10_000
MOST_TICKETS = 2**40 - 1
CALLBACK = 100_000
# A word of calldata more, a digit less that is zero.
SLACK = 600
# Looking at one entry more; a slot that was written before is warm on revm.
STEP = 1_000
# A slot or an account that is cold on anvil: a step reads a slot, and up to two depend on who won.
COLD = 2_600


@pytest.fixture(scope="module")
def liar(owner: Any, project: Any) -> Any:
    """Answers whenever it likes, and tells what the callback used."""
    return owner.deploy(project.LyingCoordinator)


@pytest.fixture
def raffles(project: Any, chain: Any, owner: Any, organiser: Any, beacon: Any, liar: Any) -> RaffleKit:
    shared = (owner, beacon, REVEAL_DELAY, MARGIN, vrf_settings(liar, 1))
    raffle = owner.deploy(project.Raffle, *shared, DAY, 250, owner)
    return RaffleKit(raffle=raffle, chain=chain, organiser=organiser, coordinator=liar)


@pytest.fixture
def lists(project: Any, chain: Any, owner: Any, organiser: Any, beacon: Any, liar: Any) -> ContestKit:
    contest = owner.deploy(project.Contest, owner, beacon, REVEAL_DELAY, MARGIN, vrf_settings(liar, 1))
    return ContestKit(contest=contest, chain=chain, organiser=organiser)


def called_back(liar: Any, consumer: Any, request: int, sender: Any) -> int:
    """What the callback used; it went well, with no more than it may have."""
    told = event(liar.deliver(consumer, request, [7], CALLBACK, sender=sender), "Delivered")
    assert told.success
    return int(told.used)


def cold(raffles: RaffleKit) -> int:
    return 0 if raffles.chain.engine.name == "revm" else COLD


def life(raffles: RaffleKit, liar: Any, people: list[Any], count: int, number: int) -> dict[str, int]:
    """Gas of each operation on a raffle with so many tickets for each of these people, who buy one after the other."""
    raffle, anyone = raffles.raffle, people[0]
    prizes = [native_prize(1), native_prize(1)]
    raffle_id = raffles.create(
        prizes=prizes, ticketPrice=PRICE, maxTickets=MOST_TICKETS, closesAt=now(raffles.chain) + DAY
    )
    bought = [raffle.buyTickets(raffle_id, count, who, sender=who, value=count * PRICE) for who in people]
    raffles.close(raffle_id)
    liar.behave(0, number, sender=anyone)
    used = {"buy": bought[-1].gas_used, "request": raffle.requestDraw(raffle_id, sender=anyone).gas_used}
    used["callback"] = called_back(liar, raffle, number, anyone)
    used["finalise"] = finalise(raffle, raffle_id, raffles.chain, anyone).gas_used
    hint = raffle.winnerOf(raffle_id, 0).entryIndex
    used["hinted claim"] = raffle.claimHinted(raffle_id, 0, hint, sender=anyone).gas_used
    used["claim"] = raffle.claim(raffle_id, 1, sender=anyone).gas_used
    used["withdraw"] = raffle.withdrawProceeds(raffle_id, sender=anyone).gas_used
    return used


def test_raffle__thousands_of_entries__cost_only_the_search_more(
    raffles: RaffleKit, liar: Any, accounts: Any
) -> None:
    people = [accounts[2], accounts[3]]
    life(raffles, liar, people, 1, 1)  # the first time pays for slots that stay
    few = life(raffles, liar, people * (FEW // 2), 1, 2)
    many = life(raffles, liar, people * (MANY // 2), 1, 3)
    search = few.pop("claim"), many.pop("claim")
    assert {name: abs(many[name] - few[name]) for name in few} == pytest.approx(
        dict.fromkeys(few, 0), abs=SLACK + 2 * cold(raffles)
    )
    assert search[1] - search[0] <= (STEP + cold(raffles)) * log2(MANY / FEW) + SLACK + 2 * cold(raffles)
    assert max(few["callback"], many["callback"]) <= 40_000


def test_raffle__the_most_tickets_there_can_be__cost_what_one_costs(
    raffles: RaffleKit, liar: Any, accounts: Any
) -> None:
    people = [accounts[2], accounts[3]]
    life(raffles, liar, people, 1, 1)
    one = life(raffles, liar, people, 1, 2)
    most = life(raffles, liar, people, MOST_TICKETS // 2, 3)
    assert {name: abs(most[name] - one[name]) for name in one} == pytest.approx(
        dict.fromkeys(one, 0), abs=SLACK + 2 * cold(raffles)
    )


def test_refund__thousands_of_entries__costs_what_it_costs_among_few(
    raffles: RaffleKit, accounts: Any
) -> None:
    raffle, who, used = raffles.raffle, accounts[2], []
    for count in (2, FEW, MANY):
        terms = {"minTickets": MANY + 1, "maxTickets": MANY + 1, "closesAt": now(raffles.chain) + DAY}
        raffle_id = raffles.create(ticketPrice=PRICE, **terms)
        for _ in range(count):
            raffle.buyTickets(raffle_id, 1, who, sender=who, value=PRICE)
        raffles.close(raffle_id)
        raffle.openRefunds(raffle_id, sender=who)
        used.append(raffle.refund(raffle_id, count - 1, sender=who).gas_used)
    assert used[2] == pytest.approx(used[1], abs=SLACK)


def test_contest__any_list_and_any_number_of_ranks__costs_the_same(
    lists: ContestKit, liar: Any, accounts: Any
) -> None:
    """Opened over a list of which nobody needs to know more than its root."""
    contest, anyone = lists.contest, accounts[2]
    used = []
    sizes = ((1, 1, 0), (2, 1, 1), (10**6, 10_000, 10_000), (2**64 - 1, 10_000, 10_000))
    for number, (entries, winners, alternates) in enumerate(sizes, start=1):
        liar.behave(0, number, sender=anyone)
        config = lists.config(lists.listed(1), entries=entries, winners=winners, alternates=alternates)
        opened = contest.open(config, sender=lists.organiser).gas_used
        answered = called_back(liar, contest, number, anyone)
        final = finalise(contest, number, lists.chain, anyone).gas_used
        assert answered <= 40_000
        used.append((opened, answered, final))
    for operation in zip(*used[1:], strict=True):
        assert max(operation) - min(operation) <= SLACK
