"""What must be true of one raffle, from the words of IRaffle alone."""

from dataclasses import dataclass, field
from typing import Any

from listener.chain.draw.winners import winners
from tests.machines.draw_model import Draw, Prize

NONE, OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = range(6)
REFUND_DELAY = 86_400


@dataclass
class RaffleModel:
    """Terms that never change, and what happened."""

    number: int
    organiser: int
    currency: int
    price: int
    closes_at: int
    least: int
    most: int
    cap: int
    prizes: list[Prize]
    fee_bps: int
    treasury: int
    # A price in dollars, and who may hold how many tickets (0 is any number).
    in_dollars: bool = False
    guests: dict[int, int] | None = None
    # Buyer and end; what each paid.
    entries: list[tuple[int, int]] = field(default_factory=list)
    payments: list[int] = field(default_factory=list)
    draw: Draw | None = None
    refunds_opened: bool = False
    withdrawn: bool = False
    settled: set[int] = field(default_factory=set)
    refunded: set[int] = field(default_factory=set)

    @property
    def sold(self) -> int:
        return self.entries[-1][1] if self.entries else 0

    @property
    def k(self) -> int:
        return min(len(self.prizes), self.sold)

    def state(self, time: int) -> int:
        if self.draw and self.draw.seed:
            return DRAWN
        if self.refunds_opened:
            return REFUNDING
        if self.draw:
            return DRAWING
        if time < self.closes_at and self.sold < self.most:
            return OPEN
        return CLOSED if self.sold >= self.least else REFUNDING

    @property
    def refund_due_at(self) -> int:
        return (self.draw.reveal_at if self.draw else self.closes_at) + REFUND_DELAY

    def bought_by(self, buyer: int) -> int:
        return sum(self.size(index) for index, (who, _) in enumerate(self.entries) if who == buyer)

    def size(self, entry: int) -> int:
        return self.entries[entry][1] - (self.entries[entry - 1][1] if entry else 0)

    def paid(self, entry: int) -> int:
        return self.payments[entry]

    @property
    def has_options(self) -> bool:
        return self.in_dollars or self.guests is not None

    def entry_with(self, ticket: int) -> int:
        return next(index for index, (_, end) in enumerate(self.entries) if ticket < end)

    def tickets(self) -> list[int]:
        """The winning tickets by rank, of a drawn raffle."""
        assert self.draw is not None
        return list(winners(self.draw.seed, self.draw.n, self.draw.k))

    def winner(self, rank: int) -> tuple[int, int, int]:
        """Ticket, entry and buyer."""
        ticket = self.tickets()[rank]
        entry = self.entry_with(ticket)
        return ticket, entry, self.entries[entry][0]

    def same(self, info: Any, people: list[Any], currencies: list[str]) -> bool:
        """Whether the contract says of this raffle what the model says."""
        return (
            info.organiser == people[self.organiser].address
            and info.paymentToken == currencies[self.currency]
            and (info.ticketPrice, info.closesAt) == (self.price, self.closes_at)
            and (info.minTickets, info.maxTickets, info.maxPerBuyer) == (self.least, self.most, self.cap)
            and (info.ticketsSold, info.entryCount) == (self.sold, len(self.entries))
            and (info.prizeCount, info.feeBps) == (len(self.prizes), self.fee_bps)
            and (info.refundsOpened, info.proceedsWithdrawn) == (self.refunds_opened, self.withdrawn)
        )
