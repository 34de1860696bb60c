"""Governance on paper: who votes with what, and where a proposal has to be. Written from docs/governance.md alone."""

from dataclasses import dataclass, field

PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
AGAINST, FOR, ABSTAIN = range(3)
# What may be seen next; nothing comes after the others. The transaction that queues may also be the first after the voting,
# so that nobody saw the success.
LEGAL = {
    PENDING: {ACTIVE, CANCELED, DEFEATED},
    ACTIVE: {SUCCEEDED, DEFEATED, CANCELED, QUEUED},
    SUCCEEDED: {QUEUED, CANCELED},
    QUEUED: {EXECUTED, CANCELED},
    DEFEATED: {CANCELED},
}


class Past:
    """A number that changes in time; the last of a second counts."""

    def __init__(self, time: int, value: int) -> None:
        self._known = {time: value}

    @property
    def now(self) -> int:
        return self._known[max(self._known)]

    def set(self, time: int, value: int) -> None:
        self._known[time] = value

    def at(self, time: int) -> int:
        before = [known for known in self._known if known <= time]
        return self._known[max(before)] if before else 0


@dataclass
class Rules:
    """The settings; proposals change them. `guardian` None: nobody."""

    delay: int
    period: int
    extension: int
    threshold: int
    wait: int
    percent: Past
    guardian: int | None


@dataclass
class Way:
    """One proposal, from its making to its end."""

    proposer: int
    snapshot: int
    end: int
    """Of the voting, as it was planned."""
    votes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Voter → choice and weight."""
    extended: int = 0
    due: int | None = None
    queued_at: int = 0
    executed_at: int | None = None
    cancelled: bool = False

    @property
    def deadline(self) -> int:
        return max(self.end, self.extended)

    def sum(self, *choices: int) -> int:
        return sum(weight for choice, weight in self.votes.values() if choice in choices)


class Model:
    """All of it; time is told by who asks."""

    def __init__(self, rules: Rules, supply: Past) -> None:
        self.rules, self.supply = rules, supply

    def made(self, proposer: int, time: int) -> Way:
        snapshot = time + self.rules.delay
        return Way(proposer, snapshot, snapshot + self.rules.period)

    def state(self, way: Way, time: int) -> int:
        if way.executed_at is not None:
            return EXECUTED
        if way.cancelled:
            return CANCELED
        if time <= way.snapshot:
            return PENDING
        if time <= way.deadline:
            return ACTIVE
        if not self.has_quorum(way) or way.sum(FOR) <= way.sum(AGAINST):
            return DEFEATED
        return SUCCEEDED if way.due is None else QUEUED

    def has_quorum(self, way: Way) -> bool:
        needed = self.supply.at(way.snapshot) * self.rules.percent.at(way.snapshot) // 100
        return way.sum(FOR, ABSTAIN) >= needed

    def vote(self, way: Way, voter: int, choice: int, weight: int, time: int) -> None:
        """The vote that reaches the quorum leaves the others time to answer, if it came in the second half."""
        before = self.has_quorum(way)
        way.votes[voter] = (choice, weight)
        if self.has_quorum(way) and not before and time > (way.snapshot + way.end) // 2:
            way.extended = time + self.rules.extension

    def may_cancel(self, way: Way, who: int, time: int) -> bool:
        if who == self.rules.guardian:
            return True
        return who == way.proposer and (self.rules.guardian is None or self.state(way, time) == PENDING)
