"""Raffles: many at once, three currencies, honest people and those who refuse, burn gas, re-enter or lie."""

import sys
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.contracts import quick_drand
from tests.evm import Chain, Contract
from tests.machines.base import Namespace
from tests.machines.crowd import (
    NATIVE,
    PEOPLE,
    TREASURY,
    TRICKY,
    ZERO,
    attempts,
    currencies,
    edges,
    manners,
    one_prize,
    organisers,
    people,
    receivers,
    some,
    tricks,
    which,
)
from tests.machines.draw_model import Prize
from tests.machines.raffle_model import (
    CLOSED,
    DRAWING,
    DRAWN,
    OPEN,
    REFUND_DELAY,
    REFUNDING,
    RaffleModel,
)
from tests.machines.raffle_ways import FEED_AGE, FIRST_ANSWER, WaysToBuy, fits, guest_lists, lately_open

MOST_RAFFLES = 3
# Either says that there is no such raffle: its state is none.
UNKNOWN = ("RaffleUnknown", "RaffleWrongState")
# Equal ones at the end are stored once; an ERC-721 is minted anew for each.
prizes = st.builds(
    lambda first, last, times: [*first, *[last] * times],
    st.lists(one_prize, max_size=3),
    one_prize,
    st.integers(1, 3),
)


