"""The factory: who creates what, where it stands, what it costs, and where the fees go."""

import sys
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.contracts.kit import NATIVE_FACE
from tests.contracts.token_kit import FULL, PLAIN
from tests.evm import Chain
from tests.machines.base import Machine, Namespace

ZERO = "0x" + "00" * 20
ETHER = 10**18
CEILING = 1_000 * ETHER
INFINITE = 2**256 - 1
MOST = 2**184 - 1
NATIVE, COIN, TRICKY = range(3)
PEOPLE, ACTOR = range(4), 3
ACCEPT, REFUSE = 0, 1
HONEST, FALSE, KEEP_ONE, ADD_ONE = range(4)

people = st.sampled_from(PEOPLE)
currencies = st.sampled_from([NATIVE, NATIVE, COIN, TRICKY])


@dataclass(frozen=True)
class Config:
    """A token's configuration, with people as numbers."""

    name: str
    admin: int | None
    recipient: int
    cap: int
    supply: int
    template: int
    features: int

    def terms(self, everybody: list[Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "symbol": "TMB",
            "admin": ZERO if self.admin is None else everybody[self.admin],
            "recipient": everybody[self.recipient],
            "cap": self.cap,
            "initialSupply": self.supply,
            "templateId": self.template,
            "features": self.features,
        }


configs = st.one_of(
    st.builds(
        Config,
        name=st.sampled_from(["Tombola", "T" * 64]),
        admin=people,
        recipient=people,
        cap=st.sampled_from([0, 1_000, MOST]),
        supply=st.sampled_from([600, 1]),
        template=st.just(1),
        features=st.integers(0, 15),
    ),
    st.builds(
        Config,
        name=st.just("Plain"),
        admin=st.none(),
        recipient=people,
        cap=st.just(1_000),
        supply=st.just(1_000),
        template=st.sampled_from([2, 2, 3, 4, 9]),
        features=st.just(0),
    ),
)
spoils = st.sampled_from(
    [None] * 8 + [("name", ""), ("name", "x" * 65), ("cap", 2**184), ("initialSupply", 2**200)]
)


class FactoryMachine(Machine):
    """People 0 to 2 are accounts, 3 is a contract that may refuse money; the treasury is one like it."""

    only_refused = frozenset({"set_fee_in_pols_other_face", "check"})

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        project, owner = chain.project, chain.accounts[9]
        implementations = [owner.deploy(project.Token), *(owner.deploy(project.PlainToken) for _ in range(3))]
        vesting, treasury = owner.deploy(project.TestVesting), owner.deploy(project.Actor)
        first = [(FULL, implementations[0]), (PLAIN, implementations[1])]
        factory = owner.deploy(project.TokenFactory, owner, treasury, vesting, 5, first)
        actor = owner.deploy(project.Actor)
        tokens = [owner.deploy(project.TestERC20), owner.deploy(project.TrickyERC20)]
        everybody = [*(chain.accounts[i] for i in range(3)), actor]
        for token in tokens:
            for person in everybody:
                token.mint(person, 10**30, sender=owner)
            for person in everybody[:3]:
                token.approve(factory, INFINITE, sender=person)
            actor.execute(token, token.approve.encode_input(factory, INFINITE), sender=owner)
        return Namespace(
            factory=factory,
            owner=owner,
            vesting=vesting,
            treasury=treasury,
            tokens=tokens,
            people=everybody,
            implementations=implementations,
        )

    def __init__(self) -> None:
        super().__init__()
        self.factory, self.people = self.world.factory, self.world.people
        self.currencies = [ZERO, *(token.address for token in self.world.tokens)]
        self.fee, self.currency = 5, NATIVE
        self.held = [0, 0, 0]
        self.given = [0, 0, 0]
        self.manners = {"actor": ACCEPT, "treasury": ACCEPT}
        self.trick = HONEST
        self.is_open, self.allowed = True, set[int]()
        # Whether each template is retired, by its id.
        self.templates: dict[int, bool] = {1: False, 2: False}
        self.codes = {1: self.world.implementations[0], 2: self.world.implementations[1]}
        self.made: dict[tuple[int, Config, int], Any] = {}
        self.instances: list[list[str]] = [[] for _ in PEOPLE]
        self.short = 0

    # Creation

    def act(self, who: int, function: str, *arguments: Any, value: int = 0) -> Any:
        method, person = getattr(self.factory, function), self.people[who]
        if who != ACTOR:
            return method(*arguments, sender=person, value=value)
        return person.execute(
            self.factory, method.encode_input(*arguments), sender=self.world.owner, value=value
        )

    def creating(self, who: int, config: Config, salt: int, most: int, value: int) -> set[str]:
        """All that is wrong with a creation, but for its plans."""
        wrong = set() if self.is_open or who in self.allowed else {"TokenFactoryCreatorNotAllowed"}
        if self.fee > most:
            wrong.add("TokenFactoryFeeAboveMax")
        if config.template not in self.templates:
            wrong.add("TokenFactoryTemplateUnknown")
        elif self.templates[config.template]:
            wrong.add("TokenFactoryTemplateRetired")
        if (who, config, salt) in self.made:
            wrong.add("FailedDeployment")
        return wrong | self.paying(who, value)

    def paying(self, who: int, value: int) -> set[str]:
        """All that is wrong with the payment."""
        if self.currency == NATIVE:
            if value < self.fee:
                return {"TokenFactoryFeeUnpaid"}
            refused = value > self.fee and who == ACTOR and self.manners["actor"] == REFUSE
            return {"TokenFactoryRefundFailed"} if refused else set()
        wrong = {"TokenFactoryValueUnwanted"} if value else set()
        if self.currency == TRICKY and self.fee and self.trick != HONEST:
            wrong.add("SafeERC20FailedOperation" if self.trick == FALSE else "TokenFactoryCurrencyRefused")
        return wrong

    @rule(
        who=people,
        config=configs,
        salt=st.integers(0, 2),
        below=st.sampled_from([0] * 8 + [1]),
        extra=st.sampled_from([0] * 6 + [1, -1]),
        spoilt=spoils,
    )
    def create(
        self, who: int, config: Config, salt: int, below: int, extra: int, spoilt: tuple[str, Any] | None
    ) -> None:
        terms = config.terms(self.people)
        value, most = self.offer(below, extra)
        wrong = self.creating(who, config, salt, most, value)
        if spoilt:
            terms[spoilt[0]] = spoilt[1]
            wrong |= {"TokenFactoryConfigInvalid"}
        arguments, predicted = (terms, salt.to_bytes(32), most), self.predicted(who, config, salt)
        receipt = self.attempt(wrong, lambda: self.act(who, "createToken", *arguments, value=value))
        if receipt:
            self.created(who, config, salt, 0, predicted, receipt)

    @rule(
        who=people,
        config=configs,
        salt=st.integers(0, 2),
        amounts=st.lists(st.integers(1, 400), min_size=1, max_size=3),
        extra=st.sampled_from([0] * 6 + [1, -1]),
        strange=st.sampled_from([False] * 8 + [True]),
    )
    def launch(
        self, who: int, config: Config, salt: int, amounts: list[int], extra: int, strange: bool
    ) -> None:
        """A token with vesting; `strange` plans are for another token."""
        terms = config.terms(self.people)
        value, most = self.offer(0, extra)
        wrong = self.creating(who, config, salt, most, value)
        if sum(amounts) > config.supply:
            wrong.add("TokenFactoryConfigInvalid")
        if self.short:
            wrong.add("TokenFactoryVestingIncomplete")
        if strange:
            wrong.add("TokenFactoryPlanInvalid")
        predicted = self.predicted(who, config, salt)
        plan = {
            "token": self.currencies[COIN] if strange else predicted,
            "start": self.chain.timestamp,
            "cliff": 0,
            "duration": 100,
            "step": 1,
            "startUnlockBps": 0,
        }
        plans = [{"config": plan, "grants": [(self.people[0], amount)]} for amount in amounts]
        arguments = (terms, plans, salt.to_bytes(32), most)
        receipt = self.attempt(wrong, lambda: self.act(who, "launch", *arguments, value=value))
        if receipt:
            self.created(who, config, salt, sum(amounts), predicted, receipt)

    def predicted(self, who: int, config: Config, salt: int) -> str:
        """Where the factory says that it will be."""
        if config.template not in self.templates:
            return ZERO
        terms = config.terms(self.people)
        return str(self.factory.predictToken(self.people[who], terms, salt.to_bytes(32)))

    def offer(self, below: int, extra: int) -> tuple[int, int]:
        """What is sent along, and the most that the creator pays."""
        due = self.fee if self.currency == NATIVE else 0
        return max(0, due + extra), max(0, self.fee - below)

    def created(self, who: int, config: Config, salt: int, vested: int, predicted: str, receipt: Any) -> None:
        (log,) = [log for log in receipt.events if log.event_name == "TokenCreated"]
        assert (log.token, log.creator) == (predicted, self.people[who])
        self.made[who, config, salt] = log.token
        self.instances[who].append(log.token)
        self.held[self.currency] += self.fee
        self.check(log.token, config, vested)

    def check(self, address: str, config: Config, vested: int) -> None:
        """It is what was ordered, all of its supply is where it should be, and the factory has no hand in it."""
        container = self.chain.project.Token if config.template == 1 else self.chain.project.PlainToken
        token = container.at(address)
        assert self.factory.isInstance(token)
        assert (token.name(), token.totalSupply()) == (config.name, config.supply)
        assert token.balanceOf(self.people[config.recipient]) == config.supply - vested
        assert token.balanceOf(self.world.vesting) == vested
        assert token.balanceOf(self.factory) == 0
        assert self.codes[config.template].address[2:].lower() in token.code.hex()
        if config.template == 1:
            assert (token.features(), token.cap()) == (config.features, config.cap or MOST)
            assert not token.hasRole(bytes(32), self.factory)
            assert token.hasRole(bytes(32), self.people[config.admin or 0])
        person = self.people[0]
        self.attempt("TokenNotFactory", lambda: token.initialize(person, person, 1, 0, sender=person))

    # What the owner does, and others try

    def by(self, number: int) -> tuple[Any, set[str]]:
        """One of six callers is not the owner."""
        if number:
            return self.world.owner, set()
        return self.people[0], {"OwnableUnauthorizedAccount"}

    @rule(
        fee=st.sampled_from([0, 5, 7, ETHER, CEILING, CEILING + 1]), currency=currencies, by=st.integers(0, 5)
    )
    def set_fee(self, fee: int, currency: int, by: int) -> None:
        sender, wrong = self.by(by)
        if fee > CEILING:
            wrong.add("TokenFactoryFeeTooHigh")
        if self.attempt(wrong, lambda: self.factory.setFee(fee, self.currencies[currency], sender=sender)):
            self.fee, self.currency = fee, currency

    @rule(fee=st.integers(0, 5))
    def set_fee_in_pols_other_face(self, fee: int) -> None:
        self.attempt(
            "TokenFactoryCurrencyRefused",
            lambda: self.factory.setFee(fee, NATIVE_FACE, sender=self.world.owner),
        )

    @rule(is_open=st.booleans(), by=st.integers(0, 5))
    def set_open(self, is_open: bool, by: int) -> None:
        sender, wrong = self.by(by)
        if self.attempt(wrong, lambda: self.factory.setOpen(is_open, sender=sender)):
            self.is_open = is_open

    @rule(who=st.sets(people), allowed=st.booleans(), by=st.integers(0, 5))
    def set_creators(self, who: set[int], allowed: bool, by: int) -> None:
        sender, wrong = self.by(by)
        creators = [self.people[number] for number in who]
        if self.attempt(wrong, lambda: self.factory.setCreators(creators, allowed, sender=sender)):
            self.allowed = self.allowed | who if allowed else self.allowed - who

    @rule(by=st.integers(0, 5), kind=st.sampled_from([PLAIN, b"other".ljust(32, b"\0")]))
    def register(self, by: int, kind: bytes) -> None:
        sender, wrong = self.by(by)
        number = len(self.templates) + 1
        code = self.world.implementations[min(number, len(self.world.implementations)) - 1]
        if number > len(self.world.implementations):
            return
        if self.attempt(wrong, lambda: self.factory.registerTemplate(kind, code, sender=sender)):
            self.templates[number], self.codes[number] = False, code

    @rule(template=st.sampled_from([3, 4, 2, 1, 9]), by=st.integers(0, 5))
    def retire(self, template: int, by: int) -> None:
        sender, wrong = self.by(by)
        if template not in self.templates:
            wrong.add("TokenFactoryTemplateUnknown")
        elif self.templates[template]:
            wrong.add("TokenFactoryTemplateRetired")
        if self.attempt(wrong, lambda: self.factory.retireTemplate(template, sender=sender)):
            self.templates[template] = True

    @rule(who=people, currency=currencies)
    def withdraw(self, who: int, currency: int) -> None:
        due = self.held[currency]
        wrong = set() if due else {"TokenFactoryNothingToWithdraw"}
        if due and currency == NATIVE and self.manners["treasury"] == REFUSE:
            wrong = {"TokenFactoryWithdrawFailed"}
        if due and currency == TRICKY and self.trick == FALSE:
            wrong = {"SafeERC20FailedOperation"}
        if self.attempt(wrong, lambda: self.act(who, "withdrawFees", self.currencies[currency])):
            self.held[currency] = 0
            less = {KEEP_ONE: -1, ADD_ONE: 1}.get(self.trick, 0) if currency == TRICKY else 0
            self.given[currency] += due + less

    @rule(who=st.sampled_from(["actor", "treasury"]), manner=st.sampled_from([ACCEPT, ACCEPT, REFUSE]))
    def change_manners(self, who: str, manner: int) -> None:
        actor = self.people[ACTOR] if who == "actor" else self.world.treasury
        actor.behave(manner, ZERO, b"", sender=self.world.owner)
        self.manners[who] = manner

    @rule(manner=st.sampled_from([HONEST, HONEST, FALSE, KEEP_ONE, ADD_ONE]))
    def change_token(self, manner: int) -> None:
        self.world.tokens[1].behave(manner, ZERO, b"", sender=self.world.owner)
        self.trick = manner

    @rule(amount=st.sampled_from([0, 0, 1]))
    def change_vesting(self, amount: int) -> None:
        """It takes so much less than it was given."""
        self.world.vesting.fallShort(amount, sender=self.world.owner)
        self.short = amount

    # What is always true

    @invariant()
    def fees(self) -> None:
        """Held is what accrued less what was withdrawn, and the treasury got it."""
        tokens = self.world.tokens
        assert [self.factory.balance, *(t.balanceOf(self.factory) for t in tokens)] == self.held
        assert [
            self.world.treasury.balance,
            *(t.balanceOf(self.world.treasury) for t in tokens),
        ] == self.given
        assert (self.factory.fee(), self.factory.feeCurrency()) == (self.fee, self.currencies[self.currency])

    @invariant()
    def permissions(self) -> None:
        assert self.factory.isOpen() == self.is_open
        for number, person in enumerate(self.people):
            assert self.factory.canCreate(person) == (self.is_open or number in self.allowed)

    def teardown(self) -> None:
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        for number, person in enumerate(self.people):
            assert self.factory.instancesOf(person, 0, 1_000) == self.instances[number]
        for (who, config, salt), token in self.made.items():
            assert self.factory.isInstance(token)
            terms = config.terms(self.people)
            assert self.factory.predictToken(self.people[who], terms, salt.to_bytes(32)) == token
        for other in (self.people[0], self.factory, *self.world.implementations, self.world.tokens[0]):
            assert not self.factory.isInstance(other)


TestFactory = FactoryMachine.quick(examples=80)
