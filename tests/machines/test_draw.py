"""Draws with coordinators that lie: raffle and contest, any answer at any time, settings changed in between.

The model knows what RAFFLE.md's invariants 5, 6, 7, 8 and 11 say: all that decides is fixed once requested; a word counts
once, from the coordinator that was asked, before the cut-off; only round R is accepted; the seed is written once and is the
reference's; whatever happened, anybody brings a draw to its end.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.winners import winners
from tests.contracts import quick_drand
from tests.contracts.kit import DAY, KEY_HASH, MARGIN, REVEAL_DELAY, ZERO, event, native_prize, no_vrf
from tests.contracts.vrf_kit import Vrf
from tests.evm import Chain
from tests.machines.base import Machine, Namespace

NOTHING, REAL = 3, 4
GAS = 100_000
ANSWER, REFUSE, BURN, SILENT, HALF, MUCH, CALL = range(7)
NUMBERED = (ANSWER, MUCH, CALL)
REFUND_DELAY = DAY
MOST_DRAWS = 8

words_ = st.lists(st.sampled_from([0, 1, 2, 2**255, 2**256 - 1]), max_size=3)
liars = st.integers(0, 2)
numbers = st.integers(0, 4)
picks = st.integers(0, MOST_DRAWS - 1)
kinds = st.sampled_from(["raffle", "contest"])


@dataclass
class Drawn:
    """One draw as it has to be."""

    kind: str
    number: int
    coordinator: int
    request: int
    requested_at: int
    n: int
    k: int
    commitment: bytes
    asked: Any = None
    word: int = 0
    seed: bytes = bytes(32)
    refunding: bool = False

    @property
    def reveal_at(self) -> int:
        return self.requested_at + REVEAL_DELAY

    @property
    def deadline(self) -> int:
        return self.reveal_at - MARGIN

    @property
    def expiry(self) -> int:
        """When a raffle without a seed may be refunded; a contest without prizes waits for ever."""
        return self.reveal_at + REFUND_DELAY

    @property
    def round(self) -> int:
        return (self.reveal_at - quick_drand.GENESIS) // quick_drand.PERIOD + 2

    @property
    def is_final(self) -> bool:
        return self.seed != bytes(32)

    def take(self, word: int, now: int) -> bool:
        """Whether the word counts; from then on it does."""
        if now >= self.deadline or word == 0 or self.word != 0:
            return False
        self.word = word
        return True


@dataclass
class Settings:
    """What future draws of a contract ask, and who was ever asked."""

    coordinator: int = 0
    known: set[int] = field(default_factory=lambda: {0})


class DrawMachine(Machine):
    """Liars 0 and 1 are configured now and then, liar 2 never; 4 is Chainlink's own coordinator."""

    only_refused = frozenset({"intrude"})

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        owner, project = chain.accounts[0], chain.project
        beacon = owner.deploy(project.TestBeacon, quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD)
        liars = [owner.deploy(project.LyingCoordinator) for _ in range(3)]
        for liar in liars:
            liar.behave(ANSWER, 1, sender=owner)
        vrf = Vrf.deploy(chain, owner)
        settings = (liars[0], 1, KEY_HASH, GAS, 3, True)
        shared = (owner, beacon, REVEAL_DELAY, MARGIN, settings)
        raffle = owner.deploy(project.Raffle, *shared, REFUND_DELAY, 0, owner)
        contest = owner.deploy(project.Contest, *shared)
        for consumer in (raffle, contest):
            vrf.coordinator.addConsumer(vrf.subscription, consumer, sender=owner)
        people = Namespace(owner=owner, organiser=chain.accounts[1], stranger=chain.accounts[2])
        return Namespace(raffle=raffle, contest=contest, beacon=beacon, liars=liars, vrf=vrf, **vars(people))

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"raffle": Settings(), "contest": Settings()}
        self.behaviour = {0: (ANSWER, 1), 1: (ANSWER, 1)}
        self.early: dict[int, tuple[str, list[int]]] = {}
        self.draws: list[Drawn] = []
        self.opened = 0

    # What people do

    @rule(kind=kinds, which=st.integers(0, REAL), gas=st.sampled_from([GAS, 30_000]))
    def configure(self, kind: str, which: int, gas: int) -> None:
        """By the owner; 2 stands for an account without code, 3 for drand alone."""
        contract, wanted = self._contract(kind), self._settings_for(which, gas)
        error = "RandomnessCoordinatorInvalid" if which == 2 else None
        if self.attempt(error, lambda: contract.setVrfConfig(wanted, sender=self.world.owner)):
            settings = self.settings[kind]
            settings.coordinator = which
            settings.known |= {which} - {NOTHING}
            assert tuple(contract.vrfConfig()) == tuple(getattr(part, "address", part) for part in wanted)

    @rule(kind=kinds, number=numbers)
    def intrude(self, kind: str, number: int) -> None:
        """Whoever is neither owner nor coordinator changes nothing; what was not requested has no end."""
        contract, stranger = self._contract(kind), self.world.stranger
        self.attempt("OwnableUnauthorizedAccount", lambda: contract.setVrfConfig(no_vrf(), sender=stranger))
        self.attempt(
            "RandomnessNotCoordinator",
            lambda: contract.rawFulfillRandomWords(number, [1], sender=stranger),
            caller=stranger.address,
        )
        self.attempt("DrawNotRequested", lambda: contract.finalise(10**6, bytes(96), sender=stranger))

    @rule(liar=st.integers(0, 1), mode=st.integers(ANSWER, CALL), number=numbers, kind=kinds, word=words_)
    def teach(self, liar: int, mode: int, number: int, kind: str, word: list[int]) -> None:
        """What a liar does when it is asked; in mode CALL it calls back at once with these words."""
        own = self.world.liars[liar]
        early = self._contract(kind).rawFulfillRandomWords.encode_input(number, word)
        own.prepare(self._contract(kind), early, sender=self.world.owner)
        if self.attempt(None, lambda: own.behave(mode, number, sender=self.world.owner)):
            self.behaviour[liar], self.early[liar] = (mode, number), (kind, word)

    @precondition(lambda self: len(self.draws) < MOST_DRAWS)
    @rule(kind=kinds, n=st.integers(1, 6), k=st.integers(1, 4))
    def request(self, kind: str, n: int, k: int) -> None:
        """A new raffle, sold out, or a new contest; its draw asks what is configured."""
        self.opened += 1
        ask = self._raffle(n, k) if kind == "raffle" else self._contest(n, k)
        receipt = self.attempt(None, ask)
        told = event(receipt, "DrawRequested")
        asked = self.settings[kind].coordinator
        draw = Drawn(
            kind=kind,
            number=told.drawId,
            coordinator=asked,
            request=self._given(kind, asked, receipt),
            requested_at=self.chain.timestamp,
            n=n,
            k=min(n, k),
            commitment=bytes(told.commitment),
            asked=receipt if asked == REAL else None,
        )
        self.draws.append(draw)
        assert tuple(told.arguments.values()) == (
            *(draw.number, draw.commitment, draw.n, draw.k, draw.round, draw.reveal_at, draw.deadline),
            *(self._address(asked), draw.request),
        )

    @precondition(lambda self: self.draws)
    @rule(
        pick=picks,
        edge=st.sampled_from(["now", "deadline", "reveal_at", "expiry"]),
        offset=st.integers(-1, 1),
    )
    def wait(self, pick: int, edge: str, offset: int) -> None:
        """The next block stands just before, at or after an edge of a draw, or some time later."""
        time = self.chain.timestamp + 60 if edge == "now" else getattr(self._pick(pick), edge) + offset
        if time > self.chain.timestamp:
            self.chain.pending_timestamp = time

    # What coordinators do

    @precondition(lambda self: any(draw.request and draw.coordinator < 2 for draw in self.draws))
    @rule(pick=picks, words=words_, offset=st.sampled_from([None, None, -1, 0, 1]))
    def answer_a_draw(self, pick: int, words: list[int], offset: int | None) -> None:
        """The right number from the right coordinator, as often as it likes, also around the cut-off."""
        asked = [draw for draw in self.draws if draw.request and draw.coordinator < 2]
        draw = asked[pick % len(asked)]
        if offset is not None and draw.deadline + offset > self.chain.timestamp:
            self.chain.pending_timestamp = draw.deadline + offset
        call = self._call_back(draw.kind, draw.coordinator, draw.request, words, GAS)
        self._delivered(self.attempt(None, call), draw.kind, draw.coordinator, draw.request, words)

    @precondition(lambda self: self.draws)
    @rule(kind=kinds, liar=liars, number=numbers, words=words_, gas=st.sampled_from([GAS, 3_000, 800]))
    def deliver(self, kind: str, liar: int, number: int, words: list[int], gas: int) -> None:
        """Words for any number, from a liar that was asked, or was asked for others, or never was configured."""
        receipt = self.attempt(None, self._call_back(kind, liar, number, words, gas))
        ran_out = gas < GAS and not event(receipt, "Delivered").success
        if not ran_out:
            self._delivered(receipt, kind, liar, number, words)

    @precondition(lambda self: any(draw.asked for draw in self.draws))
    @rule(pick=picks)
    def answer_with_a_proof(self, pick: int) -> None:
        """Chainlink's coordinator passes the word on whenever it comes; the draw decides whether it counts."""
        asked = [draw for draw in self.draws if draw.asked]
        draw, vrf = asked[pick % len(asked)], self.world.vrf
        answer = vrf.answer(draw.asked)
        receipt = self.attempt(
            None, lambda: vrf.coordinator.fulfillRandomWords(*answer, sender=self.world.stranger)
        )
        draw.asked = None
        gas_was_enough = event(receipt, "RandomWordsFulfilled").success
        taken = [log for log in receipt.events if log.event_name.startswith("VrfWord")]
        assert gas_was_enough == bool(taken)
        if taken:
            assert draw.take(taken[0].word, self.chain.timestamp) == (
                taken[0].event_name == "VrfWordAccepted"
            )

    # How draws end

    @precondition(lambda self: self.draws)
    @rule(pick=picks, offset=st.sampled_from([0, 0, 0, -1, 1]), cut=st.sampled_from([96, 96, 96, 48]))
    def finalise(self, pick: int, offset: int, cut: int) -> None:
        """With the draw's own round, or one beside it, or half a signature."""
        draw = self._pick(pick)
        wrong = self._wrong_with_finalising(draw)
        signature = quick_drand.sign(draw.round + offset)[:cut]
        if wrong is None and cut < 96:
            wrong = "DrandBeaconSignatureLength"
        elif wrong is None and offset:
            wrong = "DrandBeaconSignatureInvalid"
        call = self._contract(draw.kind).finalise
        receipt = self.attempt(wrong, lambda: call(draw.number, signature, sender=self.world.stranger))
        if receipt:
            self._decided(draw, receipt)

    @precondition(lambda self: self._waiting())
    @rule(pick=picks)
    def finalise_in_the_end(self, pick: int) -> None:
        """Whatever happened before: once the round is published anybody ends the draw."""
        waiting = self._waiting()
        draw = waiting[pick % len(waiting)]
        if self.chain.pending_timestamp <= draw.reveal_at:
            self.chain.pending_timestamp = draw.reveal_at + 1
        signature = quick_drand.sign(draw.round)
        call = self._contract(draw.kind).finalise
        self._decided(
            draw,
            self.attempt(None, lambda: call(draw.number, signature, sender=self.world.stranger)),
        )

    @precondition(lambda self: any(draw.kind == "raffle" for draw in self.draws))
    @rule(pick=picks, patient=st.booleans())
    def open_refunds(self, pick: int, patient: bool) -> None:
        """A raffle without a seed for long ends too."""
        raffles = [draw for draw in self.draws if draw.kind == "raffle"]
        draw = raffles[pick % len(raffles)]
        if patient and self.chain.pending_timestamp < draw.expiry:
            self.chain.pending_timestamp = draw.expiry
        error = None
        if draw.is_final or draw.refunding:
            error = "RaffleWrongState"
        elif self.chain.pending_timestamp < draw.expiry:
            error = "RaffleRefundsNotDue"
        call = self.world.raffle.openRefunds
        if self.attempt(error, lambda: call(draw.number, sender=self.world.stranger)):
            draw.refunding = True

    # What always holds

    @invariant()
    def draws_are_what_they_have_to_be(self) -> None:
        for draw in self.draws:
            assert tuple(self._contract(draw.kind).drawOf(draw.number)) == (
                *(self._address(draw.coordinator), draw.round, draw.requested_at, draw.reveal_at),
                *(draw.deadline, draw.word, draw.commitment, draw.n, draw.k, draw.seed),
            )

    @invariant()
    def winners_are_the_reference_s(self) -> None:
        for draw in self.draws:
            if not draw.is_final:
                continue
            drawn = self._contract(draw.kind).winningNumbers(draw.number, 0, draw.k)
            assert drawn == winners(draw.seed, draw.n, draw.k)
            assert len(set(drawn)) == draw.k
            assert max(drawn) < draw.n
            shorter = self._contract(draw.kind).winningNumbers(draw.number, 0, draw.k - 1)
            assert shorter == drawn[:-1]

    # Between model and chain

    def _contract(self, kind: str) -> Any:
        return getattr(self.world, kind)

    def _waiting(self) -> list[Drawn]:
        """Draws that only need their round."""
        return [draw for draw in self.draws if not draw.is_final and not draw.refunding]

    def _pick(self, pick: int) -> Drawn:
        return self.draws[pick % len(self.draws)]

    def _address(self, coordinator: int) -> str:
        if coordinator == REAL:
            return str(self.world.vrf.coordinator.address)
        return ZERO if coordinator == NOTHING else str(self.world.liars[coordinator].address)

    def _settings_for(self, which: int, gas: int) -> tuple[Any, ...]:
        if which == NOTHING:
            return no_vrf()
        if which == 2:
            return (self.world.stranger, 1, KEY_HASH, gas, 3, True)
        subscription = self.world.vrf.subscription if which == REAL else 1
        return (self._address(which), subscription, KEY_HASH, gas, 3, True)

    def _raffle(self, n: int, k: int) -> Any:
        raffle, organiser = self.world.raffle, self.world.organiser
        prizes = [native_prize(1 + rank) for rank in range(k)]
        closes = self.chain.pending_timestamp + DAY
        terms = (ZERO, 1, closes, 1, n, 0, "A raffle", prizes)
        raffle.createRaffle(terms, sender=organiser, value=sum(prize[2] for prize in prizes))
        number = raffle.raffleCount()
        raffle.buyTickets(number, n, organiser, sender=organiser, value=n)
        return lambda: raffle.requestDraw(number, sender=self.world.stranger)

    def _contest(self, n: int, k: int) -> Any:
        winners_ = min(n, k)
        words = (b"\2" * 32, b"\3" * 32, bytes(32), b"\4" * 32)
        config = ((self.opened << 32).to_bytes(32), b"\1" * 32, n, 1, winners_ - 1, *words)
        return lambda: self.world.contest.open(config, sender=self.world.organiser)

    def _given(self, kind: str, asked: int, receipt: Any) -> int:
        """The number that the new draw gets: a coordinator's only once, and none of a silent one."""
        if asked == REAL:
            return int(event(receipt, "RandomWordsRequested").requestId)
        if asked == NOTHING:
            return 0
        mode, number = self.behaviour[asked]
        if mode == CALL:
            # The words may be for a draw of the other contract, which takes them if it ever asked this liar.
            called, words = self.early[asked]
            known = asked in self.settings[called].known
            assert event(receipt, "Called").success == known
            if known:
                self._taken(receipt, called, asked, number, words)
        taken = any(
            (draw.kind, draw.coordinator, draw.request) == (kind, asked, number) for draw in self.draws
        )
        return number if mode in NUMBERED and not taken else 0

    def _call_back(self, kind: str, liar: int, number: int, words: list[int], gas: int) -> Any:
        own, contract = self.world.liars[liar], self._contract(kind)
        return lambda: own.deliver(contract, number, words, gas, sender=self.world.stranger)

    def _delivered(self, receipt: Any, kind: str, liar: int, number: int, words: list[int]) -> None:
        told = event(receipt, "Delivered")
        if liar in self.settings[kind].known:
            assert told.success
            self._taken(receipt, kind, liar, number, words)
        else:
            assert not told.success
            assert told.answer[:4] == self._contract(kind).RandomnessNotCoordinator.selector

    def _taken(self, receipt: Any, kind: str, liar: int, number: int, words: list[int]) -> None:
        """A callback that went through: what it did, and what it said."""
        word = words[0] if words else 0
        mine = [d for d in self.draws if (d.kind, d.coordinator, d.request) == (kind, liar, number)]
        counts = bool(number and mine) and mine[0].take(word, self.chain.timestamp)
        said = [log for log in receipt.events if log.event_name.startswith("VrfWord")]
        assert [log.event_name for log in said] == ["VrfWordAccepted" if counts else "VrfWordIgnored"]
        assert (said[0].vrfRequestId, said[0].word) == (number, word)
        if counts:
            assert said[0].drawId == mine[0].number

    def _wrong_with_finalising(self, draw: Drawn) -> str | None:
        if draw.is_final:
            return "DrawAlreadyFinal"
        if self.chain.pending_timestamp <= draw.reveal_at:
            return "DrawTooEarly"
        return "RaffleWrongState" if draw.refunding else None

    def _decided(self, draw: Drawn, receipt: Any) -> None:
        drand = quick_drand.randomness_of(quick_drand.sign(draw.round))
        draw.seed = draw_seed(
            chain_id=self.chain.chain_id,
            contract=self._contract(draw.kind).address,
            draw_id=draw.number,
            commitment=draw.commitment,
            n=draw.n,
            randomness=randomness(draw.word, draw.round, drand),
        )
        assert bytes(event(receipt, "DrawFinalised").seed) == draw.seed


TestDraw = DrawMachine.quick(examples=120)
