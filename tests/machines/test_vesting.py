"""Vesting: plans, campaigns and whole lives of grants; an honest token with votes and one that misbehaves; strangers."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.contracts.token_kit import FULL, FULL_ID, MINT
from tests.evm import Chain
from tests.machines import signing
from tests.machines.base import Machine, Namespace
from tests.machines.vesting_model import (
    ADD_ONE,
    BPS,
    CALL_BACK,
    DAY,
    FALSE,
    HONEST,
    KEEP_ONE,
    LONGEST_PAUSE,
    MOST_AMOUNT,
    MOST_SECONDS,
    MOST_START,
    REFUSE,
    VESTING,
    Campaign,
    Coin,
    Curve,
    Dates,
    Grant,
    Plan,
    Rows,
    VestingModel,
    rows_of,
)

ZERO = "0x" + "00" * 20
NATIVE_FACE = "0x0000000000000000000000000000000000001010"
INFINITE = 2**256 - 1
RICH = 2**100
GOOD, TRICKY = range(2)
PEOPLE, WALLETS, STRANGER = range(6), (4, 5), 6
# In the beginning these let the contract take what it wants of the good token; the others use permits.
TRUSTING = (0, 1, 4, 5)
GUARDIANS = (8, 9)
MOST_PLANS, MOST_GRANTS, MOST_CAMPAIGNS = 5, 16, 3
RELEASE = "Release(uint256 grantId,address to,uint256 nonce,uint256 deadline)"
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
RECEIVE = (
    "ReceiveWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)

people = st.sampled_from(PEOPLE)
receivers = st.sampled_from([*PEOPLE, *PEOPLE, None, VESTING])
# Which grant, plan or campaign; see VestingMachine.grant_at.
which = st.integers(0, 30)
# 0 is somebody else than who may.
mine = st.integers(0, 6)
tokens = st.sampled_from([GOOD, GOOD, GOOD, TRICKY, TRICKY])
amounts = st.one_of(st.integers(1, 1_000), st.integers(1, 10**12), st.sampled_from([1, 9_999, MOST_AMOUNT]))
batches = st.lists(st.tuples(people, amounts), min_size=1, max_size=4)
spoilt_rows = st.sampled_from([""] * 12 + ["empty", "nobody", "nothing", "too much"])
shares = st.sampled_from([0, 0, 1, 1_000, 3_333, 9_999, BPS])


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Starts are relative to the present. In whole minutes, hours and days, and in odd seconds."""
    unit = draw(st.sampled_from([1, 7, 60, 3_600, DAY, DAY]))
    duration = draw(st.integers(1, 400))
    cliff = draw(st.one_of(st.just(0), st.integers(0, duration)))
    step = draw(st.one_of(st.just(0), st.integers(0, duration)))
    odd = draw(st.sampled_from([0, 0, 0, 1]))
    start = draw(st.sampled_from([-200 * DAY, -DAY, -60, 0, 1, 3_600, 30 * DAY]))
    return Curve(start, cliff * unit, duration * unit + odd, step * unit, draw(shares))


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    """Times are relative to the present."""
    count = draw(st.integers(1, 5))
    gaps = draw(st.lists(st.integers(1, 100 * DAY), min_size=count, max_size=count))
    parts = draw(st.sets(st.integers(1, BPS - 1), min_size=count - 1, max_size=count - 1))
    start, times = draw(st.integers(-100 * DAY, 30 * DAY)), []
    for gap in gaps:
        start += gap
        times.append(start)
    return Dates(tuple(zip(times, [*sorted(parts), BPS], strict=True)))


