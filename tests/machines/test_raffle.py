"""Raffles: many at once, three currencies, honest people and those who refuse, burn gas, re-enter or lie."""

import sys
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.contracts import quick_drand
from tests.contracts.kit import no_vrf, vrf_settings
from tests.evm import Chain
from tests.machines.base import Machine, Namespace
from tests.machines.raffle_model import (
    CLOSED,
    DRAWING,
    DRAWN,
    MARGIN,
    OPEN,
    REFUND_DELAY,
    REFUNDING,
    REVEAL_DELAY,
    Draw,
    Prize,
    RaffleModel,
)

ZERO = "0x" + "00" * 20
ETHER = 10**18
INFINITE = 2**256 - 1
NATIVE, COIN, TRICKY = range(3)
PEOPLE, ACTORS, TREASURY = range(6), (3, 4, 5), 6
DELEGATED, CONTRACTS = 3, (4, 5)
ACCEPT, REFUSE, BURN_GAS, REENTER = range(4)
HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK = range(5)
MOST_RAFFLES = 3
# Enough for every call, and not so much that burning it takes long.
GAS = 3_000_000
# Either says that there is no such raffle: its state is none.
UNKNOWN = ("RaffleUnknown", "RaffleWrongState")
CALLBACK_GAS = 100_000

people = st.sampled_from(PEOPLE)
organisers = st.sampled_from([0, 1, DELEGATED, 4])
receivers = st.sampled_from([*PEOPLE, None])
# Which raffle; see RaffleMachine.at.
which = st.integers(0, 20)
currencies = st.sampled_from([NATIVE, NATIVE, COIN, COIN, TRICKY])
prizes = st.lists(
    st.one_of(
        st.builds(Prize, currencies, st.integers(1, 1_000)),
        st.builds(Prize, st.none(), st.just(0)),
    ),
    min_size=1,
    max_size=5,
)


def some(*states: int) -> Any:
    """Steps for which a raffle has to be in one of these states; they may choose another one all the same."""

    def holds(machine: "RaffleMachine") -> bool:
        return any(raffle.state(machine.next_time) in states for raffle in machine.raffles)

    return precondition(holds)


