"""Random walks over one raffle: whatever anyone calls, in any order, the money and the tickets add up."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from listener.chain.draw.winners import winners
from tests.contracts.conftest import ETHER, FEE_BPS
from tests.contracts.kit import DAY, PRICE, ZERO, RaffleKit, finalise, native_prize, now, pass_until
from tests.evm import Reverted

OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = 1, 2, 3, 4, 5
PRIZES = (ETHER, 2 * ETHER, 4 * ETHER)
LEAST, MOST = 4, 12


@dataclass
class Model:
    """What must be true of the raffle, kept by the walk itself."""

    ends: list[int] = field(default_factory=list)
    buyers: list[Any] = field(default_factory=list)
    refunded: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    withdrawn: bool = False
    fees_paid: bool = False

    @property
    def sold(self) -> int:
        return self.ends[-1] if self.ends else 0

    def size(self, entry: int) -> int:
        return self.ends[entry] - (self.ends[entry - 1] if entry else 0)

    def held(self) -> int:
        """What the contract has to hold, to the wei."""
        payments = 0 if self.withdrawn else self.sold * PRICE
        payments -= sum(self.size(entry) * PRICE for entry in self.refunded)
        fee = self.sold * PRICE * FEE_BPS // 10_000 if self.withdrawn and not self.fees_paid else 0
        return payments + fee + sum(amount for rank, amount in enumerate(PRIZES) if rank not in self.settled)


class Walk:
    """Tries anything; the model says what must have worked and what must not."""

    def __init__(self, kit: RaffleKit, people: list[Any], treasury: Any, seed: int) -> None:
        self.kit, self.people, self.treasury = kit, people, treasury
        self.raffle, self.random, self.model = kit.raffle, random.Random(seed), Model()
        prizes = [native_prize(amount) for amount in PRIZES]
        self.id = kit.create(prizes=prizes, minTickets=LEAST, maxTickets=MOST)

    def attempt(self, allowed: bool, call: Callable[[], Any]) -> bool:
        try:
            call()
        except Reverted:
            assert not allowed
            return False
        assert allowed
        return True

    def open_ranks(self) -> set[int]:
        return set(range(len(PRIZES))) - self.model.settled

    def buy(self) -> None:
        buyer, count = self.random.choice(self.people), self.random.randint(1, 3)
        fits = self.raffle.stateOf(self.id) == OPEN and self.model.sold + count <= MOST
        if self.attempt(fits, lambda: self.kit.buy(self.id, buyer, count)):
            self.model.ends.append(self.model.sold + count)
            self.model.buyers.append(buyer)

    def wait(self) -> None:
        pass_until(self.kit.chain, now(self.kit.chain) + self.random.choice((600, 1800, 3600, DAY)))
        self.kit.chain.mine()

    def request(self) -> None:
        closed = self.raffle.stateOf(self.id) == CLOSED
        self.attempt(closed, lambda: self.raffle.requestDraw(self.id, sender=self.people[0]))

    def finalise(self) -> None:
        if self.raffle.stateOf(self.id) == DRAWING:
            finalise(self.raffle, self.id, self.kit.chain, self.people[0])

    def open_refunds(self) -> None:
        state = self.raffle.stateOf(self.id)
        waiting = state in (CLOSED, DRAWING) and now(self.kit.chain) >= self.raffle.refundDueAt(self.id)
        undersold = state == REFUNDING and not self.raffle.infoOf(self.id).refundsOpened
        self.attempt(waiting or undersold, lambda: self.raffle.openRefunds(self.id, sender=self.people[0]))

    def claim(self, rank: int | None = None) -> None:
        rank = self.random.randrange(len(PRIZES)) if rank is None else rank
        due = self.raffle.stateOf(self.id) == DRAWN and rank in self.open_ranks()
        if self.attempt(due, lambda: self.raffle.claim(self.id, rank, sender=self.people[0])):
            self.model.settled.add(rank)

    def refund(self, entry: int | None = None) -> None:
        entry = self.random.randrange(len(self.model.ends) + 1) if entry is None else entry
        due = self.raffle.stateOf(self.id) == REFUNDING and entry < len(self.model.ends)
        due = due and entry not in self.model.refunded
        if self.attempt(due, lambda: self.raffle.refund(self.id, entry, sender=self.people[0])):
            self.model.refunded.add(entry)

    def return_prize(self, rank: int | None = None) -> None:
        rank = self.random.randrange(len(PRIZES)) if rank is None else rank
        due = self.raffle.stateOf(self.id) == REFUNDING and rank in self.open_ranks()
        if self.attempt(due, lambda: self.raffle.returnPrize(self.id, rank, sender=self.people[0])):
            self.model.settled.add(rank)

    def withdraw(self) -> None:
        due = self.raffle.stateOf(self.id) == DRAWN and not self.model.withdrawn
        if self.attempt(due, lambda: self.raffle.withdrawProceeds(self.id, sender=self.people[0])):
            self.model.withdrawn = True

    def pay_fees(self) -> None:
        due = self.model.withdrawn and not self.model.fees_paid
        if self.attempt(due, lambda: self.raffle.payFees(self.treasury, ZERO, sender=self.people[0])):
            self.model.fees_paid = True

    def check(self) -> None:
        """The invariants that hold after every step."""
        info = self.raffle.infoOf(self.id)
        assert self.raffle.balance == self.model.held()
        assert (info.ticketsSold, info.entryCount) == (self.model.sold, len(self.model.ends))
        assert info.ticketsSold <= MOST

    def finish(self) -> int:
        """From wherever it stands, anyone leads it to an end, and nothing stays behind; the last state."""
        end = now(self.kit.chain) + 3 * DAY
        pass_until(self.kit.chain, end)
        self.kit.chain.mine()
        if self.raffle.stateOf(self.id) == CLOSED:
            self.request()
        self.finalise()
        if self.raffle.stateOf(self.id) == DRAWN:
            self.check_winners()
        while self.raffle.balance != 0:
            before = self.raffle.balance
            for step in (self.claim, self.refund, self.return_prize):
                for index in range(max(len(PRIZES), len(self.model.ends))):
                    step(index)
            self.withdraw()
            self.pay_fees()
            assert self.raffle.balance < before
        return self.raffle.stateOf(self.id)

    def check_winners(self) -> None:
        tickets = winners(bytes(self.raffle.drawOf(self.id).seed), self.model.sold, len(PRIZES))
        for rank, ticket in enumerate(tickets):
            entry = next(index for index, end in enumerate(self.model.ends) if ticket < end)
            answer = self.raffle.winnerOf(self.id, rank)
            assert (answer.ticket, answer.entryIndex, answer.buyer) == (
                ticket,
                entry,
                self.model.buyers[entry],
            )


@pytest.mark.parametrize("seed", range(3))
def test_walk__any_order_of_calls__keeps_every_account(
    kit: RaffleKit, accounts: Any, treasury: Any, seed: int
) -> None:
    walk = Walk(kit, [accounts[2], accounts[3], accounts[5]], treasury, seed)
    steps = (
        *([walk.buy] * 4),
        walk.wait,
        walk.request,
        walk.finalise,
        walk.open_refunds,
        walk.claim,
        walk.refund,
        walk.return_prize,
        walk.withdraw,
        walk.pay_fees,
    )
    for _ in range(25):
        walk.random.choice(steps)()
        walk.check()
    assert walk.finish() in (DRAWN, REFUNDING)
