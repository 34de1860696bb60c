"""A plain model of what the reads should say: every event applied to dictionaries, and random events that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from listener.chain.draw.winners import winners as winning_numbers
from tests.backend.reads import stories
from tests.backend.reads.facts import ADDRESSES, Event, address, event, hash_of

ZERO = address(0)
NOTHING = b""
PEOPLE = [address(0xB0 + n) for n in range(6)]
ORGANISERS = [address(0xA1 + n) for n in range(3)]
TOKENS = [address(0x70 + n) for n in range(3)]


@dataclass
class Sum:
    """What a tally holds."""

    events: int = 0
    units: int = 0
    amount: int = 0
    last_block: int = 0


@dataclass
class Entry:
    """A purchase."""

    buyer: bytes
    first: int
    count: int
    paid: int
    refunded: bool = False


@dataclass
class Raffle:
    """A raffle and what happened to it."""

    terms: dict[str, Any]
    entries: list[Entry] = field(default_factory=list)
    requested: dict[str, Any] | None = None
    seed: bytes | None = None
    refunds_opened: bool = False
    withdrawn: bool = False
    claimed: set[int] = field(default_factory=set)
    has_word: bool = False
    shown_block: int = 0

    @property
    def sold(self) -> int:
        return sum(entry.count for entry in self.entries)

    def state(self, now: int) -> str:
        """As the contract says at this time."""
        if self.refunds_opened:
            return "refunding"
        if self.requested:
            return "drawn" if self.seed else "drawing"
        if self.sold == self.terms["maxTickets"]:
            return "closed"
        if now < self.terms["closesAt"]:
            return "open"
        return "refunding" if self.sold < self.terms["minTickets"] else "closed"

    def winners(self) -> list[tuple[int, int, bytes]]:
        """Rank, ticket and buyer of each winner."""
        if self.seed is None or self.requested is None:
            return []
        tickets = winning_numbers(self.seed, self.requested["n"], self.requested["k"])
        return [
            (rank, ticket, next(e.buyer for e in self.entries if e.first <= ticket < e.first + e.count))
            for rank, ticket in enumerate(tickets)
        ]


@dataclass
class Proposal:
    """A proposal and what happened to it; votes are against, for, abstaining."""

    terms: dict[str, Any]
    votes: list[int] = field(default_factory=lambda: [0, 0, 0])
    canceled: bool = False
    executed: bool = False
    ready_at: int | None = None
    vote_end: int = 0

    def __post_init__(self) -> None:
        self.vote_end = self.terms["voteEnd"]


class Naive:
    """Everything the random events did, up to now."""

    def __init__(self) -> None:
        self.raffles: dict[int, Raffle] = {}
        self.balances: dict[tuple[bytes, bytes], int] = defaultdict(int)
        self.votes: dict[tuple[bytes, bytes], int] = defaultdict(int)
        self.held_votes: dict[tuple[bytes, bytes], int] = defaultdict(int)
        self.locked_votes: dict[tuple[bytes, bytes], int] = defaultdict(int)
        self.delegates: dict[tuple[bytes, bytes], bytes] = {}
        self.tallies: dict[tuple[str, str, date, bytes], Sum] = defaultdict(Sum)
        self.proposals: dict[int, Proposal] = {}
        self.ballots: list[tuple[int, bytes, int, int]] = []
        self.moves: list[tuple[int, bytes, bytes, bytes, int]] = []
        self.vote_history: list[tuple[int, bytes, bytes, int]] = []
        self.percents: list[tuple[int, int]] = []
        self.newest = 0
        self._block, self._time, self._day = 0, 0, date.min

    def apply(self, happened: Event, block: int, time: int) -> None:
        """Let an event of a block happen."""
        self._block, self._time, self._day = block, time, datetime.fromtimestamp(time, UTC).date()
        self.newest = block
        handler: Callable[..., None] | None = getattr(self, f"_{happened.contract}_{happened.name}", None)
        if handler is not None:
            handler(dict(happened.arguments))

    def _count(
        self, name: str, subjects: list[str], token: bytes = NOTHING, units: int = 0, amount: int = 0
    ) -> None:
        for subject in ["", *subjects]:
            found = self.tallies[name, subject, self._day, token]
            found.events += 1
            found.units += units
            found.amount += amount
            found.last_block = self._block

    def _raffle(self, raffle_id: int) -> tuple[Raffle, list[str], bytes]:
        raffle = self.raffles[raffle_id]
        raffle.shown_block = self._block
        subjects = ["o" + raffle.terms["organiser"].hex(), f"r{raffle_id}"]
        return raffle, subjects, raffle.terms["paymentToken"]

    def _Raffle_RaffleCreated(self, terms: dict[str, Any]) -> None:
        self.raffles[terms["raffleId"]] = Raffle(terms, shown_block=self._block)
        self._count("raffles", ["o" + terms["organiser"].hex()], terms["paymentToken"])

    def _Raffle_TicketsBought(self, a: dict[str, Any]) -> None:
        raffle, subjects, token = self._raffle(a["raffleId"])
        raffle.entries.append(Entry(a["buyer"], a["firstTicket"], a["count"], a["paid"]))
        self._count("sales", subjects, token, a["count"], a["paid"])

    def _Raffle_DrawRequested(self, a: dict[str, Any]) -> None:
        self._raffle(a["drawId"])[0].requested = a

    def _Raffle_VrfWordAccepted(self, a: dict[str, Any]) -> None:
        self._raffle(a["drawId"])[0].has_word = True

    def _Raffle_DrawFinalised(self, a: dict[str, Any]) -> None:
        raffle, subjects, token = self._raffle(a["drawId"])
        raffle.seed = a["seed"]
        self._count("draws", subjects, token, a["n"])

    def _Raffle_PrizeClaimed(self, a: dict[str, Any]) -> None:
        raffle, subjects, _ = self._raffle(a["raffleId"])
        raffle.claimed.add(a["rank"])
        self._count("prizes", subjects, a["token"], 0, a["amount"])

    def _Raffle_RefundsOpened(self, a: dict[str, Any]) -> None:
        raffle, subjects, token = self._raffle(a["raffleId"])
        raffle.refunds_opened = True
        self._count("refunds_opened", subjects, token, a["ticketsSold"])

    def _Raffle_EntryRefunded(self, a: dict[str, Any]) -> None:
        before = self.raffles[a["raffleId"]].shown_block
        raffle, subjects, token = self._raffle(a["raffleId"])
        raffle.shown_block = before  # a refund shows with its entry, not with the raffle
        raffle.entries[a["entryIndex"]].refunded = True
        self._count("refunds", subjects, token, 0, a["amount"])

    def _Raffle_ProceedsWithdrawn(self, a: dict[str, Any]) -> None:
        raffle, subjects, token = self._raffle(a["raffleId"])
        raffle.withdrawn = True
        self._count("proceeds", subjects, token, 0, a["amount"])
        self._count("fees", subjects, token, 0, a["fee"])

    def _TokenFactory_TokenCreated(self, a: dict[str, Any]) -> None:
        self._count("tokens", ["o" + a["creator"].hex()])

    def _Token_Transfer(self, a: dict[str, Any]) -> None:
        token = a["_at"]
        self.balances[token, a["to"]] += a["value"]
        self.balances[token, a["from"]] -= a["value"]
        self.moves.append((self._time, token, a["from"], a["to"], a["value"]))

    def _Token_DelegateChanged(self, a: dict[str, Any]) -> None:
        self.delegates[a["_at"], a["delegator"]] = a["toDelegate"]

    def _Token_DelegateVotesChanged(self, a: dict[str, Any]) -> None:
        self.votes[a["_at"], a["delegate"]] += a["newVotes"] - a["previousVotes"]
        self.held_votes[a["_at"], a["delegate"]] = a["newVotes"]
        self._remember(a["_at"], a["delegate"])

    def _Vesting_DelegateVotesChanged(self, a: dict[str, Any]) -> None:
        self.votes[a["token"], a["delegatee"]] += a["newVotes"] - a["previousVotes"]
        self.locked_votes[a["token"], a["delegatee"]] = a["newVotes"]
        self._remember(a["token"], a["delegatee"])

    def _remember(self, token: bytes, who: bytes) -> None:
        self.vote_history.append((self._time, token, who, self.votes[token, who]))

    def _Governor_QuorumNumeratorUpdated(self, a: dict[str, Any]) -> None:
        self.percents.append((self._time, a["newQuorumNumerator"]))

    def _Governor_ProposalCreated(self, a: dict[str, Any]) -> None:
        self.proposals[a["proposalId"]] = Proposal(a)
        self._count("proposals", [])

    def _Governor_ProposalExtended(self, a: dict[str, Any]) -> None:
        self.proposals[a["proposalId"]].vote_end = a["extendedDeadline"]

    def _Governor_ProposalCanceled(self, a: dict[str, Any]) -> None:
        self.proposals[a["proposalId"]].canceled = True

    def _Timelock_CallScheduled(self, a: dict[str, Any]) -> None:
        self.proposals[int.from_bytes(a["id"], "big")].ready_at = self._time + a["delay"]

    def _Timelock_Cancelled(self, a: dict[str, Any]) -> None:
        self.proposals[int.from_bytes(a["id"], "big")].ready_at = None

    def _Timelock_CallExecuted(self, a: dict[str, Any]) -> None:
        self.proposals[int.from_bytes(a["id"], "big")].executed = True

    def supply_at(self, token: bytes, time: int) -> int:
        """Minted and not burned up to a second."""
        then = [move for move in self.moves if move[0] <= time and move[1] == token]
        return sum(m[4] for m in then if m[2] == ZERO) - sum(m[4] for m in then if m[3] == ZERO)

    def quorum(self, proposal: Proposal, token: bytes, now: int) -> int | None:
        """As the governor computes it; None before the voting starts or without a supply."""
        start = proposal.terms["voteStart"]
        percent = next((p for at, p in reversed(self.percents) if at <= start), None)
        supply = self.supply_at(token, start)
        return supply * percent // 100 if percent is not None and supply and start < now else None

    def state_of(self, proposal: Proposal, token: bytes, now: int) -> str:
        """As the governor says at this time."""
        against, favour, abstain = proposal.votes
        if proposal.executed:
            return "executed"
        if proposal.canceled:
            return "canceled"
        if now <= proposal.terms["voteStart"]:
            return "pending"
        if now <= proposal.vote_end:
            return "active"
        if favour <= against or favour + abstain < (self.quorum(proposal, token, now) or 0):
            return "defeated"
        return "succeeded" if proposal.ready_at is None else "queued"

    def _Governor_VoteCast(self, a: dict[str, Any]) -> None:
        self.proposals[a["proposalId"]].votes[a["support"]] += a["weight"]
        self.ballots.append((a["proposalId"], a["voter"], a["support"], a["weight"]))
        self._count("votes", [f"p{a['proposalId']}:{a['support']}"], amount=a["weight"])

    _Governor_VoteCastWithParams = _Governor_VoteCast


def random_event(random: Random, known: Naive, now: int) -> Event:
    """An event that may come next."""
    makers: list[Callable[[Random, Naive, int], Event | None]] = [
        _create_raffle,
        *[_move_raffle] * 8,
        *[_transfer] * 5,
        _delegate,
        _token_votes,
        _locked_votes,
        _propose,
        *[_vote] * 2,
        _move_proposal,
        _change_quorum,
    ]
    while True:
        made = random.choice(makers)(random, known, now)
        if made is not None:
            return made


def _create_raffle(random: Random, known: Naive, now: int) -> Event | None:
    if len(known.raffles) > 12:
        return None
    return stories.raffle_created(
        len(known.raffles) + 1,
        organiser=random.choice(ORGANISERS),
        paymentToken=random.choice([ZERO, *TOKENS]),
        closesAt=now + random.randrange(1, 900_000),
        minTickets=random.randrange(1, 6),
        maxTickets=random.randrange(6, 10),
    )


def _move_raffle(random: Random, known: Naive, now: int) -> Event | None:
    """Whatever can happen next to one of the raffles."""
    if not known.raffles:
        return None
    raffle_id = random.choice(list(known.raffles))
    raffle = known.raffles[raffle_id]
    terms, state, sold = raffle.terms, raffle.state(now), raffle.sold
    if state == "open":
        count = random.randrange(1, min(4, terms["maxTickets"] - sold) + 1)
        buyer, paid = random.choice(PEOPLE), random.randrange(10**18)
        return event(
            "Raffle",
            "TicketsBought",
            raffleId=raffle_id,
            buyer=buyer,
            entryIndex=len(raffle.entries),
            firstTicket=sold,
            count=count,
            paid=paid,
            payer=buyer,
        )
    opened = {
        "raffleId": raffle_id,
        "seedMissing": state != "refunding",
        "ticketsSold": sold,
        "minTickets": terms["minTickets"],
    }
    if state == "closed":
        return stories.draw_requested(sold, min(sold, 3), raffle_id)
    if state == "drawing":
        if not raffle.has_word and random.random() < 0.5:
            return stories.word_accepted(random.randrange(2**256), raffle_id)
        if random.random() < 0.2:
            return event("Raffle", "RefundsOpened", **opened)
        return stories.draw_finalised(hash_of("seed", raffle_id, now), sold, min(sold, 3), raffle_id)
    if state == "drawn":
        waiting = [winner for winner in raffle.winners() if winner[0] not in raffle.claimed]
        if waiting and random.random() < 0.7:
            rank, ticket, buyer = random.choice(waiting)
            return stories.prize_claimed(rank, buyer, ticket, raffle_id)
        if not raffle.withdrawn:
            return _withdrawn(raffle_id, terms, sum(entry.paid for entry in raffle.entries))
        return None
    if not raffle.refunds_opened:
        return event("Raffle", "RefundsOpened", **opened)
    due = [index for index, entry in enumerate(raffle.entries) if not entry.refunded]
    if not due:
        return None
    index = random.choice(due)
    entry = raffle.entries[index]
    return event(
        "Raffle",
        "EntryRefunded",
        raffleId=raffle_id,
        entryIndex=index,
        buyer=entry.buyer,
        amount=entry.paid,
    )


def _withdrawn(raffle_id: int, terms: dict[str, Any], paid: int) -> Event:
    fee = paid * terms["feeBps"] // 10_000
    return event(
        "Raffle",
        "ProceedsWithdrawn",
        raffleId=raffle_id,
        organiser=terms["organiser"],
        token=terms["paymentToken"],
        amount=paid - fee,
        fee=fee,
        treasury=address(0x7E),
    )


def _transfer(random: Random, known: Naive, now: int) -> Event:
    token = random.choice(TOKENS)
    holders = [who for (of, who), amount in known.balances.items() if of == token and amount > 0]
    giver = random.choice([ZERO, *holders])
    most = known.balances[token, giver] if giver != ZERO else 10**20
    value = random.choice([most, random.randrange(most + 1)])
    receiver = random.choice([ZERO, *PEOPLE] if giver != ZERO else PEOPLE)
    return at(token, "Token", "Transfer", **{"from": giver, "to": receiver, "value": value})


def _delegate(random: Random, known: Naive, now: int) -> Event:
    token, who = random.choice(TOKENS), random.choice(PEOPLE)
    before, to = known.delegates.get((token, who), ZERO), random.choice([ZERO, *PEOPLE])
    return at(token, "Token", "DelegateChanged", delegator=who, fromDelegate=before, toDelegate=to)


def _token_votes(random: Random, known: Naive, now: int) -> Event:
    token, who = random.choice(TOKENS), random.choice(PEOPLE)
    before, after = known.held_votes[token, who], random.randrange(10**20)
    return at(token, "Token", "DelegateVotesChanged", delegate=who, previousVotes=before, newVotes=after)


def _locked_votes(random: Random, known: Naive, now: int) -> Event:
    token, who = random.choice(TOKENS), random.choice(PEOPLE)
    before, after = known.locked_votes[token, who], random.randrange(10**20)
    return event(
        "Vesting", "DelegateVotesChanged", token=token, delegatee=who, previousVotes=before, newVotes=after
    )


def _propose(random: Random, known: Naive, now: int) -> Event:
    start = now + random.randrange(100_000)
    return stories.proposal_created(
        len(known.proposals) + 1,
        proposer=random.choice(PEOPLE),
        voteStart=start,
        voteEnd=start + random.randrange(200_000),
    )


def _change_quorum(random: Random, known: Naive, now: int) -> Event | None:
    if len(known.percents) > 2:
        return None
    percent = random.randrange(1, 10)
    return event("Governor", "QuorumNumeratorUpdated", oldQuorumNumerator=0, newQuorumNumerator=percent)


def _move_proposal(random: Random, known: Naive, now: int) -> Event | None:
    """The guardian cancels, or the timelock goes on; whether the governor would let it is not asked."""
    open_ones = [number for number, one in known.proposals.items() if not (one.canceled or one.executed)]
    if not open_ones:
        return None
    number = random.choice(open_ones)
    operation = number.to_bytes(32, "big")
    call = {"id": operation, "index": 0, "target": address(0x99), "value": random.randrange(2), "data": b"x"}
    if random.random() < 0.1:
        return event("Governor", "ProposalCanceled", proposalId=number)
    if random.random() < 0.1:
        deadline = known.proposals[number].vote_end + random.randrange(50_000)
        return event("Governor", "ProposalExtended", proposalId=number, extendedDeadline=deadline)
    if known.proposals[number].ready_at is None:
        return event(
            "Timelock", "CallScheduled", **call, predecessor=bytes(32), delay=random.randrange(90_000)
        )
    if random.random() < 0.5:
        return event("Timelock", "Cancelled", id=operation)
    return event("Timelock", "CallExecuted", **call)


def _vote(random: Random, known: Naive, now: int) -> Event | None:
    if not known.proposals:
        return None
    with_params = random.random() < 0.3
    return stories.vote_cast(
        random.choice(list(known.proposals)),
        random.choice(PEOPLE),
        random.randrange(3),
        random.randrange(2 * 10**18),
        with_params=with_params,
    )


def at(where: bytes, contract: str, name: str, /, **arguments: Any) -> Event:
    """An event of a contract the factory made, at its own address."""
    return event(contract, name, **arguments, _at=where)


__all__ = ["ADDRESSES", "Naive", "at", "random_event"]