class RaffleMachine(Machine):
    """People 0 to 2 are accounts, 4 and 5 contracts, 3 is an account whose code is that of 4 (EIP-7702).

    pyrevm does not know delegation, so that there 3 has a copy of the code; on anvil it has the designator.
    """

    only_refused = frozenset({"call_back_as_stranger"})

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        project, owner = chain.project, chain.accounts[9]
        settings = quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD
        beacon = owner.deploy(project.TestBeacon, *settings)
        liars = [owner.deploy(project.LyingCoordinator) for _ in range(2)]
        treasury = chain.accounts[TREASURY]
        delays = REVEAL_DELAY, MARGIN, vrf_settings(liars[0], 1), REFUND_DELAY
        raffle = owner.deploy(project.Raffle, owner, beacon, *delays, 250, treasury)
        contracts = [owner.deploy(project.Actor) for _ in CONTRACTS]
        designator = bytes.fromhex("ef0100" + contracts[0].address[2:])
        delegated = chain.accounts[DELEGATED]
        chain.set_code(delegated, designator if chain.engine.name == "anvil" else contracts[0].code)
        everybody = [*(chain.accounts[i] for i in range(3)), project.Actor.at(delegated), *contracts]
        tokens = [owner.deploy(project.TestERC20), owner.deploy(project.TrickyERC20)]
        nft = owner.deploy(project.TestERC721)
        for number, person in enumerate(everybody):
            approvals = [(nft, nft.setApprovalForAll.encode_input(raffle, True))]
            for token in tokens:
                token.mint(person, 10**9, sender=owner)
                approvals.append((token, token.approve.encode_input(raffle, INFINITE)))
            for target, data in approvals:
                if number in ACTORS:
                    person.execute(target, data, sender=owner)
                else:
                    person.transfer(target.address, 0, data)
        return Namespace(
            raffle=raffle,
            owner=owner,
            liars=liars,
            tokens=tokens,
            nft=nft,
            people=everybody,
            treasury=treasury,
        )

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.raffle, self.people = world.raffle, [*world.people, world.treasury]
        self.currencies = [ZERO, *(token.address for token in world.tokens)]
        self.raffles: list[RaffleModel] = []
        # What the contract has to hold, to the unit, what nobody can ever take included.
        self.held = [0, 0, 0]
        self.donated = [0, 0, 0]
        self.fees: Counter[tuple[int, int]] = Counter()
        self.fee_bps, self.treasury = 250, TREASURY
        self.coordinator: int | None = 0
        self.known_liars = {0}
        self.manners = dict.fromkeys(ACTORS, ACCEPT)
        self.trick = HONEST
        self.nfts: dict[int, Any] = {}
        self.requests = 0
        self.touched: RaffleModel | None = None

    # Who does what

    @property
    def next_time(self) -> int:
        return self.chain.pending_timestamp

    def act(self, who: int, function: str, *arguments: Any, value: int = 0) -> Any:
        """The call, by a person or through the contract that a person is."""
        method, person = getattr(self.raffle, function), self.people[who]
        if who not in ACTORS:
            return method(*arguments, sender=person, value=value, gas=GAS)
        data, payer = method.encode_input(*arguments), self.chain.accounts[8]
        return person.execute(self.raffle, data, sender=payer, value=value, gas=GAS)

    def at(self, index: int, *states: int) -> RaffleModel | None:
        """A raffle, mostly in one of these states and with entries where there is one; none of them now and then."""
        fitting = [raffle for raffle in self.raffles if raffle.state(self.next_time) in states]
        fitting.sort(key=lambda raffle: not raffle.entries)
        choice = fitting if fitting and index < 15 else self.raffles
        self.touched = choice[index % len(choice)] if choice and index != 20 else None
        return self.touched

    def number(self, raffle: RaffleModel | None) -> int:
        return raffle.number if raffle else 999

    def in_state(self, raffle: RaffleModel | None, *states: int) -> set[str]:
        if raffle is None:
            return set(UNKNOWN)
        return set() if raffle.state(self.next_time) in states else {"RaffleWrongState"}

    def paying(self, currency: int | None, to: int) -> set[str]:
        """What goes wrong when the contract pays somebody."""
        if currency == NATIVE and self.manners.get(to) in (REFUSE, BURN_GAS):
            return {"RafflePayoutFailed"}
        return {"SafeERC20FailedOperation"} if currency == TRICKY and self.trick == FALSE else set()

    def taking(self, currency: int | None) -> set[str]:
        """What goes wrong when the contract takes money from somebody who has it."""
        if currency != TRICKY or self.trick in (HONEST, CALL_BACK):
            return set()
        return {"SafeERC20FailedOperation" if self.trick == FALSE else "RaffleTokenRefused"}

    # Creation and sale

    @initialize(
        currency=currencies,
        least=st.integers(1, 4),
        most=st.integers(4, 12),
        given_prizes=prizes,
        sales=st.lists(st.tuples(people, people, st.integers(1, 3)), max_size=5),
        steps=st.sampled_from([4, 4, 4, 3, 2, 1, 0]),
        abandoned=st.sampled_from([False, False, True]),
    )
    def begin(
        self,
        currency: int,
        least: int,
        most: int,
        given_prizes: list[Prize],
        sales: list[tuple[int, int, int]],
        steps: int,
        abandoned: bool,
    ) -> None:
        """A first raffle, some tickets, and as many steps towards its end: the draw, or refunds when nobody cares."""
        self.create(0, currency, 101, 3_600, least, most, 0, given_prizes, 0, "")
        for who, friend, count in sales:
            self.buy(0, who, friend, count, 0)
        if abandoned and steps:
            self.chain.pending_timestamp = self.raffles[0].refund_due_at if self.raffles else self.next_time
            self.open_refunds(0, 0)
        for _ in range(steps):
            self.advance(0, 0)

    @staticmethod
    def near(number: int, size: int) -> int:
        """One of so many, or now and then the next after them."""
        return number % size if size and number < 7 else size

    @rule(index=which, who=people)
    def advance(self, index: int, who: int) -> None:
        """What comes next for a raffle, at its time."""
        raffle = self.at(index)
        if raffle is None:
            return
        state = raffle.state(self.next_time)
        if state == OPEN:
            self.chain.pending_timestamp = max(self.next_time, raffle.closes_at)
        elif state == CLOSED:
            self.request(index, who)
        elif state == DRAWING:
            assert raffle.draw is not None
            self.chain.pending_timestamp = max(self.next_time, raffle.draw.reveal_at + 1)
            self.finalise(index, who, 0, 0)

    @precondition(lambda self: len(self.raffles) < MOST_RAFFLES)
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
        if self.attempt(wrong, lambda: self.act(organiser, "createRaffle", terms, value=value)):
            self.created(organiser, currency, terms, awarded)

    def created(self, organiser: int, currency: int, terms: dict[str, Any], awarded: list[Prize]) -> None:
        self.touched = RaffleModel(
            number=len(self.raffles) + 1,
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
        self.raffles.append(self.touched)
        for prize in awarded:
            self.moved(prize, self.raffle, 1)

    def minted(self, organiser: int, prize: Prize) -> Prize:
        """The prize; an ERC-721 is made for it."""
        if prize.currency is not None:
            return prize
        number = len(self.nfts) + 1
        self.world.nft.mint(self.people[organiser], number, sender=self.world.owner)
        self.nfts[number] = self.people[organiser]
        return Prize(None, 0, number)

    def prize(self, prize: Prize) -> tuple[Any, ...]:
        if prize.currency is None:
            return (2, self.world.nft, 0, prize.token_id)
        return (min(prize.currency, 1), self.currencies[prize.currency], prize.amount, 0)

    def moved(self, prize: Prize, to: Any, sign: int) -> None:
        """A prize came in (1) or went out (-1)."""
        if prize.currency is None:
            self.nfts[prize.token_id] = to
        else:
            self.held[prize.currency] += sign * prize.amount

    @rule(
        index=which,
        who=people,
        friend=people,
        count=st.integers(0, 4),
        extra=st.sampled_from([0] * 9 + [1, -1]),
    )
    def buy(self, index: int, who: int, friend: int, count: int, extra: int) -> None:
        raffle = self.at(index, OPEN)
        number = self.number(raffle)
        cost = raffle.price * count if raffle else 0
        value = max(0, (cost if raffle and raffle.currency == NATIVE else 0) + extra)
        arguments = (number, count, self.people[friend])
        wrong = self.buying(raffle, who, friend, count, value)
        if self.attempt(wrong, lambda: self.act(who, "buyTickets", *arguments, value=value)):
            assert raffle is not None
            raffle.entries.append((friend, raffle.sold + count))
            self.held[raffle.currency] += cost

    def buying(self, raffle: RaffleModel | None, who: int, friend: int, count: int, value: int) -> set[str]:
        if raffle is None:
            return set(UNKNOWN)
        wrong = set() if count else {"RaffleTicketsInvalid"}
        if raffle.state(self.next_time) != OPEN:
            wrong.add("RaffleNotOpen")
        if count > raffle.most - raffle.sold:
            wrong.add("RaffleSoldOut")
        if raffle.cap and raffle.bought_by(friend) + count > raffle.cap:
            wrong.add("RaffleBuyerCap")
        if value != (raffle.price * count if raffle.currency == NATIVE else 0):
            wrong.add("RafflePaymentWrong")
        return wrong | self.taking(raffle.currency)

    # The draw

    @rule(index=which, who=people)
    def request(self, index: int, who: int) -> None:
        raffle, at = self.at(index, CLOSED), self.next_time
        self.requests += 1
        if self.coordinator is not None:
            self.world.liars[self.coordinator].behave(0, self.requests, sender=self.world.owner)
            at = self.next_time
        number = self.number(raffle)
        if self.attempt(self.in_state(raffle, CLOSED), lambda: self.act(who, "requestDraw", number)):
            assert raffle is not None
            liar = None if self.coordinator is None else self.world.liars[self.coordinator]
            said = self.raffle.drawOf(raffle.number)
            raffle.draw = Draw(
                requested_at=at,
                request_id=self.requests,
                coordinator=liar.address if liar else ZERO,
                n=raffle.sold,
                k=raffle.k,
                commitment=bytes(self.raffle.infoOf(raffle.number).termsHash),
            )
            assert (said.requestedAt, said.revealAt) == (at, at + REVEAL_DELAY)

    @some(DRAWING, DRAWN, REFUNDING)
    @rule(
        index=which,
        liar=st.integers(0, 1),
        word=st.sampled_from([0, 1, 7, 2**256 - 1]),
        own=st.integers(0, 5),
    )
    def call_back(self, index: int, liar: int, word: int, own: int) -> None:
        """A word for a request, mostly its own, by either coordinator."""
        raffle, coordinator = self.at(index, DRAWING), self.world.liars[liar]
        draw = raffle.draw if raffle else None
        request = draw.request_id if draw and own else 998
        fits = draw is not None and own and draw.coordinator == coordinator
        receipt = self.attempt(
            None,
            lambda: coordinator.deliver(
                self.raffle, request, [word], CALLBACK_GAS, sender=self.chain.accounts[8], gas=GAS
            ),
        )
        (delivered,) = [log for log in receipt.events if log.event_name == "Delivered"]
        assert delivered.success == (liar in self.known_liars)
        assert delivered.used <= CALLBACK_GAS
        names = [log.event_name for log in receipt.events]
        if fits and draw and receipt.timestamp < draw.vrf_deadline and word and not draw.word:
            draw.word = word
            assert "VrfWordAccepted" in names
        else:
            assert "VrfWordAccepted" not in names

    @rule(index=which, who=people, word=st.integers(0, 5))
    def call_back_as_stranger(self, index: int, who: int, word: int) -> None:
        raffle = self.at(index)
        request = raffle.draw.request_id if raffle and raffle.draw else 1
        self.attempt(
            "RandomnessNotCoordinator", lambda: self.act(who, "rawFulfillRandomWords", request, [word])
        )

    @some(DRAWING, DRAWN)
    @rule(
        index=which, who=people, ahead=st.sampled_from([0] * 6 + [1, -1]), cut=st.sampled_from([0] * 6 + [1])
    )
    def finalise(self, index: int, who: int, ahead: int, cut: int) -> None:
        raffle, time = self.at(index, DRAWING), self.next_time
        draw = raffle.draw if raffle else None
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
            draw.finalise(self.chain.chain_id, self.raffle.address, raffle.number)

    @some(CLOSED, DRAWING, REFUNDING)
    @rule(index=which, who=people)
    def open_refunds(self, index: int, who: int) -> None:
        raffle, time = self.at(index, CLOSED, DRAWING), self.next_time
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
    @rule(index=which, who=people, ranks=st.lists(st.integers(0, 7), min_size=1, max_size=5))
    def claim_many(self, index: int, who: int, ranks: list[int]) -> None:
        raffle = self.at(index, DRAWN)
        ranks = [self.near(rank, raffle.k) if raffle else rank for rank in ranks]
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
    @rule(index=which, who=people, entries=st.lists(st.integers(0, 7), min_size=1, max_size=4))
    def refund(self, index: int, who: int, entries: list[int]) -> None:
        """One, or several at once."""
        raffle = self.at(index, REFUNDING)
        entries = [self.near(entry, len(raffle.entries)) if raffle else entry for entry in entries]
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
        raffle = self.at(index, DRAWN)
        wrong = self.in_state(raffle, DRAWN)
        if raffle and not wrong:
            wrong = self.paying(raffle.currency, raffle.organiser)
            if raffle.withdrawn:
                wrong.add("RaffleAlreadyWithdrawn")
        if self.attempt(wrong, lambda: self.act(who, "withdrawProceeds", self.number(raffle))):
            assert raffle is not None
            raffle.withdrawn = True
            paid = raffle.sold * raffle.price
            fee = paid * raffle.fee_bps // 10_000
            self.held[raffle.currency] -= paid - fee
            self.fees[raffle.treasury, raffle.currency] += fee

    @some(DRAWN, REFUNDING)
    @rule(index=which, who=people, ranks=st.lists(st.integers(0, 7), min_size=1, max_size=4))
    def return_prizes(self, index: int, who: int, ranks: list[int]) -> None:
        """One, or several at once."""
        raffle = self.at(index, REFUNDING, DRAWN)
        ranks = [self.near(rank, len(raffle.prizes)) if raffle else rank for rank in ranks]
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
        if self.attempt(wrong, lambda: self.raffle.setFee(bps, self.people[to], sender=sender)):
            self.fee_bps, self.treasury = bps, to

    @rule(liar=st.sampled_from([None, 0, 1]), by=st.integers(0, 5))
    def set_vrf(self, liar: int | None, by: int) -> None:
        settings = no_vrf() if liar is None else vrf_settings(self.world.liars[liar], 1)
        sender = self.people[0] if by == 0 else self.world.owner
        wrong = {"OwnableUnauthorizedAccount"} if by == 0 else set()
        if self.attempt(wrong, lambda: self.raffle.setVrfConfig(settings, sender=sender)):
            self.coordinator = liar
            self.known_liars |= {liar} - {None}

    @rule(
        who=st.sampled_from(ACTORS),
        manner=st.sampled_from([ACCEPT, ACCEPT, REFUSE, BURN_GAS, REENTER]),
        index=which,
        what=st.integers(0, 6),
        rank=st.integers(0, 3),
    )
    def change_manners(self, who: int, manner: int, index: int, what: int, rank: int) -> None:
        data = self.inner_call(self.at(index), what, rank, who)
        self.people[who].behave(manner, self.raffle, data, sender=self.world.owner)
        self.manners[who] = manner

    @rule(
        manner=st.sampled_from([HONEST, HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK]),
        index=which,
        what=st.integers(0, 6),
        rank=st.integers(0, 3),
    )
    def change_token(self, manner: int, index: int, what: int, rank: int) -> None:
        data = self.inner_call(self.at(index), what, rank, 0)
        self.world.tokens[1].behave(manner, self.raffle, data, sender=self.world.owner)
        self.trick = manner

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
        return bytes(getattr(self.raffle, function).encode_input(*arguments))

    @rule(currency=st.sampled_from([NATIVE, COIN]), amount=st.integers(1, 100))
    def donate(self, currency: int, amount: int) -> None:
        """Money that was never asked for, as a token that rebases gives it, harms nobody; it stays."""
        if currency == NATIVE:
            self.chain.set_balance(self.raffle, self.raffle.balance + amount)
        else:
            self.world.tokens[0].mint(self.raffle, amount, sender=self.world.owner)
        self.held[currency] += amount
        self.donated[currency] += amount

    @rule(seconds=st.sampled_from([1, 300, 900]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

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
        found = self.attempt(wrong, lambda: (self.raffle.entryWithTicket(number, ticket),))
        if found and raffle:
            (entry,) = found
            said = self.raffle.entryOf(number, entry)
            assert entry == raffle.entry_with(ticket)
            assert (said.buyer, said.end) == (
                self.people[raffle.entries[entry][0]].address,
                raffle.entries[entry][1],
            )
            assert said.first <= ticket < said.end
        if raffle and raffle.draw and raffle.draw.seed and rank < raffle.k:
            said, (won, entry, buyer) = self.raffle.winnerOf(number, rank), raffle.winner(rank)
            assert (said.ticket, said.entryIndex, said.buyer) == (won, entry, self.people[buyer].address)

    # What is always true

    @invariant()
    def accounts(self) -> None:
        """The contract holds exactly what it owes and what was given to it, and nobody got in from inside a payment."""
        balances = [self.raffle.balance, *(token.balanceOf(self.raffle) for token in self.world.tokens)]
        assert balances == self.held
        assert self.world.tokens[1].reentered() == 0
        assert all(self.people[actor].answer() != b"done" for actor in ACTORS)

    @invariant()
    def touched_raffle(self) -> None:
        if self.touched:
            self.check(self.touched)
            self.touched = None

    def check(self, raffle: RaffleModel) -> None:
        number = raffle.number
        assert raffle.same(self.raffle.infoOf(number), self.people, self.currencies)
        assert self.raffle.stateOf(number) == raffle.state(self.chain.timestamp)
        assert self.raffle.prizesOf(number) == [self.prize(prize) for prize in raffle.prizes]
        drawn = raffle.draw is not None and raffle.draw.seed
        for rank in range(len(raffle.prizes)):
            claimed = bool(drawn) and rank < raffle.k and rank in raffle.settled
            assert self.raffle.isClaimed(number, rank) == claimed
        self.check_entries(raffle)
        if raffle.draw:
            said, draw = self.raffle.drawOf(number), raffle.draw
            assert (said.coordinator, said.round, said.revealAt) == (
                draw.coordinator,
                draw.round,
                draw.reveal_at,
            )
            assert (said.n, said.k, bytes(said.commitment)) == (draw.n, draw.k, draw.commitment)
            assert (said.vrfWord, bytes(said.seed)) == (draw.word, draw.seed or bytes(32))

    def check_entries(self, raffle: RaffleModel) -> None:
        """Every ticket belongs to one entry: they follow each other without a gap, as they were bought."""
        number = raffle.number
        for index, (buyer, end) in enumerate(raffle.entries):
            first = end - raffle.size(index)
            assert tuple(self.raffle.entryOf(number, index)) == (self.people[buyer].address, first, end)
            assert self.raffle.paidOf(number, index) == raffle.paid(index)
            assert self.raffle.isRefunded(number, index) == (index in raffle.refunded)
        assert raffle.sold == sum(raffle.bought_by(who) for who in PEOPLE) <= raffle.most

    # The end

    def teardown(self) -> None:
        """From wherever they stand, a stranger leads all raffles to an end, and all that is owed is paid."""
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        self.world.tokens[1].behave(HONEST, ZERO, b"", sender=self.world.owner)
        for actor in ACTORS:
            self.people[actor].behave(ACCEPT, ZERO, b"", sender=self.world.owner)
        self.manners, self.trick = dict.fromkeys(ACTORS, ACCEPT), HONEST
        for raffle in self.raffles:
            self.finish(raffle)
        for (to, currency), due in self.fees.items():
            if due:
                self.raffle.payFees(self.people[to], self.currencies[currency], sender=self.people[0])
                self.held[currency] -= due
        self.accounts()
        assert self.held == self.donated

    def finish(self, raffle: RaffleModel) -> None:
        number, anyone = raffle.number, self.people[0]
        if raffle.state(self.next_time) == OPEN:
            self.chain.pending_timestamp = max(self.next_time, raffle.closes_at)
        if raffle.state(self.next_time) == CLOSED:
            self.chain.pending_timestamp = max(self.next_time, raffle.refund_due_at)
        if raffle.state(self.next_time) == DRAWING and raffle.number % 2:
            assert raffle.draw is not None
            self.chain.pending_timestamp = max(self.next_time, raffle.draw.reveal_at + 1)
            self.raffle.finalise(number, quick_drand.sign(raffle.draw.round), sender=anyone)
            raffle.draw.finalise(self.chain.chain_id, self.raffle.address, number)
        elif raffle.state(self.next_time) in (CLOSED, DRAWING):
            self.chain.pending_timestamp = max(self.next_time, raffle.refund_due_at)
            self.raffle.openRefunds(number, sender=anyone)
            raffle.refunds_opened = True
        self.chain.mine()
        self.pay_out(raffle)
        self.check(raffle)

    def pay_out(self, raffle: RaffleModel) -> None:
        number, anyone = raffle.number, self.people[0]
        drawn = raffle.state(self.chain.timestamp) == DRAWN
        for rank in set(range(len(raffle.prizes))) - raffle.settled:
            won = drawn and rank < raffle.k
            receiver = raffle.winner(rank)[2] if won else raffle.organiser
            (self.raffle.claim if won else self.raffle.returnPrize)(number, rank, sender=anyone)
            self.claimed(raffle, rank, receiver)
        if not drawn:
            raffle.refunds_opened = True
            for entry in set(range(len(raffle.entries))) - raffle.refunded:
                self.raffle.refund(number, entry, sender=anyone)
                self.refunded(raffle, entry)
            raffle.refunds_opened = bool(self.raffle.infoOf(number).refundsOpened)
        elif not raffle.withdrawn:
            self.withdraw(raffle.number - 1, 0)
        for token_id in (prize.token_id for prize in raffle.prizes if prize.currency is None):
            assert self.world.nft.ownerOf(token_id) == self.nfts[token_id]


TestRaffle = RaffleMachine.quick(examples=200)
