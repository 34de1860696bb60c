"""What machines of raffles and contests share: people, contracts among them, currencies, coordinators, prizes.

Whoever receives may refuse, burn gas or re-enter; one currency answers false, keeps a part, grows or calls back; one
person is an account with delegated code; coordinators answer whatever and whenever they like.
"""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.contracts import quick_drand
from tests.contracts.kit import no_vrf, vrf_settings
from tests.contracts.token_kit import FULL, MINT, MINTER_ROLE
from tests.evm import Chain, Contract
from tests.machines.base import Machine, Namespace
from tests.machines.draw_model import MARGIN, REVEAL_DELAY, Draw, Prize

ZERO = "0x" + "00" * 20
INFINITE = 2**256 - 1
NATIVE, COIN, TRICKY = range(3)
PEOPLE, ACTORS, TREASURY = range(6), (3, 4, 5), 6
DELEGATED, CONTRACTS = 3, (4, 5)
ACCEPT, REFUSE, BURN_GAS, REENTER = range(4)
HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK = range(5)
# Enough for every call, and not so much that burning it takes long.
GAS = 3_000_000
CALLBACK_GAS = 100_000

people = st.sampled_from(PEOPLE)
organisers = st.sampled_from([0, 1, DELEGATED, 4])
receivers = st.sampled_from([*PEOPLE, None])
# Which raffle or contest; see CrowdMachine.at.
which = st.integers(0, 20)
currencies = st.sampled_from([NATIVE, NATIVE, COIN, COIN, TRICKY])
# A second before, at or after the moment that a step is about; mostly whenever it is.
edges = st.sampled_from([None] * 20 + [-1, 0, 1])
# How each actor and the tricky token are from the start, and what they try from inside.
manners = st.lists(st.sampled_from([ACCEPT, ACCEPT, REFUSE, BURN_GAS, REENTER]), min_size=3, max_size=3)
tricks = st.sampled_from([HONEST, HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK])
attempts = st.integers(0, 6)
one_prize = st.one_of(
    st.builds(Prize, currencies, st.integers(1, 1_000)),
    st.builds(Prize, st.none(), st.just(0)),
)


def some(*states: int) -> Any:
    """Steps for which a subject has to be in one of these states; they may choose another one all the same."""

    def holds(machine: "CrowdMachine") -> bool:
        return any(subject.state(machine.next_time) in states for subject in machine.subjects)

    return precondition(holds)