class RaffleMachine(WaysToBuy):
    """Sales, draws, payouts and refunds in any order."""

    only_refused = frozenset({"call_back_as_stranger"})
    subject = "Raffle"
    drawing = (DRAWING,)

    @classmethod
    def deploy_contract(cls, chain: Chain, shared: tuple[Any, ...]) -> Contract:
        treasury = chain.accounts[TREASURY]
        return chain.accounts[9].deploy(chain.project.Raffle, *shared, REFUND_DELAY, 250, treasury)

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        """With one price feed for POL and the honest token."""
        world = super().deploy(chain)
        feed = world.owner.deploy(chain.project.TestFeed, 8, FIRST_ANSWER)
        world.feed, world.feed_since = feed, chain.timestamp
        for token in (ZERO, world.tokens[0]):
            world.contract.setPriceFeed(token, feed, FEED_AGE, sender=world.owner)
        return world

    def __init__(self) -> None:
        super().__init__()
        self.fees: Counter[tuple[int, int]] = Counter()
        self.fee_bps, self.treasury = 250, TREASURY

    def in_state(self, raffle: RaffleModel | None, *states: int) -> set[str]:
        if raffle is None:
            return set(UNKNOWN)
        return set() if raffle.state(self.next_time) in states else {"RaffleWrongState"}

    # Creation and sale

    @initialize(
        currency=currencies,
        least=st.integers(1, 4),
        most=st.integers(4, 12),
        given_prizes=prizes,
        sales=st.lists(st.tuples(people, people, st.integers(1, 3), st.integers(0, 4)), max_size=5),
        steps=st.sampled_from([5, 5, 4, 4, 3, 2, 1, 0]),
        abandoned=st.sampled_from([False, False, True]),
        manners_=manners,
        trick=tricks,
        what=attempts,
    )
    def begin(
        self,
        currency: int,
        least: int,
        most: int,
        given_prizes: list[Prize],
        sales: list[tuple[int, int, int, int]],
        steps: int,
        abandoned: bool,
        manners_: list[int],
        trick: int,
        what: int,
    ) -> None:
        """A first raffle, some tickets, and as many steps towards its end: the draw, or refunds when nobody cares."""
        self.create(0, currency, 101, 3_600, least, most, 0, given_prizes, 0, False, None, "")
        for who, friend, count, way in sales:
            self.sell(who, friend, count, way)
        if abandoned and steps:
            self.chain.pending_timestamp = self.subjects[0].refund_due_at if self.subjects else self.next_time
            self.open_refunds(0, 0, None)
        for _ in range(steps):
            self.advance(0, 0)
        self.some_misbehave(manners_, trick, what)

    def sell(self, who: int, friend: int, count: int, way: int) -> None:
        """In one of the ways to buy, as it should be."""
        if way == 1:
            self.buy_with(0, who, friend, count, 0, 0, False, 1, None)
        elif way == 2:
            self.buy_by_permit(0, who % 3, friend, count, "", 1, None)
        elif way == 3:
            self.buy_by_authorization(0, who, who % 4, friend, count, 0, "", 1, None)
        else:
            self.buy(0, who, friend, count, 0, 1, None)

    @rule(index=which, who=people)
    def advance(self, index: int, who: int) -> None:
        """What comes next for a raffle, at its time."""
        raffle = self.at(index)
        if raffle is None:
            return
        state = raffle.state(self.next_time)
        if state == OPEN:
            self.pass_until(raffle.closes_at)
        elif state == CLOSED:
            self.request(index, who)
        elif state == DRAWING:
            assert raffle.draw is not None
            self.pass_until(raffle.draw.reveal_at + 1)
            self.finalise(index, who, 0, 0, None)
        elif state == DRAWN and not raffle.withdrawn:
            self.withdraw_from(raffle, who)

    @precondition(lambda self: len(self.subjects) < MOST_RAFFLES)
    @rule(
        organiser=organisers,
        currency=currencies,
        price=st.integers(1, 1_000),
        seconds=st.sampled_from([600, 3_600, 86_400]),
        least=st.integers(1, 4),
        most=st.integers(1, 12),
        cap=st.sampled_from([0, 0, 1, 3]),
        given_prizes=prizes,
        extra=st.sampled_from([0, 0, 0, 0, 1]),
        in_dollars=st.sampled_from([False, False, True]),
        guests=guest_lists,
        spoilt=st.sampled_from([""] * 12 + ["ticketPrice", "closesAt", "minTickets", "maxTickets", "prizes"]),
    )
    def create(
        self,
        organiser: int,
        currency: int,
        price: int,
        seconds: int,
        least: int,
        most: int,
        cap: int,
        given_prizes: list[Prize],
        extra: int,
        in_dollars: bool,
        guests: dict[int, int] | None,
        spoilt: str,
    ) -> None:
        """Mostly sound terms; `spoilt` names the one that is not."""
        least, cap = min(least, most), min(cap, most)
        awarded = [self.minted(organiser, prize) for prize in given_prizes]
        terms = {
            "paymentToken": self.currencies[currency],
            "ticketPrice": price,
            "closesAt": self.next_time + seconds,
            "minTickets": least,
            "maxTickets": most,
            "maxPerBuyer": cap,
            "title": "A raffle",
            "prizes": [self.prize(prize) for prize in awarded],
        }
        bad = {"closesAt": self.next_time, "minTickets": most + 1, "prizes": []}
        if spoilt:
            terms[spoilt] = bad.get(spoilt, 0)
        value = sum(prize.amount for prize in awarded if prize.currency == NATIVE) + extra
        wrong = {"RaffleTermsInvalid"} if spoilt else set()
        if extra:
            wrong.add("RafflePaymentWrong")
        for prize in awarded:
            wrong |= self.taking(prize.currency)
        call, arguments = "createRaffle", [terms]
        if in_dollars or guests:
            call, arguments = "createRaffleWith", [terms, self.options(organiser, in_dollars, guests)]
            if in_dollars and currency == TRICKY:
                wrong.add("RaffleTermsInvalid")
        if self.attempt(wrong, lambda: self.act(organiser, call, *arguments, value=value)):
            self.created(organiser, currency, terms, awarded)
            self.touched.in_dollars, self.touched.guests = in_dollars, guests

    def created(self, organiser: int, currency: int, terms: dict[str, Any], awarded: list[Prize]) -> None:
        self.touched = RaffleModel(
            number=len(self.subjects) + 1,
            organiser=organiser,
            currency=currency,
            price=terms["ticketPrice"],
            closes_at=terms["closesAt"],
            least=terms["minTickets"],
            most=terms["maxTickets"],
            cap=terms["maxPerBuyer"],
            prizes=awarded,
            fee_bps=self.fee_bps,
            treasury=self.treasury,
        )
        self.subjects.append(self.touched)
        for prize in awarded:
            self.moved(prize, self.contract, 1)

    @precondition(lately_open)
    @rule(
        index=which,
        who=people,
        friend=people,
        count=st.integers(0, 4),
        extra=st.sampled_from([0] * 9 + [1, -1]),
        fit=fits,
        edge=edges,
    )
    def buy(
        self, index: int, who: int, friend: int, count: int, extra: int, fit: int, edge: int | None
    ) -> None:
        raffle = self.at(index, OPEN)
        self.come_to(raffle.closes_at if raffle else 0, edge)
        friend, count = self.fitting(raffle, friend, count, fit)
        number = self.number(raffle)
        cost = raffle.price * count if raffle else 0
        value = max(0, (cost if raffle and raffle.currency == NATIVE else 0) + extra)
        arguments = (number, count, self.people[friend])
        wrong = (
            set(UNKNOWN)
            if raffle is None
            else self.buying(raffle, friend, count) | self.taking(raffle.currency)
        )
        if raffle and raffle.has_options:
            wrong.add("RaffleOptionsNeeded")
        if raffle and value != (cost if raffle.currency == NATIVE else 0):
            wrong.add("RafflePaymentWrong")
        if self.attempt(wrong, lambda: self.act(who, "buyTickets", *arguments, value=value)):
            self.bought(raffle, friend, count, cost)

    # The draw

    @rule(index=which, who=people)
    def request(self, index: int, who: int) -> None:
        raffle = self.at(index, CLOSED)
        self.prepare_request()
        at = self.next_time
        number = self.number(raffle)
        if self.attempt(self.in_state(raffle, CLOSED), lambda: self.act(who, "requestDraw", number)):
            assert raffle is not None
            commitment = bytes(self.contract.infoOf(raffle.number).termsHash)
            self.requested(raffle, at, raffle.sold, raffle.k, commitment)

    @some(DRAWING, DRAWN)
    @rule(
        index=which,
        who=people,
        ahead=st.sampled_from([0] * 6 + [1, -1]),
        cut=st.sampled_from([0] * 6 + [1]),
        edge=edges,
    )
    def finalise(self, index: int, who: int, ahead: int, cut: int, edge: int | None) -> None:
        raffle = self.at(index, DRAWING)
        draw = raffle.draw if raffle else None
        self.come_to(draw.reveal_at if draw else 0, edge)
        time = self.next_time
        signature = quick_drand.sign(draw.round + ahead if draw else 1)[cut:]
        wrong = set()
        if raffle is None or draw is None:
            wrong = {"DrawNotRequested"}
        else:
            if draw.seed:
                wrong.add("DrawAlreadyFinal")
            if time <= draw.reveal_at:
                wrong.add("DrawTooEarly")
            if raffle.refunds_opened:
                wrong.add("RaffleWrongState")
            if cut:
                wrong.add("DrandBeaconSignatureLength")
            elif ahead:
                wrong.add("DrandBeaconSignatureInvalid")
        if self.attempt(wrong, lambda: self.act(who, "finalise", self.number(raffle), signature)):
            assert raffle is not None
            assert draw is not None
            draw.finalise(self.chain.chain_id, self.contract.address, raffle.number)

    @some(CLOSED, DRAWING, REFUNDING)
    @rule(index=which, who=people, edge=edges)
    def open_refunds(self, index: int, who: int, edge: int | None) -> None:
        raffle = self.at(index, CLOSED, DRAWING)
        self.come_to(raffle.refund_due_at if raffle else 0, edge)
        time = self.next_time
        wrong = self.in_state(raffle, CLOSED, DRAWING, REFUNDING)
        if raffle and not wrong:
            if raffle.refunds_opened:
                wrong = {"RaffleWrongState"}
            elif raffle.state(time) != REFUNDING and time < raffle.refund_due_at:
                wrong = {"RaffleRefundsNotDue"}
        if self.attempt(wrong, lambda: self.act(who, "openRefunds", self.number(raffle))):
            assert raffle is not None
            raffle.refunds_opened = True

    # Payouts

    @staticmethod
    def due(chosen: list[int], waiting: set[int]) -> list[int]:
        """Each once, and of those that wait some, when one of them does."""
        return sorted(waiting & set(chosen)) or sorted(waiting)[:1] or chosen

    def claiming(self, raffle: RaffleModel | None, rank: int) -> set[str]:
        wrong = self.in_state(raffle, DRAWN)
        if wrong or raffle is None:
            return wrong
        if rank >= raffle.k:
            return {"RaffleRankUnknown"}
        return {"RaffleAlreadyClaimed"} if rank in raffle.settled else set()

    def can_win(self, raffle: RaffleModel | None, rank: int) -> bool:
        return raffle is not None and raffle.state(self.next_time) == DRAWN and rank < raffle.k

    def payee(self, raffle: RaffleModel, rank: int, to: int) -> set[str]:
        return self.paying(raffle.prizes[rank].currency, to)

    def claimed(self, raffle: RaffleModel | None, rank: int, to: int) -> None:
        assert raffle is not None
        raffle.settled.add(rank)
        self.moved(raffle.prizes[rank], self.people[to], -1)

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people, rank=st.integers(0, 7), hint=st.sampled_from([None, None, 0, 0, 1]))
    def claim(self, index: int, who: int, rank: int, hint: int | None) -> None:
        """Searched, or hinted: rightly or by another entry."""
        raffle = self.at(index, DRAWN)
        rank = self.near(rank, raffle.k) if raffle else rank
        if raffle and rank % 2:
            (rank, *_) = self.due([rank], set(range(raffle.k)) - raffle.settled)
        wrong, winner, entry = self.claiming(raffle, rank), 0, 0
        if raffle and self.can_win(raffle, rank):
            _, entry, winner = raffle.winner(rank)
            wrong |= self.payee(raffle, rank, winner)
            if hint:
                wrong |= {"RaffleHintWrong"}
        arguments = (self.number(raffle), rank) + (() if hint is None else (entry + hint,))
        function = "claim" if hint is None else "claimHinted"
        if self.attempt(wrong, lambda: self.act(who, function, *arguments)):
            self.claimed(raffle, rank, winner)

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people, ranks=st.lists(st.integers(0, 7), min_size=1, max_size=5), fit=fits)
    def claim_many(self, index: int, who: int, ranks: list[int], fit: int) -> None:
        raffle = self.at(index, DRAWN)
        ranks = [self.near(rank, raffle.k) if raffle else rank for rank in ranks]
        if raffle and fit:
            ranks = self.due(ranks, set(range(raffle.k)) - raffle.settled)
        wrong = set().union(*(self.claiming(raffle, rank) for rank in ranks))
        if raffle and len(set(ranks)) < len(ranks):
            wrong.add("RaffleAlreadyClaimed")
        entries, winners = [0] * len(ranks), [0] * len(ranks)
        for place, rank in enumerate(ranks):
            if raffle and self.can_win(raffle, rank):
                _, entries[place], winners[place] = raffle.winner(rank)
                wrong |= self.payee(raffle, rank, winners[place])
        if self.attempt(wrong, lambda: self.act(who, "claimMany", self.number(raffle), ranks, entries)):
            for rank, winner in zip(ranks, winners, strict=True):
                self.claimed(raffle, rank, winner)

    @some(DRAWN, REFUNDING)
    @rule(
        index=which,
        who=people,
        rank=st.integers(0, 7),
        to=receivers,
        mine=st.integers(0, 3),
    )
    def claim_to(self, index: int, who: int, rank: int, to: int | None, mine: int) -> None:
        """Mostly by the winner."""
        raffle = self.at(index, DRAWN)
        rank = self.near(rank, raffle.k) if raffle else rank
        if raffle and mine:
            (rank, *_) = self.due([rank], set(range(raffle.k)) - raffle.settled)
        wrong = self.claiming(raffle, rank)
        if raffle and self.can_win(raffle, rank):
            winner = raffle.winner(rank)[2]
            who = winner if mine else who
            wrong |= set() if who == winner else {"RaffleNotWinner"}
            wrong |= self.payee(raffle, rank, -1 if to is None else to)
        if to is None:
            wrong.add("RaffleReceiverMissing")
        receiver = ZERO if to is None else self.people[to]
        if self.attempt(wrong, lambda: self.act(who, "claimTo", self.number(raffle), rank, receiver)):
            assert to is not None
            self.claimed(raffle, rank, to)

    def refunding(self, raffle: RaffleModel | None, entry: int) -> set[str]:
        wrong = self.in_state(raffle, REFUNDING)
        if raffle is None:
            return wrong
        if entry >= len(raffle.entries):
            wrong.add("RaffleEntryUnknown")
        return wrong | ({"RaffleAlreadyRefunded"} if entry in raffle.refunded else set())

    def refunded(self, raffle: RaffleModel | None, entry: int) -> None:
        assert raffle is not None
        raffle.refunds_opened = True
        raffle.refunded.add(entry)
        self.held[raffle.currency] -= raffle.paid(entry)

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people, entries=st.lists(st.integers(0, 7), min_size=1, max_size=4), fit=fits)
    def refund(self, index: int, who: int, entries: list[int], fit: int) -> None:
        """One, or several at once."""
        raffle = self.at(index, REFUNDING)
        entries = [self.near(entry, len(raffle.entries)) if raffle else entry for entry in entries]
        if raffle and fit:
            entries = self.due(entries, set(range(len(raffle.entries))) - raffle.refunded)
        wrong = set().union(*(self.refunding(raffle, entry) for entry in entries))
        if raffle and len(set(entries)) < len(entries):
            wrong.add("RaffleAlreadyRefunded")
        for entry in entries:
            if raffle and entry < len(raffle.entries):
                wrong |= self.paying(raffle.currency, raffle.entries[entry][0])
        function, argument = ("refund", entries[0]) if len(entries) == 1 else ("refundMany", entries)
        if self.attempt(wrong, lambda: self.act(who, function, self.number(raffle), argument)):
            for entry in entries:
                self.refunded(raffle, entry)

    @some(DRAWN, REFUNDING)
    @rule(
        index=which,
        who=people,
        entry=st.integers(0, 7),
        to=receivers,
        mine=st.integers(0, 3),
    )
    def refund_to(self, index: int, who: int, entry: int, to: int | None, mine: int) -> None:
        raffle = self.at(index, REFUNDING)
        entry = self.near(entry, len(raffle.entries)) if raffle else entry
        if raffle and mine:
            (entry, *_) = self.due([entry], set(range(len(raffle.entries))) - raffle.refunded)
        wrong = self.refunding(raffle, entry)
        if raffle and entry < len(raffle.entries):
            who = raffle.entries[entry][0] if mine else who
            if who != raffle.entries[entry][0]:
                wrong.add("RaffleNotBuyer")
            wrong |= self.paying(raffle.currency, -1 if to is None else to)
        if to is None:
            wrong.add("RaffleReceiverMissing")
        receiver = ZERO if to is None else self.people[to]
        if self.attempt(wrong, lambda: self.act(who, "refundTo", self.number(raffle), entry, receiver)):
            self.refunded(raffle, entry)

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people)
    def withdraw(self, index: int, who: int) -> None:
        self.withdraw_from(self.at(index, DRAWN), who)

    def withdraw_from(self, raffle: RaffleModel | None, who: int) -> None:
        wrong = self.in_state(raffle, DRAWN)
        if raffle and not wrong:
            wrong = self.paying(raffle.currency, raffle.organiser)
            if raffle.withdrawn:
                wrong.add("RaffleAlreadyWithdrawn")
        if self.attempt(wrong, lambda: self.act(who, "withdrawProceeds", self.number(raffle))):
            assert raffle is not None
            raffle.withdrawn = True
            paid = sum(raffle.payments)
            fee = paid * raffle.fee_bps // 10_000
            self.held[raffle.currency] -= paid - fee
            self.fees[raffle.treasury, raffle.currency] += fee

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people, ranks=st.lists(st.integers(0, 7), min_size=1, max_size=4), fit=fits)
    def return_prizes(self, index: int, who: int, ranks: list[int], fit: int) -> None:
        """One, or several at once."""
        raffle = self.at(index, REFUNDING, DRAWN)
        ranks = [self.near(rank, len(raffle.prizes)) if raffle else rank for rank in ranks]
        if raffle and fit:
            ranks = self.due(ranks, set(range(len(raffle.prizes))) - raffle.settled)
        wrong = set().union(*(self.returning(raffle, rank) for rank in ranks))
        if raffle and len(set(ranks)) < len(ranks):
            wrong.add("RaffleAlreadyClaimed")
        function, argument = ("returnPrize", ranks[0]) if len(ranks) == 1 else ("returnPrizes", ranks)
        if self.attempt(wrong, lambda: self.act(who, function, self.number(raffle), argument)):
            assert raffle is not None
            for rank in ranks:
                self.claimed(raffle, rank, raffle.organiser)
            raffle.refunds_opened |= raffle.state(self.chain.timestamp) == REFUNDING

    def returning(self, raffle: RaffleModel | None, rank: int) -> set[str]:
        if raffle is None:
            return set(UNKNOWN)
        if rank >= len(raffle.prizes):
            return {"RaffleRankUnknown"}
        state = raffle.state(self.next_time)
        if state != REFUNDING and not (state == DRAWN and rank >= raffle.k):
            return {"RaffleWrongState"}
        if rank in raffle.settled:
            return {"RaffleAlreadyClaimed"}
        return self.payee(raffle, rank, raffle.organiser)

    @precondition(lambda self: any(self.fees.values()))
    @rule(who=people, to=st.sampled_from([TREASURY, 2, 4]), currency=currencies, owed=st.integers(0, 3))
    def pay_fees(self, who: int, to: int, currency: int, owed: int) -> None:
        """Mostly some that are due."""
        waiting = [key for key, due in self.fees.items() if due]
        if owed and waiting:
            to, currency = waiting[0]
        due = self.fees[to, currency]
        wrong = self.paying(currency, to) if due else {"RaffleNoFees"}
        arguments = (self.people[to], self.currencies[currency])
        if self.attempt(wrong, lambda: self.act(who, "payFees", *arguments)):
            self.fees[to, currency] = 0
            self.held[currency] -= due

    # What the owner, tokens, receivers and time do

    @rule(
        bps=st.sampled_from([0, 250, 1_000, 1_001]),
        to=st.sampled_from([TREASURY, 2, 4]),
        by=st.integers(0, 5),
    )
    def set_fee(self, bps: int, to: int, by: int) -> None:
        sender = self.people[0] if by == 0 else self.world.owner
        wrong = {"OwnableUnauthorizedAccount"} if by == 0 else set()
        if bps > 1_000:
            wrong.add("RaffleFeeTooHigh")
        if self.attempt(wrong, lambda: self.contract.setFee(bps, self.people[to], sender=sender)):
            self.fee_bps, self.treasury = bps, to

    def inner_call(self, raffle: RaffleModel | None, what: int, rank: int, who: int) -> bytes:
        """What somebody tries from inside a payment; all of it must be refused there."""
        number, person = self.number(raffle), self.people[who]
        tries = (
            ("claim", number, rank),
            ("claimTo", number, rank, person),
            ("refund", number, rank),
            ("refundTo", number, rank, person),
            ("returnPrize", number, rank),
            ("withdrawProceeds", number),
            ("buyTickets", number, 1, person),
        )
        function, *arguments = tries[what]
        return bytes(getattr(self.contract, function).encode_input(*arguments))

    @rule(
        index=which, what=st.sampled_from(["close", "cut-off", "reveal", "refunds"]), early=st.integers(-1, 1)
    )
    def wait_for(self, index: int, what: str, early: int) -> None:
        """A raffle's next moment, or a second beside it."""
        raffle = self.at(index)
        if raffle is None:
            return
        draw = raffle.draw
        moments = {
            "close": raffle.closes_at,
            "cut-off": draw.vrf_deadline if draw else 0,
            "reveal": draw.reveal_at if draw else 0,
            "refunds": raffle.refund_due_at,
        }
        time = moments[what] + early
        if time > self.chain.timestamp:
            self.chain.pending_timestamp = time

    @rule(index=which, ticket=st.integers(0, 12), rank=st.integers(0, 4))
    def look(self, index: int, ticket: int, rank: int) -> None:
        """Entries by number and by ticket, winners by rank."""
        raffle = self.at(index)
        wrong = set()
        if raffle is None:
            wrong = set(UNKNOWN)
        elif ticket >= raffle.sold:
            wrong = {"RaffleTicketUnknown"}
        number = self.number(raffle)
        found = self.attempt(wrong, lambda: (self.contract.entryWithTicket(number, ticket),))
        if found and raffle:
            (entry,) = found
            said = self.contract.entryOf(number, entry)
            assert entry == raffle.entry_with(ticket)
            assert (said.buyer, said.end) == (
                self.people[raffle.entries[entry][0]].address,
                raffle.entries[entry][1],
            )
            assert said.first <= ticket < said.end
        if raffle and raffle.draw and raffle.draw.seed and rank < raffle.k:
            said, (won, entry, buyer) = self.contract.winnerOf(number, rank), raffle.winner(rank)
            assert (said.ticket, said.entryIndex, said.buyer) == (won, entry, self.people[buyer].address)

    # What is always true

    def check(self, raffle: RaffleModel) -> None:
        super().check(raffle)
        self.check_prizes(raffle.prizes)
        number = raffle.number
        assert raffle.same(self.contract.infoOf(number), self.people, self.currencies)
        assert self.contract.stateOf(number) == raffle.state(self.chain.timestamp)
        assert self.contract.prizesOf(number) == [self.prize(prize) for prize in raffle.prizes]
        drawn = raffle.draw is not None and raffle.draw.seed
        for rank in range(len(raffle.prizes)):
            claimed = bool(drawn) and rank < raffle.k and rank in raffle.settled
            assert self.contract.isClaimed(number, rank) == claimed
        self.check_entries(raffle)
        self.check_price(raffle)

    def check_entries(self, raffle: RaffleModel) -> None:
        """Every ticket belongs to one entry: they follow each other without a gap, as they were bought."""
        number = raffle.number
        for index, (buyer, end) in enumerate(raffle.entries):
            first = end - raffle.size(index)
            assert tuple(self.contract.entryOf(number, index)) == (self.people[buyer].address, first, end)
            assert self.contract.paidOf(number, index) == raffle.paid(index)
            assert self.contract.isRefunded(number, index) == (index in raffle.refunded)
        assert raffle.sold == sum(raffle.bought_by(who) for who in PEOPLE) <= raffle.most

    # The end

    def teardown(self) -> None:
        """From wherever they stand, a stranger leads all raffles to an end; whoever refuses then blocks only their own
        payments, and once they behave all that is owed is paid."""
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        for raffle in self.subjects:
            self.finish(raffle)
        self.pay_out_all()
        self.everybody_behaves()
        self.pay_out_all()
        assert self.held == self.donated

    def finish(self, raffle: RaffleModel) -> None:
        number, anyone = raffle.number, self.people[0]
        if raffle.state(self.next_time) == OPEN:
            self.pass_until(raffle.closes_at)
        if raffle.state(self.next_time) == CLOSED:
            self.pass_until(raffle.refund_due_at)
        if raffle.state(self.next_time) == DRAWING and raffle.number % 2:
            assert raffle.draw is not None
            self.pass_until(raffle.draw.reveal_at + 1)
            self.contract.finalise(number, quick_drand.sign(raffle.draw.round), sender=anyone)
            raffle.draw.finalise(self.chain.chain_id, self.contract.address, number)
        elif raffle.state(self.next_time) in (CLOSED, DRAWING):
            self.pass_until(raffle.refund_due_at)
            self.contract.openRefunds(number, sender=anyone)
            raffle.refunds_opened = True
        self.chain.mine()

    def pay_out_all(self) -> None:
        for raffle in self.subjects:
            self.pay_out(raffle)
            self.check(raffle)
        for (to, currency), due in self.fees.items():
            call = (self.people[to], self.currencies[currency])
            if due and self.attempt(
                self.paying(currency, to), lambda call=call: self.act(0, "payFees", *call)
            ):
                self.fees[to, currency] = 0
                self.held[currency] -= due
        self.accounts()

    def pay_out(self, raffle: RaffleModel) -> None:
        """All prizes, refunds and proceeds that nobody took, by somebody else."""
        drawn = raffle.state(self.chain.timestamp) == DRAWN
        for rank in sorted(set(range(len(raffle.prizes))) - raffle.settled):
            won = drawn and rank < raffle.k
            receiver = raffle.winner(rank)[2] if won else raffle.organiser
            function, wrong = "claim" if won else "returnPrize", self.payee(raffle, rank, receiver)
            if self.attempt(wrong, lambda f=function, r=rank: self.act(0, f, raffle.number, r)):
                self.claimed(raffle, rank, receiver)
        if drawn:
            if not raffle.withdrawn:
                self.withdraw_from(raffle, 0)
            return
        for entry in sorted(set(range(len(raffle.entries))) - raffle.refunded):
            wrong = self.paying(raffle.currency, raffle.entries[entry][0])
            if self.attempt(wrong, lambda e=entry: self.act(0, "refund", raffle.number, e)):
                self.refunded(raffle, entry)
        raffle.refunds_opened = bool(self.contract.infoOf(raffle.number).refundsOpened)


TestRaffle = RaffleMachine.quick(examples=120)