class VestingMachine(Machine):
    """People 0 to 3 are accounts, 4 and 5 contracts."""

    only_refused = frozenset({"trespass", "look_ahead", "replay", "misplan"})

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        project, owner = chain.project, chain.accounts[9]
        first, second = (owner.deploy(project.Vesting) for _ in range(2))
        guardian = chain.accounts[GUARDIANS[0]]
        data = first.initialize.encode_input(owner, guardian)
        vesting = project.Vesting.at(owner.deploy(project.VestingProxy, first, data).address)
        template = owner.deploy(project.Token)
        factory = owner.deploy(project.TokenFactory, owner, owner, vesting, 0, [(FULL, template)])
        config = ("Tombola", "TMB", owner, owner, 0, 20 * RICH, FULL_ID, MINT)
        good = project.Token.at(factory.predictToken(owner, config, bytes(32)))
        factory.createToken(config, bytes(32), 0, sender=owner)
        tricky = owner.deploy(project.TrickyERC20)
        wallets = [owner.deploy(project.TestWallet) for _ in WALLETS]
        everybody: list[Any] = [
            *(chain.accounts[index] for index in range(4)),
            *wallets,
            chain.accounts[STRANGER],
        ]
        for number, person in enumerate(everybody):
            good.transfer(person, RICH, sender=owner)
            tricky.mint(person, RICH, sender=owner)
            trusted = [tricky, good] if number in TRUSTING else [tricky]
            for token in trusted:
                if number in WALLETS:
                    person.execute(token, token.approve.encode_input(vesting, INFINITE), sender=owner)
                else:
                    token.approve(vesting, INFINITE, sender=person)
        return Namespace(
            vesting=vesting,
            upgrades=[first, second, owner.deploy(project.TestVestingUpgrade)],
            tokens=[good, tricky],
            people=everybody,
            owner=owner,
        )

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.vesting, self.people, self.owner = world.vesting, world.people, world.owner
        self.tokens = world.tokens
        everybody = range(len(self.people))
        trust = [
            {who: None if token == TRICKY or who in TRUSTING else 0 for who in everybody}
            for token in (GOOD, TRICKY)
        ]
        self.coins = [Coin(Counter(dict.fromkeys(everybody, RICH)), allowed) for allowed in trust]
        self.model = VestingModel(self.coins)
        self.domain = signing.separator("Tombola Vesting", "1", self.chain.chain_id, self.vesting)
        self.token_domain = signing.separator("Tombola", "1", self.chain.chain_id, self.tokens[GOOD])
        self.permits: Counter[int] = Counter()
        self.authorised: list[tuple[Any, ...]] = []
        self.signed: list[tuple[Any, ...]] = []
        self.guardian: int | None = GUARDIANS[0]
        self.salts = 0
        self.touched: list[Grant] = []
        self.seen: dict[int, int] = {}
        self.turn = 0
        self.last_votes: dict[tuple[int, int], int] = {}
        self.past: list[tuple[int, dict[tuple[int, int], int]]] = []

    # Who does what

    @property
    def next_time(self) -> int:
        return self.chain.pending_timestamp

    def soon(self) -> VestingModel:
        """The model as of the next call."""
        self.model.time = self.next_time
        return self.model

    def account(self, who: int | None) -> Any:
        if who is None:
            return ZERO
        return self.vesting.address if who == VESTING else self.people[who].address

    def act(self, who: int, function: str, *arguments: Any) -> Any:
        """The call, by a person or through the contract that a person is."""
        return self.act_on(self.vesting, who, function, *arguments)

    def act_on(self, contract: Any, who: int, function: str, *arguments: Any) -> Any:
        method, person = getattr(contract, function), self.people[who]
        if who not in WALLETS:
            return method(*arguments, sender=person)
        return person.execute(contract, method.encode_input(*arguments), sender=self.owner)

    def sign(self, who: int, domain: bytes, struct: bytes) -> bytes:
        """By key; a contract says beforehand that it signed, which takes a block."""
        if who not in WALLETS:
            return signing.sign(self.people[who], domain, struct)
        signature = keccak(struct)
        self.people[who].approveSignature(keccak(b"\x19\x01" + domain + struct), signature, sender=self.owner)
        return signature

    def says(self, receipt: Any, name: str, **arguments: Any) -> None:
        """The one event of this name has these arguments."""
        (log,) = [
            log for log in receipt.events if log.event_name == name and log.address == self.vesting.address
        ]
        assert {key: log.arguments[key] for key in arguments} == arguments

    def plan_at(self, index: int, token: int | None = None) -> Plan | None:
        """Any plan; none of them now and then."""
        fitting = [plan for plan in self.model.plans if token in (None, plan.token)]
        return fitting[index % len(fitting)] if fitting and index != 30 else None

    def grant_at(self, index: int, fits: Callable[[Grant], Any] = lambda grant: True) -> Grant | None:
        """A grant, mostly one that fits where there is one; none of them now and then."""
        grants = self.model.grants
        fitting = [grant for grant in grants if fits(grant)] if index < 24 else []
        choice = fitting or grants
        grant = choice[index % len(choice)] if choice and index != 30 else None
        self.touched += [grant] if grant else []
        return grant

    def campaign_at(self, index: int) -> Campaign | None:
        campaigns = self.model.campaigns
        return campaigns[index % len(campaigns)] if campaigns and index != 30 else None

    def plan_number(self, plan: Plan | None) -> int:
        return plan.number if plan else 99

    def number(self, thing: Grant | Campaign | None) -> int:
        return thing.number if thing else 99 << 64

    # Plans

    @initialize(
        first=curves(),
        second=st.one_of(curves(), dates()),
        given=batches,
        more=batches,
        creator=people,
        open_to=batches,
        ahead=st.sampled_from([0, 0, DAY, 30 * DAY]),
    )
    def begin(
        self,
        first: Curve,
        second: Curve | Dates,
        given: list[tuple[int, int]],
        more: list[tuple[int, int]],
        creator: int,
        open_to: list[tuple[int, int]],
        ahead: int,
    ) -> None:
        """Two plans with grants, a campaign, and time."""
        self.create_plan(0, creator, GOOD, first, given, True)
        if isinstance(second, Curve):
            self.create_plan(1, 1, TRICKY, second, more, True)
        else:
            self.create_tranche_plan(1, 1, TRICKY, second, more)
        self.create_campaign(0, 1, open_to, 40 * DAY, 0, "")
        self.chain.warp(ahead)

    def at_present(self, shape: Curve | Dates) -> Any:
        """The shape from now on."""
        now = self.next_time
        if isinstance(shape, Dates):
            return Dates(tuple((now + time, bps) for time, bps in shape.tranches))
        return Curve(now + shape.start, shape.cliff, shape.duration, shape.step, shape.unlock_bps)

    def config(self, token: int, curve: Curve) -> tuple[Any, ...]:
        words = (curve.start, curve.cliff, curve.duration, curve.step, curve.unlock_bps)
        return (self.tokens[token], *words)

    def rows(self, rows: Rows) -> list[tuple[str, int]]:
        return [(self.account(who), amount) for who, amount in rows]

    def spoil(self, rows: Rows, how: str) -> Rows:
        who, amount = rows[-1]
        last = {"nobody": (None, amount), "nothing": (who, 0), "too much": (who, MOST_AMOUNT + 1)}
        if how == "empty":
            return []
        return [*rows[:-1], last.get(how, (who, amount))]

    def funding(self, plan: Plan, payer: int, rows: Rows) -> set[str]:
        """All that is wrong with these grants, paid by allowance."""
        wrong = self.model.granting(rows)
        total = sum(amount for _, amount in rows)
        return wrong | self.model.coin_of(plan).taking(payer, total)

    def granted(self, receipt: Any, plan: Plan, payer: int, rows: Rows, *, by_allowance: bool = True) -> None:
        added = self.model.add_grants(plan, rows)
        total = sum(grant.amount for grant in added)
        self.model.fund(plan, payer, total, by_allowance=by_allowance)
        self.touched += added
        logs = [log for log in receipt.events if log.event_name == "Granted"]
        said = [(log.grantId, log.planId, log.beneficiary, log.amount) for log in logs]
        who = [self.account(grant.beneficiary) for grant in added]
        assert said == [
            (grant.number, plan.number, holder, grant.amount)
            for grant, holder in zip(added, who, strict=True)
        ]

    @precondition(lambda self: len(self.model.plans) < MOST_PLANS)
    @rule(by=people, creator=people, token=tokens, curve=curves(), given=batches, filled=st.booleans())
    def create_plan(self, by: int, creator: int, token: int, curve: Curve, given: Rows, filled: bool) -> None:
        """With grants and for anybody, or empty and one's own."""
        model, curve = self.soon(), self.at_present(curve)
        plan = model.next_plan(creator if filled else by, token, curve)
        config = self.config(token, curve)
        if filled:
            arguments = (self.account(creator), config, self.rows(given))
            wrong = self.funding(plan, by, given)
            receipt = self.attempt(wrong, lambda: self.act(by, "createPlanFor", *arguments))
        else:
            receipt = self.attempt(None, lambda: self.act(by, "createPlan", config))
        if not receipt:
            return
        model.plans.append(plan)
        self.says(receipt, "PlanCreated", planId=plan.number, creator=self.account(plan.creator))
        if filled:
            self.granted(receipt, plan, by, given)
        self.check_plan(plan)

    @precondition(lambda self: len(self.model.plans) < MOST_PLANS)
    @rule(by=people, creator=people, token=tokens, shape=dates(), given=st.one_of(st.just([]), batches))
    def create_tranche_plan(self, by: int, creator: int, token: int, shape: Dates, given: Rows) -> None:
        model, shape = self.soon(), self.at_present(shape)
        plan = model.next_plan(creator, token, shape)
        wrong = self.funding(plan, by, given) if given else set()
        arguments = (self.account(creator), self.tokens[token], shape.tranches, self.rows(given))
        receipt = self.attempt(wrong, lambda: self.act(by, "createTranchePlan", *arguments))
        if receipt:
            model.plans.append(plan)
            if given:
                self.granted(receipt, plan, by, given)
            self.check_plan(plan)

    @rule(by=people, curve=curves(), shape=dates(), what=st.integers(0, 11))
    def misplan(self, by: int, curve: Curve, shape: Dates, what: int) -> None:
        """One thing wrong with a plan that would be sound."""
        curve, shape = self.at_present(curve), self.at_present(shape)
        good, rising = self.config(GOOD, curve), list(shape.tranches)
        invalid, dated = "VestingPlanInvalid", "VestingTranchesInvalid"
        last = len(rising)
        late = [(rising[0][0] + MOST_SECONDS + 1, BPS)]
        cases: list[tuple[str, dict[str, Any], Any]] = [
            (invalid, {"field": "token"}, (ZERO, *good[1:])),
            ("VestingTokenRefused", {"token": NATIVE_FACE}, (NATIVE_FACE, *good[1:])),
            (invalid, {"field": "start"}, (good[0], MOST_START + 1, *good[2:])),
            (invalid, {"field": "duration"}, (*good[:2], 0, 0, 0, good[5])),
            (invalid, {"field": "duration"}, (*good[:2], 0, MOST_SECONDS + 1, 0, good[5])),
            (invalid, {"field": "cliff"}, (*good[:2], curve.duration + 1, *good[3:])),
            (invalid, {"field": "step"}, (*good[:4], curve.duration + 1, good[5])),
            (invalid, {"field": "startUnlockBps"}, (*good[:5], BPS + 1)),
            (dated, {}, []),
            (dated, {}, [*rising[:-1], (rising[-1][0], BPS - 1)]),
            (dated, {"position": last}, [*rising[:-1], (rising[-1][0], BPS), (rising[-1][0], BPS)]),
            (dated, {"position": 1}, [(rising[0][0], 1), *late]),
        ]
        error, arguments, given = cases[what]
        if isinstance(given, tuple):
            self.attempt(error, lambda: self.act(by, "createPlan", given), **arguments)
        else:
            everything: tuple[Any, ...] = (ZERO, self.tokens[GOOD], given, [])
            self.attempt(error, lambda: self.act(by, "createTranchePlan", *everything), **arguments)

    def check_plan(self, plan: Plan) -> None:
        config, creator, count, revocable = self.vesting.planOf(plan.number)
        shape = plan.shape
        assert (creator, count, revocable) == (self.account(plan.creator), plan.grants, plan.revocable)
        assert (config.token, config.start) == (self.tokens[plan.token].address, shape.start)
        assert config.start + config.duration == shape.end
        if isinstance(shape, Dates):
            said = [(word >> 16, word & 0xFFFF) for word in self.vesting.tranchesOf(plan.number)]
            assert config.step == 0
            assert said == list(shape.tranches)
        else:
            words = (config.cliff, config.duration, config.step, config.startUnlockBps)
            assert words == (shape.cliff, shape.duration, shape.step or 1, shape.unlock_bps)
            assert self.vesting.tranchesOf(plan.number) == []
        assert self.vesting.planCount() == len(self.model.plans)

    # Grants

    @precondition(lambda self: len(self.model.grants) < MOST_GRANTS)
    @rule(index=which, by=people, own=mine, given=batches, spoilt=spoilt_rows)
    def grant(self, index: int, by: int, own: int, given: Rows, spoilt: str) -> None:
        model, plan, given = self.soon(), self.plan_at(index), self.spoil(given, spoilt)
        by = plan.creator if plan and own else by
        wrong = model.creating(plan, by) | (self.funding(plan, by, given) if plan else set())
        arguments = (self.plan_number(plan), self.rows(given))
        if receipt := self.attempt(wrong, lambda: self.act(by, "grant", *arguments)):
            assert plan is not None
            self.granted(receipt, plan, by, given)

    @precondition(lambda self: len(self.model.grants) < MOST_GRANTS)
    @rule(
        index=which,
        by=people,
        own=mine,
        given=batches,
        spoilt=spoilt_rows,
        flaw=st.sampled_from(["", "", "", "", "used before", "expired", "of another", "short"]),
    )
    def grant_with_permit(self, index: int, by: int, own: int, given: Rows, spoilt: str, flaw: str) -> None:
        """A permit that does not work is passed over: the allowance decides."""
        plan, given = self.plan_at(index), self.spoil(given, spoilt)
        by = plan.creator if plan and own else by
        total = sum(amount for _, amount in given)
        deadline = self.next_time + (-1 if flaw == "expired" else 1_000)
        signer = (by + 1) % 4 if flaw == "of another" else by
        struct = signing.struct_hash(
            PERMIT, self.people[by], self.vesting.address, total, self.permits[by], deadline
        )
        signature = (
            bytes(65) if signer in WALLETS else signing.sign(self.people[signer], self.token_domain, struct)
        )
        if flaw == "short":
            signature = signature[:64]
        good = by not in WALLETS and flaw in ("", "used before")
        if good and flaw:
            ends = (self.people[by], self.vesting, total, deadline, signature)
            self.tokens[GOOD].invoke(
                "permit(address,address,uint256,uint256,bytes)", *ends, sender=self.owner
            )
            self.coins[GOOD].allowed[by] = total
            self.permits[by] += 1
        model = self.soon()
        permitted = good and not flaw and plan is not None and plan.token == GOOD
        before = self.coins[GOOD].allowed[by]
        if permitted:
            self.coins[GOOD].allowed[by] = total
        wrong = model.creating(plan, by) | (self.funding(plan, by, given) if plan else set())
        arguments = (self.plan_number(plan), self.rows(given), deadline, signature)
        if receipt := self.attempt(wrong, lambda: self.act(by, "grantWithPermit", *arguments)):
            assert plan is not None
            self.permits[by] += permitted
            self.granted(receipt, plan, by, given)
        elif permitted:
            self.coins[GOOD].allowed[by] = before

    @precondition(lambda self: len(self.model.grants) < MOST_GRANTS)
    @rule(
        index=which,
        by=people,
        given=batches,
        spoilt=spoilt_rows,
        flaw=st.sampled_from(["", "", "", "", "other grants", "other salt", "of another", "early", "late"]),
    )
    def grant_with_authorization(self, index: int, by: int, given: Rows, spoilt: str, flaw: str) -> None:
        """Signed by the plan's creator, submitted by anyone."""
        plan, given = self.plan_at(index, GOOD if index % 5 else None), self.spoil(given, spoilt)
        self.salts += 1
        salt, now = self.salts.to_bytes(32), self.next_time
        window = (now + 100 if flaw == "early" else now - 100, now - 1 if flaw == "late" else now + 200)
        payer = plan.creator if plan else 0
        number, rows = self.plan_number(plan), self.rows(given)
        said = [*rows, rows[-1]] if flaw == "other grants" and rows else rows
        signed_salt = bytes(32) if flaw == "other salt" else salt
        nonce = keccak(encode(["uint256", "(address,uint96)[]", "bytes32"], [number, said, signed_salt]))
        words = (self.people[payer], self.vesting.address, sum(amount for _, amount in given), *window, nonce)
        signer = (payer + 1) % 4 if flaw == "of another" else payer
        signature = self.sign(signer, self.token_domain, signing.struct_hash(RECEIVE, *words))
        arguments = (number, rows, *window, salt, signature)
        model = self.soon()
        wrong = model.granting(given) | ({"VestingPlanUnknown"} if plan is None else set())
        if plan and plan.token == TRICKY:
            wrong.add("")
        elif plan:
            wrong |= self.coins[GOOD].taking(payer, words[2], by_allowance=False)
            if flaw in ("early", "late"):
                wrong.add("ERC3009InvalidAuthorizationTime")
            elif flaw and (said != rows or signed_salt != salt or signer != payer):
                wrong.add("ERC3009InvalidSignature")
        if receipt := self.attempt(wrong, lambda: self.act(by, "grantWithAuthorization", *arguments)):
            assert plan is not None
            self.authorised.append(arguments)
            self.granted(receipt, plan, payer, given, by_allowance=False)

    @rule(who=people)
    def approve(self, who: int) -> None:
        """Whatever permits left of the allowance, it is without end again."""
        token = self.tokens[GOOD]
        self.attempt(None, lambda: self.act_on(token, who, "approve", self.vesting, INFINITE))
        self.coins[GOOD].allowed[who] = None

    @rule(index=which, by=people)
    def replay(self, index: int, by: int) -> None:
        """What was signed and used, once more."""
        model = self.soon()
        if index % 2 and self.authorised:
            arguments = self.authorised[index % len(self.authorised)]
            wrong = {"ERC3009UsedAuthorization"} | model.stopped()
            if self.next_time >= arguments[3]:
                wrong.add("ERC3009InvalidAuthorizationTime")
            self.attempt(wrong, lambda: self.act(by, "grantWithAuthorization", *arguments))
        elif self.signed:
            arguments = self.signed[index % len(self.signed)]
            wrong = {"VestingSignatureInvalid"}
            if self.next_time > arguments[2]:
                wrong.add("VestingSignatureExpired")
            self.attempt(wrong, lambda: self.act(by, "releaseBySig", *arguments))

    # Campaigns

    def leaf(self, campaign: int, index: int, row: tuple[int, int]) -> bytes:
        values = [self.chain.chain_id, self.vesting.address, campaign, index, self.account(row[0]), row[1]]
        return keccak(encode(["uint256", "address", "uint256", "uint64", "address", "uint96"], values))

    @precondition(lambda self: len(self.model.campaigns) < MOST_CAMPAIGNS)
    @rule(
        index=which,
        own=mine,
        leaves=st.lists(st.tuples(people, st.one_of(amounts, st.just(0))), min_size=1, max_size=7),
        seconds=st.sampled_from([1, DAY, 30 * DAY]),
        short=st.sampled_from([0, 0, 0, 1]),
        spoilt=st.sampled_from([""] * 10 + ["root", "leaves", "total", "deadline", "salt"]),
    )
    def create_campaign(
        self,
        index: int,
        own: int,
        leaves: list[tuple[int, int]],
        seconds: int,
        short: int,
        spoilt: str,
    ) -> None:
        """Over these leaves; `short` by one unit of what they sum up to."""
        model, plan = self.soon(), self.plan_at(index)
        creator = plan.creator if plan and own else index % len(PEOPLE)
        if spoilt == "salt" and not self.salts:
            spoilt = ""
        self.salts += spoilt != "salt"
        salt = b"\x0c" + self.salts.to_bytes(31)
        number = int.from_bytes(keccak(encode(["address", "bytes32"], [self.account(creator), salt])))
        known = any(campaign.number == number for campaign in model.campaigns)
        rows = rows_of([self.leaf(number, place, row) for place, row in enumerate(leaves)])
        total = min(max(1, sum(amount for _, amount in leaves) - short), MOST_AMOUNT)
        terms: dict[str, Any] = {
            "planId": self.plan_number(plan),
            "root": rows[-1][0],
            "leaves": len(leaves),
            "total": total,
            "deadline": self.next_time + seconds,
        }
        terms |= {"deadline": {"deadline": self.next_time}, "root": {"root": bytes(32)}}.get(
            spoilt, {spoilt: 0} if spoilt in terms else {}
        )
        wrong = model.stopped() | model.creating(plan, creator)
        if spoilt in terms or known:
            wrong.add("VestingCampaignInvalid")
        if plan:
            wrong |= model.coin_of(plan).taking(creator, total)
        arguments = (tuple(terms.values()), salt)
        if receipt := self.attempt(wrong, lambda: self.act(creator, "createCampaign", *arguments)):
            assert plan is not None
            self.says(receipt, "CampaignCreated", campaignId=number, planId=plan.number, total=total)
            model.campaigns.append(Campaign(number, plan, leaves, rows, total, terms["deadline"]))
            model.fund(plan, creator, total)
            assert self.vesting.campaignIdOf(self.account(creator), salt) == number

    @precondition(lambda self: self.model.campaigns)
    @rule(
        index=which,
        by=people,
        leaf=st.integers(0, 7),
        fresh=mine,
        flaw=st.sampled_from([""] * 8 + ["proof", "amount", "person", "index", "long", "nobody"]),
    )
    def claim(self, index: int, by: int, leaf: int, fresh: int, flaw: str) -> None:
        """Anybody for anybody, mostly a leaf that is there and was not used."""
        model, campaign = self.soon(), self.campaign_at(index)
        if campaign is None:
            self.attempt(
                model.stopped() | {"VestingCampaignUnknown"},
                lambda: self.act(by, "claim", 99, 0, self.account(by), 1, []),
            )
            return
        unused = sorted(set(range(len(campaign.leaves))) - campaign.claimed)
        leaf = unused[leaf % len(unused)] if fresh and unused else leaf % len(campaign.leaves)
        who, amount = campaign.leaves[leaf]
        proof, place = campaign.proof(leaf), leaf
        if flaw == "proof" and proof:
            proof[0] = keccak(proof[0])
        elif flaw == "long":
            proof.append(bytes(32))
        elif flaw == "index":
            place = (leaf + 1) % (len(campaign.leaves) + 1)
        amount += flaw == "amount"
        who = (who + 1) % len(PEOPLE) if flaw == "person" else who
        if flaw == "nobody":
            wrong = model.claiming(campaign, place, (-1, amount), proof)
        else:
            wrong = model.claiming(campaign, place, (who, amount), proof)
        receiver = ZERO if flaw == "nobody" else self.account(who)
        arguments = (campaign.number, place, receiver, amount, proof)
        if receipt := self.attempt(wrong, lambda: self.act(by, "claim", *arguments)):
            grant = model.claim(campaign, leaf)
            self.touched += [grant] if grant else []
            made = grant.number if grant else 0
            self.says(receipt, "CampaignClaimed", grantId=made, index=leaf, amount=amount)
        assert self.vesting.isClaimed(campaign.number, leaf) == (leaf in campaign.claimed)

    @precondition(lambda self: self.model.campaigns)
    @rule(index=which, by=people, own=mine, in_time=st.booleans())
    def reclaim(self, index: int, by: int, own: int, in_time: bool) -> None:
        campaign = self.campaign_at(index)
        if campaign is None:
            wrong = self.soon().stopped() | {"VestingCampaignUnknown"}
            self.attempt(wrong, lambda: self.act(by, "reclaim", 99))
            return
        closes = self.model.closes_at(campaign)
        if in_time and closes > self.chain.timestamp:
            self.chain.pending_timestamp = closes
        model, by = self.soon(), campaign.plan.creator if own else by
        wrong = model.reclaiming(campaign, by)
        if receipt := self.attempt(wrong, lambda: self.act(by, "reclaim", campaign.number)):
            amount = model.reclaim(campaign)
            self.says(receipt, "CampaignReclaimed", amount=amount, creator=self.account(by))
        assert tuple(self.vesting.campaignOf(campaign.number)) == (
            campaign.plan.number,
            campaign.root,
            len(campaign.leaves),
            model.closes_at(campaign),
            campaign.left,
        )

    # Release

    def is_due(self, grant: Grant) -> bool:
        return grant.due(self.next_time) > 0

    @rule(index=which, by=people)
    def release(self, index: int, by: int) -> None:
        """Also of grants that somebody wants to recover."""
        grant = self.grant_at(index, lambda g: g.candidate is not None if index % 3 else self.is_due(g))
        wrong = self.soon().releasing(grant)
        if receipt := self.attempt(wrong, lambda: self.act(by, "release", self.number(grant))):
            self.released(receipt, grant, grant.beneficiary if grant else None)

    def released(self, receipt: Any, grant: Grant | None, to: int | None) -> None:
        assert grant is not None
        before = grant.released
        due = grant.due(self.model.time)
        self.model.release(grant, to)
        logs = [log for log in receipt.events if log.event_name == "Released" and log.grantId == grant.number]
        log = next(log for log in logs if log.totalReleased == before + due)
        assert (log.to, log.amount) == (self.account(to), due)

    @rule(indices=st.lists(which, max_size=5), by=people)
    def release_many(self, indices: list[int], by: int) -> None:
        """What is due of all of them, any of them several times."""
        grants = [self.grant_at(index, self.is_due) for index in indices]
        model = self.soon()
        wrong, numbers = model.releasing_many(grants), [self.number(grant) for grant in grants]
        if self.attempt(wrong, lambda: self.act(by, "releaseMany", numbers)):
            model.release_many([grant for grant in grants if grant])

    @rule(index=which, by=people, own=mine, to=receivers)
    def release_to(self, index: int, by: int, own: int, to: int | None) -> None:
        grant = self.grant_at(index, self.is_due)
        by = grant.beneficiary if grant and own else by
        wrong = self.soon().releasing_to(grant, by, to)
        arguments = (self.number(grant), self.account(to))
        if receipt := self.attempt(wrong, lambda: self.act(by, "releaseTo", *arguments)):
            assert grant is not None
            grant.act()
            self.released(receipt, grant, to)

    @rule(
        index=which,
        by=people,
        to=receivers,
        flaw=st.sampled_from(["", "", "", "", "other receiver", "old", "ahead", "of another", "late"]),
    )
    def release_by_sig(self, index: int, by: int, to: int | None, flaw: str) -> None:
        """Signed by the beneficiary, submitted by anyone."""
        grant = self.grant_at(index, self.is_due)
        owner = grant.beneficiary if grant else by
        nonce = self.model.nonces[owner] + {"old": -1, "ahead": 1}.get(flaw, 0)
        deadline = self.next_time + (-2 if flaw == "late" else 100)
        signed_to = self.account((by + 1) % 6 if flaw == "other receiver" else to)
        words = (self.number(grant), signed_to, max(nonce, 0), deadline)
        signer = (owner + 1) % 4 if flaw == "of another" else owner
        signature = self.sign(signer, self.domain, signing.struct_hash(RELEASE, *words))
        model = self.soon()
        wrong = model.releasing_to(grant, owner, to)
        if signer != owner or signed_to != self.account(to) or words[2] != model.nonces[owner]:
            wrong.add("VestingSignatureInvalid")
        if flaw == "late":
            wrong.add("VestingSignatureExpired")
        arguments = (self.number(grant), self.account(to), deadline, signature)
        if receipt := self.attempt(wrong, lambda: self.act(by, "releaseBySig", *arguments)):
            assert grant is not None
            model.nonces[owner] += 1
            self.signed.append(arguments)
            grant.act()
            self.released(receipt, grant, to)

    @rule(indices=st.lists(which, max_size=4), by=people)
    def settle(self, indices: list[int], by: int) -> None:
        """Takes releases off the books, at any time; what is unknown has none."""
        grants = [self.grant_at(index, lambda grant: grant.released > grant.settled) for index in indices]
        numbers = [self.number(grant) for grant in grants]
        self.attempt(None, lambda: self.act(by, "settle", numbers))
        self.model.settle([grant for grant in grants if grant])

    # Revocation

    @rule(index=which, by=people, own=mine)
    def revoke(self, index: int, by: int, own: int) -> None:
        """Returns what is not vested; what can be released is what it was."""
        now = self.next_time
        grant = self.grant_at(
            index, lambda g: not g.stops_at and g.plan.revocable and g.vested(now) < g.amount
        )
        by = grant.plan.creator if grant and own else by
        model = self.soon()
        wrong = model.revoking(grant, by, now)
        due = grant.due(now) if grant else 0
        if receipt := self.attempt(wrong, lambda: self.act(by, "revoke", self.number(grant))):
            assert grant is not None
            self.says(receipt, "Revoked", returned=model.revoke(grant, now), stopsAt=now)
            if model.coin_of(grant).manner != CALL_BACK:
                assert self.vesting.releasable(grant.number) == due == grant.unreleased

    @rule(index=which, by=people, own=mine, ahead=st.sampled_from([-1, 0, 1, DAY, 100 * DAY, 2**41]))
    def revoke_at(self, index: int, by: int, own: int, ahead: int) -> None:
        time = self.next_time + ahead
        grant = self.grant_at(
            index, lambda g: not g.stops_at and g.plan.revocable and g.vested(time) < g.amount
        )
        by = grant.plan.creator if grant and own else by
        model = self.soon()
        wrong = model.revoking(grant, by, time)
        if ahead <= 0 or time >= 2**40:
            wrong.add("VestingTimeInvalid")
        if receipt := self.attempt(wrong, lambda: self.act(by, "revokeAt", self.number(grant), time)):
            assert grant is not None
            self.says(receipt, "Revoked", returned=model.revoke(grant, time), stopsAt=time)

    @rule(index=st.sampled_from([0, 1, 2, 3, 30]), by=people, own=mine, really=st.integers(0, 3))
    def renounce_revocation(self, index: int, by: int, own: int, really: int) -> None:
        plan = self.plan_at(index)
        if really or (plan and not plan.revocable):
            by = plan.creator if plan and own == 6 else by
        wrong = self.model.creating(plan, by)
        if plan and not plan.revocable:
            wrong.add("VestingNotRevocable")
        if self.attempt(wrong, lambda: self.act(by, "renounceRevocation", self.plan_number(plan))):
            assert plan is not None
            plan.revocable = False

    # Beneficiaries

    @rule(index=which, by=people, own=mine, to=receivers)
    def propose_transfer(self, index: int, by: int, own: int, to: int | None) -> None:
        grant = self.grant_at(index)
        by = grant.beneficiary if grant and own else by
        wrong = self.model.acting(grant, by)
        arguments = (self.number(grant), self.account(to))
        if self.attempt(wrong, lambda: self.act(by, "proposeTransfer", *arguments)):
            assert grant is not None
            grant.act()
            grant.offered_to = to

    @rule(index=which, by=people, own=mine)
    def accept_transfer(self, index: int, by: int, own: int) -> None:
        """Of a grant that was offered; where there is none, one is."""
        if index < 20 and not any(grant.offered_to is not None for grant in self.model.grants):
            self.propose_transfer(index, by, 1, by)
        grant = self.grant_at(index, lambda g: g.offered_to in PEOPLE)
        if grant and own and grant.offered_to is not None and grant.offered_to in PEOPLE:
            by = grant.offered_to
        wrong = set() if grant and grant.offered_to == by else {"VestingNotProposed"}
        if receipt := self.attempt(wrong, lambda: self.act(by, "acceptTransfer", self.number(grant))):
            self.changed_hands(receipt, grant, by)

    def changed_hands(self, receipt: Any, grant: Grant | None, to: int) -> None:
        assert grant is not None
        ends = {"from": self.account(grant.beneficiary), "to": self.account(to)}
        self.says(receipt, "BeneficiaryChanged", grantId=grant.number, **ends)
        grant.change_hands(to)

    @rule(index=which, by=people, own=mine, candidate=st.sampled_from([*PEOPLE, *PEOPLE, None]))
    def propose_recovery(self, index: int, by: int, own: int, candidate: int | None) -> None:
        model = self.soon()
        grant = self.grant_at(index, lambda g: g.recoverable(model.time))
        by = grant.plan.creator if grant and own else by
        wrong = model.recovering(grant, by, candidate)
        arguments = (self.number(grant), self.account(candidate))
        if self.attempt(wrong, lambda: self.act(by, "proposeRecovery", *arguments)):
            assert grant is not None
            grant.candidate, grant.ready_at = candidate, model.time + 30 * DAY

    @rule(index=which, by=people, own=mine)
    def veto_recovery(self, index: int, by: int, own: int) -> None:
        grant = self.grant_at(index, lambda g: g.candidate is not None)
        by = grant.beneficiary if grant and own else by
        wrong = self.model.acting(grant, by)
        if grant and grant.candidate is None:
            wrong.add("VestingRecoveryNone")
        if receipt := self.attempt(wrong, lambda: self.act(by, "vetoRecovery", self.number(grant))):
            assert grant is not None
            self.says(receipt, "RecoveryVetoed", candidate=self.account(grant.candidate))
            grant.act()

    @rule(index=which, by=people, really=st.integers(0, 5))
    def forbid_recovery(self, index: int, by: int, really: int) -> None:
        """Not often: it leaves nothing to try."""
        grant = self.grant_at(index, lambda g: g.candidate is not None)
        if grant:
            others = [who for who in PEOPLE if who != grant.beneficiary]
            by = others[by % len(others)] if really else grant.beneficiary
        wrong = self.model.acting(grant, by)
        if self.attempt(wrong, lambda: self.act(by, "forbidRecovery", self.number(grant))):
            assert grant is not None
            grant.act()
            grant.forbidden = True

    @rule(index=which, by=people, own=mine, when=st.sampled_from(["ready", "ready", "early", "expired", ""]))
    def complete_recovery(self, index: int, by: int, own: int, when: str) -> None:
        """At any time, or at the edges of the candidate's window; where there is no recovery, one is proposed."""
        if index < 20 and not any(grant.candidate is not None for grant in self.model.grants):
            self.propose_recovery(index, by, 1, by)
        grant = self.grant_at(index, lambda g: g.candidate is not None)
        if grant and grant.candidate is not None:
            by = grant.candidate if own else by
            ready = grant.ready_at
            times = {"early": ready - 1, "ready": ready, "expired": ready + 30 * DAY}
            if times.get(when, 0) > self.chain.timestamp:
                self.chain.pending_timestamp = times[when]
        wrong = self.soon().completing(grant, by)
        if receipt := self.attempt(wrong, lambda: self.act(by, "completeRecovery", self.number(grant))):
            self.changed_hands(receipt, grant, by)

    # Votes

    @rule(
        indices=st.lists(which, min_size=1, max_size=3), own=mine, by=people, to=st.one_of(people, st.none())
    )
    def delegate(self, indices: list[int], own: int, by: int, to: int | None) -> None:
        first = self.grant_at(indices[0])
        by = first.beneficiary if first and own else by
        grants = [first, *(self.grant_at(i, lambda g: g.beneficiary == by) for i in indices[1:])]
        wrong = set().union(*(self.model.acting(grant, by) for grant in grants))
        arguments = ([self.number(grant) for grant in grants], self.account(to))
        if self.attempt(wrong, lambda: self.act(by, "delegate", *arguments)):
            for grant in grants:
                assert grant is not None
                grant.act()
                grant.delegatee = to

    @rule(who=people, to=people)
    def delegate_tokens(self, who: int, to: int) -> None:
        """Of what people hold themselves, in the token."""
        self.attempt(None, lambda: self.act_on(self.tokens[GOOD], who, "delegate", self.account(to)))

    @rule(who=people, ahead=st.integers(0, 5), token=tokens)
    def look_ahead(self, who: int, ahead: int, token: int) -> None:
        words = (self.tokens[token], self.account(who), self.chain.timestamp + ahead)
        self.attempt(
            "VestingFutureLookup", lambda: self.vesting.getPastVotes(*words), present=self.chain.timestamp
        )

    # Owner and guardian

    @rule(
        own=mine,
        length=st.sampled_from([-1, 0, 1, DAY, LONGEST_PAUSE, LONGEST_PAUSE + 1]),
        latest=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def pause(self, own: int, length: int, latest: int) -> None:
        """For so long from now, or moved to the latest end or a second past it."""
        model = self.soon()
        until = model.time + length
        if latest and model.stopped():
            until = model.pause_from + LONGEST_PAUSE + latest - 1
        who = self.guardian if own and self.guardian is not None else STRANGER
        wrong = model.pausing(until) | ({"VestingNotGuardian"} if who != self.guardian else set())
        sender = self.chain.accounts[who]
        if self.attempt(wrong, lambda: self.vesting.pauseUntil(until, sender=sender)):
            model.pause(until)
        assert tuple(self.vesting.lastPause()) == (model.pause_from, model.pause_until)

    @rule(who=st.sampled_from([*GUARDIANS, *GUARDIANS, None]))
    def set_guardian(self, who: int | None) -> None:
        guardian = ZERO if who is None else self.chain.accounts[who]
        self.attempt(None, lambda: self.vesting.setGuardian(guardian, sender=self.owner))
        self.guardian = who
        assert self.vesting.guardian() == guardian

    @rule(token=st.sampled_from([GOOD, TRICKY]), to=st.sampled_from([0, 5, 5, None]), tidy=st.booleans())
    def sweep_surplus(self, token: int, to: int | None, tidy: bool) -> None:
        """Only what is held above the books; in half the cases they are in order, and there is something."""
        if tidy:
            self.donate(token, 7)
            self.vesting.settle([grant.number for grant in self.model.grants], sender=self.owner)
            self.model.settle(self.model.grants)
        model, coin = self.soon(), self.coins[token]
        more = coin.held[VESTING] - model.booked(token)
        wrong = model.stopped() | (coin.paying(to, more) if more > 0 else {"VestingNoSurplus"})
        arguments = (self.tokens[token], self.account(to))
        if self.attempt(wrong, lambda: self.vesting.sweepSurplus(*arguments, sender=self.owner)):
            model.locked = True
            coin.pay(to, more)
            model.locked = False

    @rule(version=st.integers(0, 2), when=st.integers(0, 2))
    def upgrade(self, version: int, when: int) -> None:
        """To an equal implementation: every curve and every book stays."""
        implementation = self.world.upgrades[version]
        if when:
            change = self.vesting.upgradeToAndCall
            self.attempt(None, lambda: change(implementation, b"", sender=self.owner))
            self.touched = list(self.model.grants)
        else:
            change = self.vesting.upgradeToAndCall
            self.attempt(
                "ERC1967InvalidImplementation", lambda: change(self.tokens[GOOD], b"", sender=self.owner)
            )

    # What tokens and time do

    @rule(token=st.sampled_from([GOOD, TRICKY]), amount=st.integers(1, 100))
    def donate(self, token: int, amount: int) -> None:
        """Money that nobody asked for is surplus."""
        self.tokens[token].mint(self.vesting, amount, sender=self.owner)
        self.coins[token].held[VESTING] += amount

    @rule(part=st.integers(1, 4))
    def rebase(self, part: int) -> None:
        """The bad token takes from the contract what it holds; in the good one everything goes on."""
        coin = self.coins[TRICKY]
        amount = coin.held[VESTING] // part
        self.change_token(HONEST, 0, 0, 0, 0)
        thief = self.chain.impersonate(self.vesting)
        self.tokens[TRICKY].transfer(self.people[STRANGER], amount, sender=thief)
        coin.held[VESTING] -= amount
        coin.held[STRANGER] += amount
        coin.lost += amount

    @rule()
    def restore_tokens(self) -> None:
        """And gives it back."""
        coin = self.coins[TRICKY]
        self.tokens[TRICKY].mint(self.vesting, coin.lost, sender=self.owner)
        coin.held[VESTING] += coin.lost
        coin.lost = 0

    @rule(
        manner=st.sampled_from(
            [HONEST, HONEST, HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK, CALL_BACK, REFUSE]
        ),
        index=which,
        other=which,
        what=st.integers(0, 7),
        actor=st.sampled_from(WALLETS),
    )
    def change_token(self, manner: int, index: int, other: int, what: int, actor: int) -> None:
        coin, token = self.coins[TRICKY], self.tokens[TRICKY]
        if manner == CALL_BACK and coin.lost:
            return  # then a call from inside could fail halfway
        target, data = self.vesting.address, b""
        if manner == CALL_BACK:
            caller, data, self.model.hook = self.hook(index, other, what, actor)
            if caller != VESTING:
                target = self.account(caller)
                data = self.people[caller].execute.encode_input(self.vesting, data)
        elif manner == REFUSE:
            coin.target = index % len(PEOPLE)
            target = self.account(coin.target)
        token.behave(manner, target, data, sender=self.owner)
        coin.manner = manner

    @rule(
        manner=st.sampled_from([CALL_BACK] * 5 + [FALSE, KEEP_ONE, ADD_ONE, REFUSE]),
        indices=st.tuples(which, which, which),
        what=st.integers(0, 7),
        actor=st.sampled_from(WALLETS),
        revokes=st.sampled_from([0, 0, 1]),
        stays=st.integers(0, 1),
    )
    def misbehave(
        self, manner: int, indices: tuple[int, int, int], what: int, actor: int, revokes: int, stays: int
    ) -> None:
        """The bad token does its worst while it is paid out."""
        now = self.next_time

        def fits(grant: Grant) -> bool:
            revocable = grant.plan.revocable and not grant.stops_at and grant.vested(now) < grant.amount
            return grant.plan.token == TRICKY and (revocable if revokes else grant.unreleased > 0)

        grant = self.grant_at(min(indices[0], 23), fits)
        if grant is None or not fits(grant):
            return
        if not revokes and not self.is_due(grant):
            self.chain.warp(
                min(grant.plan.shape.end, grant.stops_at or MOST_START * 2) - self.chain.timestamp
            )
        self.change_token(manner, *indices[1:], what, actor)
        if manner == REFUSE:
            self.refuse(grant.plan.creator if revokes else grant.beneficiary)
        model, creator = self.soon(), grant.plan.creator
        if revokes:
            wrong = model.revoking(grant, creator, model.time)
            if self.attempt(wrong, lambda: self.act(creator, "revoke", grant.number)):
                model.revoke(grant, model.time)
        elif receipt := self.attempt(model.releasing(grant), lambda: self.act(0, "release", grant.number)):
            self.released(receipt, grant, grant.beneficiary)
        if not stays:
            self.change_token(HONEST, 0, 0, 0, 0)

    def refuse(self, who: int) -> None:
        """From now on this person takes none of the bad token."""
        self.tokens[TRICKY].behave(REFUSE, self.account(who), b"", sender=self.owner)
        self.coins[TRICKY].target = who

    def hook(self, index: int, other: int, what: int, actor: int) -> tuple[int, bytes, Callable[[], bool]]:
        """What is called from inside of every transfer: by whom (the token itself, or an actor), and what comes of it."""
        model, vesting = self.model, self.vesting
        fits: Callable[[Grant], Any] = [
            self.is_due,
            self.is_due,
            lambda g: g.released > g.settled,
            lambda g: g.plan.creator == actor and not g.stops_at,
            lambda g: g.beneficiary == actor and self.is_due(g),
            lambda g: g.beneficiary == actor,
            self.is_due,
            self.is_due,
        ][what]
        grant, second = self.grant_at(min(index, 23), fits), self.grant_at(min(other, 23), fits)
        if grant is None or second is None:
            return VESTING, bytes(vesting.settle.encode_input([])), lambda: True

        def do(wrong: set[str], act: Callable[[], Any]) -> bool:
            """Nothing gets in where money moves the other way."""
            if wrong or model.locked:
                return False
            act()
            return True

        def release() -> bool:
            return do(model.releasing(grant), lambda: model.release(grant, grant.beneficiary))

        def release_many() -> bool:
            return do(set(), lambda: model.release_many([grant, second]))

        def settle() -> bool:
            model.settle([grant])
            return True

        def revoke() -> bool:
            return do(model.revoking(grant, actor, model.time), lambda: model.revoke(grant, model.time))

        def release_to() -> bool:
            def act() -> None:
                grant.act()
                model.release(grant, actor)

            return do(model.releasing_to(grant, actor, actor), act)

        def delegate() -> bool:
            if model.acting(grant, actor):
                return False
            grant.act()
            grant.delegatee = actor
            return True

        number, me = grant.number, self.account(actor)
        calls: list[tuple[int, bytes, Callable[[], bool]]] = [
            (VESTING, vesting.release.encode_input(number), release),
            (VESTING, vesting.releaseMany.encode_input([number, second.number]), release_many),
            (VESTING, vesting.settle.encode_input([number]), settle),
            (actor, vesting.revoke.encode_input(number), revoke),
            (actor, vesting.releaseTo.encode_input(number, me), release_to),
            (actor, vesting.delegate.encode_input([number], me), delegate),
            (actor, vesting.release.encode_input(number), release),
            (actor, vesting.sweepSurplus.encode_input(self.tokens[TRICKY], me), lambda: False),
        ]
        return calls[what]

    @rule(seconds=st.sampled_from([1, 60, 3_600, DAY, 7 * DAY, 31 * DAY]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    @rule(index=which, what=st.integers(0, 9), early=st.integers(-1, 1))
    def wait_for(self, index: int, what: int, early: int) -> None:
        """A grant's next moment, or a second beside it."""
        grant = self.grant_at(index)
        if grant:
            times = [time + early for time in sorted(grant.moments) if time + early > self.chain.timestamp]
            if times:
                self.chain.pending_timestamp = times[min(what // 3, len(times) - 1)]

    # Two ways to the same

    @rule(indices=st.lists(which, min_size=2, max_size=5))
    def release_either_way(self, indices: list[int]) -> None:
        """At one time: several at once, and singly in the other order."""
        model = self.soon()
        chosen = dict.fromkeys(self.grant_at(index, self.is_due) for index in indices)
        grants = [grant for grant in chosen if grant and self.is_plain(grant) and not model.releasing(grant)]
        numbers = [grant.number for grant in grants]
        if not grants or model.releasing_many(grants):
            return
        single = [self.vesting.release.encode_input(number) for number in reversed(numbers)]
        with self.undone():
            self.attempt(None, lambda: self.act(0, "releaseMany", numbers))
            found = self.state(numbers)
        self.attempt(None, lambda: self.many(4, single))
        assert self.state(numbers) == found
        model.release_many(grants)

    @precondition(lambda self: len(self.model.grants) < MOST_GRANTS)
    @rule(index=which, given=batches)
    def grant_either_way(self, index: int, given: Rows) -> None:
        """A batch, and singles."""
        model = self.soon()
        plans = [plan for plan in model.plans if plan.creator in WALLETS and self.is_plain(plan)]
        if not plans:
            return
        plan = plans[index % len(plans)]
        if self.funding(plan, plan.creator, given):
            return
        rows = self.rows(given)
        numbers = [(plan.number << 64) + plan.grants + place for place in range(len(rows))]
        single = [self.vesting.grant.encode_input(plan.number, [row]) for row in rows]
        with self.undone():
            self.attempt(None, lambda: self.act(plan.creator, "grant", plan.number, rows))
            found = self.state(numbers)
        receipt = self.attempt(None, lambda: self.many(plan.creator, single))
        assert self.state(numbers) == found
        self.granted(receipt, plan, plan.creator, given)

    def is_plain(self, thing: Plan | Grant) -> bool:
        """Whether its token does the same however often it moves."""
        return self.model.coin_of(thing).manner in (HONEST, REFUSE)

    def many(self, wallet: int, calls: Sequence[bytes]) -> Any:
        """As one transaction of a wallet."""
        return self.people[wallet].executeMany(self.vesting, calls, sender=self.owner)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside did not; the next call is at the same time as the first one was."""
        time, snapshot = self.next_time, self.chain.snapshot()
        yield
        self.chain.restore(snapshot)
        self.chain.pending_timestamp = time

    def state(self, numbers: list[int]) -> list[Any]:
        grants = [self.vesting.grantOf(number) for number in numbers]
        books = [self.vesting.booked(token) for token in self.tokens]
        return [*grants, *books, *(token.balanceOf(p) for token in self.tokens for p in self.people)]

    # Strangers

    @rule(index=which, what=st.integers(0, 25))
    def trespass(self, index: int, what: int) -> None:
        """Everything that somebody else may do, with exactly the error that tells who tried."""
        grant = self.grant_at(min(index, 23))
        if grant is None:
            return
        person, me = self.people[STRANGER], self.people[STRANGER].address
        error, known, function, arguments = self.trespasses(grant, person)[what]
        paused = self.soon().stopped() if function in self.STOPPED else set()
        call = getattr(self.vesting, function)
        expected = {} if paused else {"caller": me, "account": me} | known
        names = {"VestingNotCreator": ("planId", "caller"), "OwnableUnauthorizedAccount": ("account",)}
        names |= {"VestingNotBeneficiary": ("grantId", "caller"), "VestingNotProposed": ("grantId", "caller")}
        names |= {"VestingNotGuardian": ("caller",), "VestingSignatureInvalid": ("signer",)}
        said = {name: expected[name] for name in names.get(error, ()) if name in expected}
        self.attempt({error} | paused, lambda: call(*arguments, sender=person), **said)

    STOPPED = frozenset({"createCampaign", "reclaim", "revoke", "revokeAt", "grantWithAuthorization"})

    def trespasses(self, grant: Grant, person: Any) -> list[tuple[str, dict[str, Any], str, tuple[Any, ...]]]:
        """The error, its arguments, the function, the call's arguments."""
        number, plan, now, me = grant.number, grant.plan.number, self.next_time, person.address
        rows, by_plan, by_grant = [(me, 1)], {"planId": plan}, {"grantId": number}
        creator, holder = "VestingNotCreator", "VestingNotBeneficiary"
        owner, nobody = "OwnableUnauthorizedAccount", "VestingNotProposed"
        release = signing.struct_hash(RELEASE, number, me, self.model.nonces[grant.beneficiary], now + 9)
        signature = signing.sign(person, self.domain, release)
        nonce = keccak(encode(["uint256", "(address,uint96)[]", "bytes32"], [plan, rows, bytes(32)]))
        words = (self.account(grant.plan.creator), self.vesting.address, 1, 0, now + 9, nonce)
        money = signing.sign(person, self.token_domain, signing.struct_hash(RECEIVE, *words))
        unpaid = "ERC3009InvalidSignature" if grant.plan.token == GOOD else ""
        campaign = next((c for c in self.model.campaigns if c.plan is grant.plan), None)
        terms = (plan, b"\x01" * 32, 1, 1, now + DAY)
        reclaim = (creator, by_plan, "reclaim", (campaign.number,)) if campaign else None
        signer = {"signer": self.account(grant.beneficiary)}
        token = self.tokens[grant.plan.token]
        return [
            (creator, by_plan, "grant", (plan, rows)),
            (creator, by_plan, "grantWithPermit", (plan, rows, now, bytes(65))),
            (unpaid, {}, "grantWithAuthorization", (plan, rows, 0, now + 9, bytes(32), money)),
            (creator, by_plan, "createCampaign", (terms, bytes(32))),
            reclaim or (creator, by_plan, "grant", (plan, [])),
            (creator, by_plan, "revoke", (number,)),
            (creator, by_plan, "revokeAt", (number, now + DAY)),
            (creator, by_plan, "renounceRevocation", (plan,)),
            (creator, by_plan, "proposeRecovery", (number, me)),
            (holder, by_grant, "releaseTo", (number, me)),
            (holder, by_grant, "proposeTransfer", (number, me)),
            (holder, by_grant, "vetoRecovery", (number,)),
            (holder, by_grant, "forbidRecovery", (number,)),
            (holder, by_grant, "delegate", ([number], me)),
            (nobody, by_grant, "acceptTransfer", (number,)),
            (nobody, by_grant, "completeRecovery", (number,)),
            ("VestingSignatureInvalid", signer, "releaseBySig", (number, me, now + 9, signature)),
            ("VestingNotGuardian", {}, "pauseUntil", (now + 9,)),
            (owner, {}, "setGuardian", (me,)),
            (owner, {}, "sweepSurplus", (token, me)),
            (owner, {}, "upgradeToAndCall", (self.world.upgrades[2], b"")),
            (owner, {}, "transferOwnership", (me,)),
            (owner, {}, "acceptOwnership", ()),
            (owner, {}, "renounceOwnership", ()),
            ("InvalidInitialization", {}, "initialize", (me, me)),
            ("InvalidInitialization", {}, "initialize", (self.owner, me)),
        ]

    # What is always true

    @rule(index=which, seconds=st.integers(0, 500 * DAY), more=st.integers(0, 100 * DAY))
    def look(self, index: int, seconds: int, more: int) -> None:
        """A curve at any times: never falling, the start unlock before the cliff, all at the end, or what was kept."""
        grant = self.grant_at(index)
        if grant is None:
            found = self.attempt("VestingGrantUnknown", lambda: self.vesting.vestedAmount(99 << 64, 0))
            assert found is None
            return
        shape, number = grant.plan.shape, grant.number
        earlier = shape.start + seconds - 20 * DAY
        times = [shape.start - 1, earlier, earlier + more, *shape.moments, shape.end - 1, 2**63]
        said = self.attempt(None, lambda: {time: self.vesting.vestedAmount(number, time) for time in times})
        assert said == {time: grant.vested(time) for time in times}
        ordered = [said[time] for time in sorted(said)]
        assert ordered == sorted(ordered)
        assert said[2**63] == grant.amount - grant.returned
        assert said[shape.start - 1] == 0
        if isinstance(shape, Curve) and shape.cliff and not grant.stops_at:
            before = self.vesting.vestedAmount(number, shape.start + shape.cliff - 1)
            assert before == grant.amount * shape.unlock_bps // BPS

    @invariant()
    def books(self) -> None:
        """It holds what it owes, to the unit, and nobody got in where nobody may."""
        for token, coin in zip((GOOD, TRICKY), self.coins, strict=True):
            held, booked = self.tokens[token].balanceOf(self.vesting), self.vesting.booked(self.tokens[token])
            assert held == coin.held[VESTING]
            assert booked == self.model.booked(token)
            owed = self.model.owed(token)
            assert held + coin.lost >= owed <= booked
        assert self.tokens[TRICKY].reentered() == self.model.reentered

    @invariant()
    def touched_grants(self) -> None:
        """Those of this step, and another in turn."""
        self.turn += 1
        if self.model.grants:
            self.touched.append(self.model.grants[self.turn % len(self.model.grants)])
        for grant in dict.fromkeys(self.touched):
            self.check(grant)
        self.touched = []

    def check(self, grant: Grant) -> None:
        number, now = grant.number, self.chain.timestamp
        said = self.vesting.grantOf(number)
        assert tuple(said) == (
            self.account(grant.beneficiary),
            grant.amount,
            grant.released,
            grant.returned,
            grant.stops_at,
            self.account(grant.delegatee),
        )
        vested = self.vesting.vestedAmount(number, now)
        assert vested == grant.vested(now)
        assert 0 <= said.released <= vested <= said.amount - said.returned
        assert self.vesting.releasable(number) == vested - said.released
        assert vested >= self.seen.get(number, 0)
        self.seen[number] = vested
        open_now = grant.recovery_is_open(now)
        candidate, ready_at = (grant.candidate, grant.ready_at) if open_now else (None, 0)
        proposals = (self.account(grant.offered_to), self.account(candidate), ready_at)
        assert tuple(self.vesting.proposalsOf(number)) == proposals

    @invariant()
    def votes(self) -> None:
        """Everybody's when any changed; with those of the token never more than there are tokens."""
        votes = {
            (token, who): count
            for token in (GOOD, TRICKY)
            for who in PEOPLE
            if (count := self.model.votes(token, who))
        }
        if votes == self.last_votes:
            return
        self.last_votes = votes
        self.check_votes()
        self.past.append((self.chain.timestamp, votes))

    def check_votes(self) -> None:
        for token in (GOOD, TRICKY):
            said = [self.vesting.getVotes(self.tokens[token], self.account(who)) for who in PEOPLE]
            assert said == [self.last_votes.get((token, who), 0) for who in PEOPLE]
        good = self.tokens[GOOD]
        locked = sum(self.vesting.getVotes(good, person) for person in self.people)
        assert locked + sum(good.getVotes(person) for person in self.people) <= good.totalSupply()

    def check_past(self) -> None:
        """The past stayed what it was."""
        good = self.tokens[GOOD]
        for time, votes in self.past[:: max(1, len(self.past) // 5)]:
            if time >= self.chain.timestamp:
                continue
            for token in (GOOD, TRICKY):
                said = [
                    self.vesting.getPastVotes(self.tokens[token], self.account(who), time) for who in PEOPLE
                ]
                assert said == [votes.get((token, who), 0) for who in PEOPLE]
            in_all = sum(self.vesting.getPastVotes(good, person, time) for person in self.people)
            in_all += sum(good.getPastVotes(person, time) for person in self.people)
            assert in_all <= good.getPastTotalSupply(time)

    # The end

    def teardown(self) -> None:
        """From wherever they stand, everybody gets exactly what is theirs, and nothing is left."""
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        self.chain.mine()
        self.check_votes()
        self.check_past()
        for plan in self.model.plans:
            self.check_plan(plan)
        self.change_token(HONEST, 0, 0, 0, 0)
        self.restore_tokens()
        self.finish()
        for token, coin in zip(self.tokens, self.coins, strict=True):
            said = [token.balanceOf(person) for person in self.people]
            assert said == [coin.held[who] for who in range(len(self.people))]

    def finish(self) -> None:
        """When all is over: released, settled, reclaimed, swept."""
        model, anyone = self.model, self.people[STRANGER]
        ends = [grant.plan.shape.end for grant in model.grants]
        ends += [grant.ready_at + 30 * DAY for grant in model.grants]
        ends += [model.closes_at(campaign) for campaign in model.campaigns]
        last = max([*ends, model.pause_until, self.next_time])
        self.chain.pending_timestamp = last
        self.soon()
        numbers = [grant.number for grant in model.grants]
        self.vesting.releaseMany(numbers, sender=anyone)
        model.release_many(model.grants)
        self.vesting.settle(numbers, sender=anyone)
        model.settle(model.grants)
        for campaign in model.campaigns:
            if campaign.left:
                self.act(campaign.plan.creator, "reclaim", campaign.number)
                model.reclaim(campaign)
        for grant in model.grants:
            assert grant.released == grant.amount - grant.returned
            self.check(grant)
        self.books()
        for number, token in enumerate(self.tokens):
            assert self.vesting.booked(token) == 0
            more = self.coins[number].held[VESTING]
            if more:
                self.vesting.sweepSurplus(token, anyone, sender=self.owner)
                self.coins[number].held.update({VESTING: -more, STRANGER: more})
            assert token.balanceOf(self.vesting) == 0


TestVesting = VestingMachine.quick(examples=150)