class CrowdMachine(Machine):
    """People 0 to 2 are accounts, 4 and 5 contracts, 3 is an account whose code is that of 4 (EIP-7702).

    On anvil that is a real delegation; on revm, which knows none, 3 has a copy of the code.
    """

    # The contract's name, which begins the names of its errors; the states in which a draw waits.
    subject: ClassVar[str]
    drawing: ClassVar[tuple[int, ...]]

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        project, owner = chain.project, chain.accounts[9]
        beacon = owner.deploy(project.TestBeacon, quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD)
        liars = [owner.deploy(project.LyingCoordinator) for _ in range(2)]
        shared = owner, beacon, REVEAL_DELAY, MARGIN, vrf_settings(liars[0], 1)
        contract = cls.deploy_contract(chain, shared)
        tokens = [_coin(chain), owner.deploy(project.TrickyERC20)]
        nft = owner.deploy(project.TestERC721)
        everybody = _crowd(chain)
        for number, person in enumerate(everybody):
            approvals = [(nft, nft.setApprovalForAll.encode_input(contract, True))]
            for token in tokens:
                token.mint(person, 10**30, sender=owner)
                approvals.append((token, token.approve.encode_input(contract, INFINITE)))
            for target, data in approvals:
                if number in ACTORS:
                    person.execute(target, data, sender=owner)
                else:
                    person.transfer(target.address, 0, data)
        return Namespace(
            contract=contract,
            owner=owner,
            liars=liars,
            tokens=tokens,
            nft=nft,
            people=everybody,
            treasury=chain.accounts[TREASURY],
        )

    @classmethod
    def deploy_contract(cls, chain: Chain, shared: tuple[Any, ...]) -> Contract:
        """With these first arguments, which all draws have."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.contract, self.people = world.contract, [*world.people, world.treasury]
        self.currencies = [ZERO, *(token.address for token in world.tokens)]
        self.subjects: list[Any] = []
        # What the contract has to hold, to the unit, what nobody can ever take included.
        self.held = [0, 0, 0]
        self.donated = [0, 0, 0]
        self.coordinator: int | None = 0
        self.known_liars = {0}
        self.requests = 0
        self.manners = dict.fromkeys(ACTORS, ACCEPT)
        self.trick = HONEST
        self.nfts: dict[int, Any] = {}
        self.touched: Any = None

    def inner_call(self, subject: Any, what: int, rank: int, who: int) -> bytes:
        """What somebody tries from inside a payment; all of it must be refused there."""
        raise NotImplementedError

    # Who does what

    @property
    def next_time(self) -> int:
        return self.chain.pending_timestamp

    def act(self, who: int, function: str, *arguments: Any, value: int = 0) -> Any:
        """The call, by a person or through the contract that a person is."""
        method, person = getattr(self.contract, function), self.people[who]
        if who not in ACTORS:
            return method(*arguments, sender=person, value=value, gas=GAS)
        data, payer = method.encode_input(*arguments), self.chain.accounts[8]
        return person.execute(self.contract, data, sender=payer, value=value, gas=GAS)

    def at(self, index: int, *states: int) -> Any:
        """One, mostly in one of these states and with entries where there is one; none of them now and then."""
        fitting = [subject for subject in self.subjects if subject.state(self.next_time) in states]
        fitting.sort(key=lambda subject: not subject.entries)
        choice = fitting if fitting and index < 15 else self.subjects
        self.touched = choice[index % len(choice)] if choice and index != 20 else None
        return self.touched

    def come_to(self, moment: int, edge: int | None) -> None:
        """The next block is at this moment or a second beside it, if that is still to come."""
        if edge is not None and moment + edge > self.chain.timestamp:
            self.chain.pending_timestamp = moment + edge

    @staticmethod
    def number(subject: Any) -> int:
        return subject.number if subject else 999

    @staticmethod
    def near(number: int, size: int) -> int:
        """One of so many, or now and then the next after them."""
        return number % size if size and number < 7 else size

    def paying(self, currency: int | None, to: int) -> set[str]:
        """What goes wrong when the contract pays somebody."""
        if currency == NATIVE and self.manners.get(to) in (REFUSE, BURN_GAS):
            return {f"{self.subject}PayoutFailed"}
        return {"SafeERC20FailedOperation"} if currency == TRICKY and self.trick == FALSE else set()

    def taking(self, currency: int | None) -> set[str]:
        """What goes wrong when the contract takes money from somebody who has it."""
        if currency != TRICKY or self.trick in (HONEST, CALL_BACK):
            return set()
        return {"SafeERC20FailedOperation" if self.trick == FALSE else f"{self.subject}TokenRefused"}

    # Prizes

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

    # Draws

    def prepare_request(self) -> None:
        """The coordinator will give the next number to whoever asks it."""
        self.requests += 1
        if self.coordinator is not None:
            self.world.liars[self.coordinator].behave(0, self.requests, sender=self.world.owner)

    def requested(self, subject: Any, at: int, n: int, k: int, commitment: bytes) -> None:
        liar = None if self.coordinator is None else self.world.liars[self.coordinator]
        subject.draw = Draw(
            requested_at=at,
            request_id=self.requests,
            coordinator=liar.address if liar else ZERO,
            n=n,
            k=k,
            commitment=commitment,
        )

    @precondition(lambda self: any(subject.draw for subject in self.subjects))
    @rule(
        index=which,
        liar=st.integers(0, 1),
        word=st.sampled_from([0, 1, 7, 2**256 - 1]),
        own=st.integers(0, 5),
        edge=edges,
    )
    def call_back(self, index: int, liar: int, word: int, own: int, edge: int | None) -> None:
        """A word for a request, mostly its own, by either coordinator."""
        subject, coordinator = self.at(index, *self.drawing), self.world.liars[liar]
        draw = subject.draw if subject else None
        if draw:
            self.come_to(draw.vrf_deadline, edge)
        request = draw.request_id if draw and own else 998
        fits = draw is not None and own and draw.coordinator == coordinator
        receipt = self.attempt(
            None,
            lambda: coordinator.deliver(
                self.contract, request, [word], CALLBACK_GAS, sender=self.chain.accounts[8], gas=GAS
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
        subject = self.at(index)
        request = subject.draw.request_id if subject and subject.draw else 1
        self.attempt(
            "RandomnessNotCoordinator", lambda: self.act(who, "rawFulfillRandomWords", request, [word])
        )

    @rule(liar=st.sampled_from([None, 0, 1]), by=st.integers(0, 5))
    def set_vrf(self, liar: int | None, by: int) -> None:
        settings = no_vrf() if liar is None else vrf_settings(self.world.liars[liar], 1)
        sender = self.people[0] if by == 0 else self.world.owner
        wrong = {"OwnableUnauthorizedAccount"} if by == 0 else set()
        if self.attempt(wrong, lambda: self.contract.setVrfConfig(settings, sender=sender)):
            self.coordinator = liar
            self.known_liars |= {liar} - {None}

    # What tokens, receivers and time do

    @rule(
        who=st.sampled_from(ACTORS),
        manner=st.sampled_from([ACCEPT, ACCEPT, REFUSE, BURN_GAS, REENTER]),
        index=which,
        what=st.integers(0, 6),
        rank=st.integers(0, 3),
    )
    def change_manners(self, who: int, manner: int, index: int, what: int, rank: int) -> None:
        data = self.inner_call(self.at(index), what, rank, who)
        self.people[who].behave(manner, self.contract, data, sender=self.world.owner)
        self.manners[who] = manner

    @rule(
        manner=tricks,
        index=which,
        what=st.integers(0, 6),
        rank=st.integers(0, 3),
    )
    def change_token(self, manner: int, index: int, what: int, rank: int) -> None:
        data = self.inner_call(self.at(index), what, rank, 0)
        self.world.tokens[1].behave(manner, self.contract, data, sender=self.world.owner)
        self.trick = manner

    @rule(currency=st.sampled_from([NATIVE, COIN]), amount=st.integers(1, 100))
    def donate(self, currency: int, amount: int) -> None:
        """Money that was never asked for, as a token that rebases gives it, harms nobody; it stays."""
        if currency == NATIVE:
            self.chain.set_balance(self.contract, self.contract.balance + amount)
        else:
            self.world.tokens[0].mint(self.contract, amount, sender=self.world.owner)
        self.held[currency] += amount
        self.donated[currency] += amount

    @rule(seconds=st.sampled_from([1, 300, 900]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    def some_misbehave(self, manners_: list[int], trick: int, what: int) -> None:
        """Before anything is paid: who refuses later has bought and won like all others."""
        for actor, manner in zip(ACTORS, manners_, strict=True):
            self.change_manners(actor, manner, 0, what, 0)
        self.change_token(trick, 0, what, 0)

    def everybody_behaves(self) -> None:
        self.world.tokens[1].behave(HONEST, ZERO, b"", sender=self.world.owner)
        for actor in ACTORS:
            self.people[actor].behave(ACCEPT, ZERO, b"", sender=self.world.owner)
        self.manners, self.trick = dict.fromkeys(ACTORS, ACCEPT), HONEST

    def pass_until(self, time: int) -> None:
        self.chain.pending_timestamp = max(self.next_time, time)

    # What is always true

    @invariant()
    def accounts(self) -> None:
        """The contract holds exactly what it owes and what was given to it, and nobody got in from inside a payment."""
        balances = [self.contract.balance, *(token.balanceOf(self.contract) for token in self.world.tokens)]
        assert balances == self.held
        assert self.world.tokens[1].reentered() == 0
        assert all(self.people[actor].answer() != b"done" for actor in ACTORS)

    @invariant()
    def touched_subject(self) -> None:
        if self.touched:
            self.check(self.touched)
            self.touched = None

    def check(self, subject: Any) -> None:
        """What the contract says of one is what the model says."""
        if subject.draw is None:
            return
        said, draw = self.contract.drawOf(subject.number), subject.draw
        assert (said.coordinator, said.round) == (draw.coordinator, draw.round)
        assert (said.requestedAt, said.revealAt) == (draw.requested_at, draw.reveal_at)
        assert (said.n, said.k, bytes(said.commitment)) == (draw.n, draw.k, draw.commitment)
        assert (said.vrfWord, bytes(said.seed)) == (draw.word, draw.seed or bytes(32))

    def check_prizes(self, prizes: list[Prize]) -> None:
        """An ERC-721 is where the model has it."""
        for prize in prizes:
            if prize.currency is None:
                assert self.world.nft.ownerOf(prize.token_id) == self.nfts[prize.token_id]


def _coin(chain: Chain) -> Contract:
    """One of our own tokens, which knows permits and ERC-3009."""
    project, owner = chain.project, chain.accounts[9]
    template, vesting = owner.deploy(project.Token), owner.deploy(project.TestVesting)
    factory = owner.deploy(project.TokenFactory, owner, owner, vesting, 0, [(FULL, template)])
    config = ("Coin", "COIN", owner, owner, 0, 1, 1, MINT)
    coin = project.Token.at(factory.createToken(config, bytes(32), 0, sender=owner).return_value)
    coin.grantRole(MINTER_ROLE, owner, sender=owner)
    return coin


def _crowd(chain: Chain) -> list[Any]:
    actor, owner = chain.project.Actor, chain.accounts[9]
    contracts = [owner.deploy(actor) for _ in CONTRACTS]
    delegated = chain.accounts[DELEGATED]
    chain.delegate(delegated, contracts[0])
    return [*(chain.accounts[i] for i in range(3)), actor.at(delegated), *contracts]
