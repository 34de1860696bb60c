"""Tokens: supply, allowances, votes and their past, signatures, pause, roles and bridges, on three clones at once."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule

from tests.contracts.token_kit import (
    ADMIN_ROLE,
    BRIDGE_ROLE,
    FULL,
    FULL_ID,
    MINT,
    MINTER_ROLE,
    MOST,
    PAUSER_ROLE,
    PLAIN,
)
from tests.evm import Chain
from tests.machines import signing
from tests.machines.base import Machine, Namespace

ZERO = "0x" + "00" * 20
INFINITE = 2**256 - 1
BURN, PAUSE, BRIDGE = 2, 4, 8
PEOPLE = 5
ROLES = {"admin": ADMIN_ROLE, "minter": MINTER_ROLE, "pauser": PAUSER_ROLE, "bridge": BRIDGE_ROLE}

# Who has which role in the beginning, and 100 tokens.
STARTERS = {1: "minter", 2: "pauser", 3: "bridge"}

people = st.integers(0, PEOPLE - 1)


def mostly(number: int) -> st.SearchStrategy[int]:
    """Who has the role, more often than anybody else."""
    return st.one_of(st.just(number), people)


clones = st.integers(0, 2)
amounts = st.one_of(st.integers(0, 60), st.sampled_from([0, 1, 100, 400, 1_000, MOST, 2**200, 2**256 - 1]))

# An amount at a limit, or one beyond it.
besides = st.sampled_from([None, None, 0, 1])

AUTHORIZATION = "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"
KINDS = {
    "permit": "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
    "transfer": f"TransferWithAuthorization({AUTHORIZATION})",
    "receive": f"ReceiveWithAuthorization({AUTHORIZATION})",
    "cancel": "CancelAuthorization(address authorizer,bytes32 nonce)",
    "delegate": "Delegation(address delegatee,uint256 nonce,uint256 expiry)",
}


@dataclass
class Bucket:
    """What a bridge used in one direction; comes back evenly within the window."""

    used: Fraction = Fraction(0)
    at: int = 0
    # The contract counts in whole units and rounds against the bridge, once for every time it writes.
    rounded: int = 1

    def settle(self, now: int, limit: int, window: int) -> None:
        back = Fraction(limit * (now - self.at), window) if window else Fraction(0)
        self.used = max(Fraction(0), self.used - back) if now - self.at < window else Fraction(0)
        self.rounded = self.rounded + 1 if self.used else 1
        self.at = now


@dataclass
class Bridge:
    """Its limit and both directions."""

    limit: int = 0
    window: int = 0
    mint: Bucket = field(default_factory=Bucket)
    burn: Bucket = field(default_factory=Bucket)


@dataclass
class Model:
    """What must be true of one token."""

    contract: Any
    features: int
    cap: int
    balances: list[int]
    domain: bytes
    roles: dict[str, set[int]]
    allowances: dict[tuple[int, int], int] = field(default_factory=dict)
    delegatees: dict[int, int] = field(default_factory=dict)
    nonces: list[int] = field(default_factory=lambda: [0] * PEOPLE)
    used: set[tuple[int, bytes]] = field(default_factory=set)
    paused: bool = False
    bridges: dict[int, Bridge] = field(default_factory=dict)
    past: list[tuple[int, list[int], int]] = field(default_factory=list)

    @property
    def supply(self) -> int:
        return sum(self.balances)

    def votes(self) -> list[int]:
        """What was delegated to each."""
        votes = [0] * PEOPLE
        for holder, delegatee in self.delegatees.items():
            votes[delegatee] += self.balances[holder]
        return votes

    def has(self, who: int, role: str) -> bool:
        return who in self.roles[role]

    def take(self, owner: int, spender: int, amount: int) -> None:
        if self.allowances.get((owner, spender), 0) != INFINITE:
            self.allowances[owner, spender] = self.allowances.get((owner, spender), 0) - amount


@dataclass(frozen=True)
class Signed:
    """A signature for one token and chain."""

    kind: str
    signer: int
    token: int
    chain_id: int
    values: tuple[Any, ...]
    signature: bytes


class TokenMachine(Machine):
    """People, minters, pausers, bridges and whoever submits signatures, on two equal tokens and a smaller one."""

    only_refused = frozenset({"initialise", "look_ahead"})
    signatures: Bundle[Signed] = Bundle("signatures")

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        project, owner = chain.project, chain.accounts[9]
        templates = [(FULL, owner.deploy(project.Token)), (PLAIN, owner.deploy(project.PlainToken))]
        vesting = owner.deploy(project.TestVesting)
        factory = owner.deploy(project.TokenFactory, owner, owner, vesting, 0, templates)
        admin, tokens = chain.accounts[0], []
        for salt, cap, features in ((1, 1_000, 15), (2, 1_000, 15), (3, 0, MINT)):
            config = ("Tombola", "TMB", admin, admin, cap, 600, FULL_ID, features)
            created = factory.predictToken(admin, config, salt.to_bytes(32))
            factory.createToken(config, salt.to_bytes(32), 0, sender=admin)
            token = project.Token.at(created)
            for number, role in STARTERS.items():
                token.grantRole(ROLES[role], chain.accounts[number], sender=admin)
                token.transfer(chain.accounts[number], 100, sender=admin)
            token.approve(chain.accounts[1], INFINITE, sender=admin)
            for number in STARTERS:
                token.approve(chain.accounts[4], 60, sender=chain.accounts[number])
            if features & BRIDGE:
                token.setBridgeLimit(chain.accounts[3], 200, 3_600, sender=admin)
            tokens.append((token, features, cap or MOST))
        return Namespace(tokens=tokens, people=[chain.accounts[i] for i in range(PEOPLE)], factory=factory)

    def __init__(self) -> None:
        super().__init__()
        self.people = self.world.people
        self.touched: list[Model] = []
        self.tokens = [
            Model(
                contract=contract,
                features=features,
                cap=cap,
                balances=[300, 100, 100, 100, 0],
                domain=self.domain(contract, self.chain.chain_id),
                roles={"admin": {0}, **{role: {number} for number, role in STARTERS.items()}},
                allowances={(0, 1): INFINITE, (1, 4): 60, (2, 4): 60, (3, 4): 60},
                bridges={3: Bridge(200, 3_600)} if features & BRIDGE else {},
            )
            for contract, features, cap in self.world.tokens
        ]

    def domain(self, contract: Any, chain_id: int) -> bytes:
        return signing.separator("Tombola", "1", chain_id, contract.address)

    def token(self, at: int) -> Model:
        """The token that a step is about; its books are checked after it."""
        token = self.tokens[at]
        self.touched = [token]
        return token

    @property
    def next_time(self) -> int:
        return self.chain.pending_timestamp

    # Moves

    def moving(self, token: Model, sender: int, to: int | None, amount: int) -> set[str]:
        """All that is wrong with a move."""
        wrong = set()
        if token.paused:
            wrong.add("TokenPaused")
        if to is None:
            wrong.add("ERC20InvalidReceiver")
        if amount > token.balances[sender]:
            wrong.add("ERC20InsufficientBalance")
        return wrong

    def moved(self, token: Model, sender: int, to: int | None, amount: int) -> None:
        assert to is not None
        token.balances[sender] -= amount
        token.balances[to] += amount

    @rule(at=clones, sender=people, to=st.one_of(people, st.none()), amount=amounts)
    def transfer(self, at: int, sender: int, to: int | None, amount: int) -> None:
        token = self.token(at)
        wrong, receiver = self.moving(token, sender, to, amount), self.account(to)
        if self.attempt(wrong, lambda: token.contract.transfer(receiver, amount, sender=self.people[sender])):
            self.moved(token, sender, to, amount)

    @rule(at=clones, owner=people, spender=people, amount=st.one_of(amounts, st.just(INFINITE)))
    def approve(self, at: int, owner: int, spender: int, amount: int) -> None:
        token = self.token(at)
        person = self.people[spender]
        self.attempt(None, lambda: token.contract.approve(person, amount, sender=self.people[owner]))
        token.allowances[owner, spender] = amount

    def spending(self, token: Model, owner: int, spender: int, amount: int) -> set[str]:
        short = amount > token.allowances.get((owner, spender), 0)
        return {"ERC20InsufficientAllowance"} if short else set()

    def within(self, token: Model, owner: int, spender: int, amount: int, beside: int | None) -> int:
        """The amount, or all that allowance and balance give, or one more."""
        allowed = token.allowances.get((owner, spender), 0)
        return amount if beside is None else min(allowed, token.balances[owner]) + beside

    def check_allowance(self, token: Model, owner: int, spender: int) -> None:
        left = token.contract.allowance(self.people[owner], self.people[spender])
        assert left == token.allowances.get((owner, spender), 0)

    @rule(at=clones, owner=people, spender=people, to=people, amount=amounts, beside=besides)
    def transfer_from(
        self, at: int, owner: int, spender: int, to: int, amount: int, beside: int | None
    ) -> None:
        token, ends = self.token(at), (self.people[owner], self.people[to])
        amount = self.within(token, owner, spender, amount, beside)
        wrong = self.moving(token, owner, to, amount) | self.spending(token, owner, spender, amount)
        if self.attempt(
            wrong, lambda: token.contract.transferFrom(*ends, amount, sender=self.people[spender])
        ):
            token.take(owner, spender, amount)
            self.moved(token, owner, to, amount)
        self.check_allowance(token, owner, spender)

    # Supply

    @rule(
        at=clones,
        minter=mostly(1),
        to=st.one_of(people, st.none()),
        amount=amounts,
        beside=besides,
    )
    def mint(self, at: int, minter: int, to: int | None, amount: int, beside: int | None) -> None:
        """Any amount, or all that the cap leaves, or one more."""
        token = self.token(at)
        if beside is not None:
            amount = token.cap - token.supply + beside
        wrong = self.growing(token, to, amount)
        if not (token.has(minter, "minter") or token.has(minter, "admin")):
            wrong.add("AccessControlUnauthorizedAccount")
        if self.attempt(
            wrong, lambda: token.contract.mint(self.account(to), amount, sender=self.people[minter])
        ):
            self.grown(token, to, amount)

    def growing(self, token: Model, to: int | None, amount: int) -> set[str]:
        wrong = {"TokenCapExceeded"} if token.supply + amount > token.cap else set()
        return wrong | ({"ERC20InvalidReceiver"} if to is None else set())

    def grown(self, token: Model, to: int | None, amount: int) -> None:
        assert to is not None
        token.balances[to] += amount

    @rule(at=clones, holder=people, amount=amounts)
    def burn(self, at: int, holder: int, amount: int) -> None:
        token = self.token(at)
        wrong = self.missing(token, BURN)
        if amount > token.balances[holder]:
            wrong.add("ERC20InsufficientBalance")
        if self.attempt(wrong, lambda: token.contract.burn(amount, sender=self.people[holder])):
            token.balances[holder] -= amount

    @rule(at=clones, owner=people, spender=people, amount=amounts, beside=besides)
    def burn_from(self, at: int, owner: int, spender: int, amount: int, beside: int | None) -> None:
        token = self.token(at)
        amount = self.within(token, owner, spender, amount, beside)
        wrong = self.missing(token, BURN) | self.spending(token, owner, spender, amount)
        if amount > token.balances[owner]:
            wrong.add("ERC20InsufficientBalance")
        if self.attempt(
            wrong, lambda: token.contract.burnFrom(self.people[owner], amount, sender=self.people[spender])
        ):
            token.take(owner, spender, amount)
            token.balances[owner] -= amount
        self.check_allowance(token, owner, spender)

    def missing(self, token: Model, feature: int) -> set[str]:
        return set() if token.features & feature else {"TokenFeatureMissing"}

    # Roles and pause

    @rule(at=clones, admin=mostly(0), who=people, role=st.sampled_from(sorted(ROLES)), gives=st.booleans())
    def change_role(self, at: int, admin: int, who: int, role: str, gives: bool) -> None:
        token = self.token(at)
        wrong = set() if token.has(admin, "admin") else {"AccessControlUnauthorizedAccount"}
        change = token.contract.grantRole if gives else token.contract.revokeRole
        if role == "admin" and not gives and token.roles["admin"] == {who}:
            return  # the last admin stays, or nothing else would be tried
        if self.attempt(wrong, lambda: change(ROLES[role], self.people[who], sender=self.people[admin])):
            (token.roles[role].add if gives else token.roles[role].discard)(who)

    @rule(at=clones, who=mostly(2), stops=st.booleans())
    def pause(self, at: int, who: int, stops: bool) -> None:
        token = self.token(at)
        wrong = self.missing(token, PAUSE)
        if not (token.has(who, "pauser") or token.has(who, "admin")):
            wrong.add("AccessControlUnauthorizedAccount")
        if token.paused == stops:
            wrong.add("TokenPaused" if stops else "TokenNotPaused")
        change = token.contract.pause if stops else token.contract.unpause
        if self.attempt(wrong, lambda: change(sender=self.people[who])):
            token.paused = stops

    # Bridges

    @rule(
        at=clones,
        admin=mostly(0),
        who=mostly(3),
        limit=st.sampled_from([0, 1, 50, 300, MOST]),
        window=st.sampled_from([0, 1, 60, 86_400, 2**40 - 1, 2**40]),
    )
    def set_bridge_limit(self, at: int, admin: int, who: int, limit: int, window: int) -> None:
        token, now = self.token(at), self.next_time
        wrong = self.missing(token, BRIDGE)
        if not token.has(admin, "admin"):
            wrong.add("AccessControlUnauthorizedAccount")
        if not 0 < window < 2**40:
            wrong.add("TokenBridgeWindowInvalid")
        arguments = (self.people[who], limit, window)
        if self.attempt(wrong, lambda: token.contract.setBridgeLimit(*arguments, sender=self.people[admin])):
            bridge = token.bridges.setdefault(who, Bridge())
            for bucket in (bridge.mint, bridge.burn):
                bucket.settle(now, bridge.limit, bridge.window)
            bridge.limit, bridge.window = limit, window

    @rule(
        at=st.sampled_from([0, 0, 1, 2]), bridge=mostly(3), to=people, amount=amounts, in_part=st.booleans()
    )
    def bridge_mint(self, at: int, bridge: int, to: int, amount: int, in_part: bool) -> None:
        token = self.token(at)
        wrong, amount = self.bridging(token, bridge, amount, in_part, "mint")
        wrong |= self.growing(token, to, amount)
        if self.attempt(
            wrong,
            lambda: token.contract.crosschainMint(self.people[to], amount, sender=self.people[bridge]),
        ):
            self.grown(token, to, amount)
            token.bridges[bridge].mint.used += amount

    @rule(
        at=st.sampled_from([0, 0, 1, 2]),
        bridge=mostly(3),
        holder=people,
        amount=amounts,
        in_part=st.booleans(),
    )
    def bridge_burn(self, at: int, bridge: int, holder: int, amount: int, in_part: bool) -> None:
        token = self.token(at)
        wrong, amount = self.bridging(token, bridge, amount, in_part, "burn")
        if amount > token.balances[holder]:
            wrong.add("ERC20InsufficientBalance")
        if token.paused:
            wrong.add("TokenPaused")
        if self.attempt(
            wrong,
            lambda: token.contract.crosschainBurn(self.people[holder], amount, sender=self.people[bridge]),
        ):
            token.balances[holder] -= amount
            token.bridges[bridge].burn.used += amount

    def bridging(
        self, token: Model, who: int, amount: int, in_part: bool, direction: str
    ) -> tuple[set[str], int]:
        """What is wrong with using the bridge, and an amount that is clearly within or beyond its limit."""
        wrong = self.missing(token, BRIDGE)
        if not token.has(who, "bridge"):
            wrong.add("AccessControlUnauthorizedAccount")
        bridge = token.bridges.setdefault(who, Bridge())
        bucket: Bucket = getattr(bridge, direction)
        bucket.settle(self.next_time, bridge.limit, bridge.window)
        left = bridge.limit - bucket.used if bridge.window else Fraction(0)
        if in_part:
            amount = min(amount, max(0, int(left) // 2))
        if abs(amount - left) <= bucket.rounded:
            amount = max(0, int(left) - bucket.rounded - 1)
        if amount > max(left, 0):
            wrong.add("TokenBridgeLimitExceeded")
        elif amount > max(0, left - bucket.rounded - 1):
            amount = 0
        return wrong, amount

    # Votes

    @rule(at=clones, holder=people, delegatee=st.one_of(people, st.none()))
    def delegate(self, at: int, holder: int, delegatee: int | None) -> None:
        token = self.token(at)
        self.attempt(
            None, lambda: token.contract.delegate(self.account(delegatee), sender=self.people[holder])
        )
        self.delegated(token, holder, delegatee)

    def delegated(self, token: Model, holder: int, delegatee: int | None) -> None:
        token.delegatees.pop(holder, None)
        if delegatee is not None:
            token.delegatees[holder] = delegatee

    @rule(at=clones, data=st.data(), who=people)
    def look_back(self, at: int, data: st.DataObject, who: int) -> None:
        """What was voted with then is what is said now."""
        token = self.token(at)
        over = [record for record in token.past if record[0] < self.chain.timestamp]
        if not over:
            return
        time, votes, supply = data.draw(st.sampled_from(over))
        person = self.people[who]
        assert self.attempt(None, lambda: (token.contract.getPastVotes(person, time),)) == (votes[who],)
        assert token.contract.getPastTotalSupply(time) == supply

    @rule(at=clones, who=people, ahead=st.integers(0, 100))
    def look_ahead(self, at: int, who: int, ahead: int) -> None:
        token, time = self.token(at), self.chain.timestamp + ahead
        self.attempt("ERC5805FutureLookup", lambda: token.contract.getPastVotes(self.people[who], time))
        self.attempt("ERC5805FutureLookup", lambda: token.contract.getPastTotalSupply(time))

    # Signatures

    @rule(
        target=signatures,
        kind=st.sampled_from(sorted(KINDS)),
        signer=people,
        at=clones,
        other=people,
        amount=st.integers(0, 100),
        ahead=st.integers(0, 1),
        word=st.integers(0, 3),
        window=st.tuples(st.integers(-100, 20), st.integers(-10, 10**5)),
        here=st.integers(0, 9),
        at_once=st.booleans(),
    )
    def sign(
        self,
        kind: str,
        signer: int,
        at: int,
        other: int,
        amount: int,
        ahead: int,
        word: int,
        window: tuple[int, int],
        here: int,
        at_once: bool,
    ) -> Signed:
        """Signatures for now or later, for this chain or, one in ten, another; half of them are used at once."""
        token, now = self.token(at), self.next_time
        owner, friend = self.people[signer].address, self.people[other].address
        nonce, own = token.nonces[signer] + ahead, word.to_bytes(32)
        authorization = (owner, friend, amount, now + window[0], now + window[1], own)
        values: tuple[Any, ...] = {
            "permit": (owner, friend, amount, nonce, now + window[1]),
            "delegate": (friend, nonce, now + window[1]),
            "cancel": (owner, own),
        }.get(kind, authorization)
        chain_id = self.chain.chain_id if here else 137
        domain = self.domain(token.contract, chain_id)
        struct = signing.struct_hash(KINDS[kind], *values)
        signature = signing.sign(self.people[signer], domain, struct)
        signed = Signed(kind, signer, at, chain_id, values, signature)
        if at_once:
            self.submitted(token, signed, signature, chain_id == self.chain.chain_id, other)
        return signed

    @rule(signed=signatures, elsewhere=st.integers(0, 5), submitter=people, spoilt=st.integers(0, 9))
    def submit(self, signed: Signed, elsewhere: int, submitter: int, spoilt: int) -> None:
        """Mostly to the token it was made for, mostly unspoilt, by anyone, any number of times."""
        at = (signed.token + 1) % 3 if elsewhere == 0 else signed.token
        signature = signed.signature
        if spoilt == 0:
            signature = signature[:40] + bytes([signature[40] ^ 1]) + signature[41:]
        good = at == signed.token and signed.chain_id == self.chain.chain_id and spoilt != 0
        self.submitted(self.token(at), signed, signature, good, submitter)

    def submitted(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        getattr(self, f"submit_{signed.kind}")(token, signed, signature, good, by)

    def submit_permit(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        owner, spender, value, nonce, deadline = signed.values
        wrong = set()
        if self.next_time > deadline:
            wrong.add("ERC2612ExpiredSignature")
        if not good or nonce != token.nonces[signed.signer]:
            wrong.add("ERC2612InvalidSigner")
        arguments = (owner, spender, value, deadline, signature)
        if self.attempt(wrong, lambda: token.contract.permit(*arguments, sender=self.people[by])):
            token.nonces[signed.signer] += 1
            token.allowances[signed.signer, self.number(spender)] = value

    def submit_delegate(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        delegatee, nonce, expiry = signed.values
        account = self.people[signed.signer]
        wrong = set()
        if self.next_time > expiry:
            wrong.add("VotesExpiredSignature")
        if nonce != token.nonces[signed.signer]:
            wrong.add("InvalidAccountNonce")
        if not good:
            wrong.add("TokenSignatureInvalid")
        arguments = (account, delegatee, nonce, expiry, signature)
        if self.attempt(wrong, lambda: token.contract.delegateBySig(*arguments, sender=self.people[by])):
            token.nonces[signed.signer] += 1
            self.delegated(token, signed.signer, self.number(delegatee))

    def submit_transfer(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        self.authorised(
            token,
            signed,
            good,
            set(),
            lambda: token.contract.transferWithAuthorization(
                *signed.values, signature, sender=self.people[by]
            ),
        )

    def submit_receive(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        by = self.number(signed.values[1]) if by > 1 else by
        stranger = self.people[by] != signed.values[1]
        wrong = {"ERC3009InvalidCaller"} if stranger else set()
        self.authorised(
            token,
            signed,
            good,
            wrong,
            lambda: token.contract.receiveWithAuthorization(
                *signed.values, signature, sender=self.people[by]
            ),
        )

    def authorised(
        self, token: Model, signed: Signed, good: bool, wrong: set[str], call: Callable[[], Any]
    ) -> None:
        _, to, value, after, before, nonce = signed.values
        receiver = self.number(to)
        wrong = wrong | self.moving(token, signed.signer, receiver, value)
        if not after < self.next_time < before:
            wrong.add("ERC3009InvalidAuthorizationTime")
        wrong |= self.spent(token, signed, nonce, good)
        if self.attempt(wrong, call):
            token.used.add((signed.signer, nonce))
            self.moved(token, signed.signer, receiver, value)

    def submit_cancel(self, token: Model, signed: Signed, signature: bytes, good: bool, by: int) -> None:
        owner, nonce = signed.values
        wrong = self.spent(token, signed, nonce, good)
        if self.attempt(
            wrong, lambda: token.contract.cancelAuthorization(owner, nonce, signature, sender=self.people[by])
        ):
            token.used.add((signed.signer, nonce))

    def spent(self, token: Model, signed: Signed, nonce: bytes, good: bool) -> set[str]:
        wrong = {"ERC3009UsedAuthorization"} if (signed.signer, nonce) in token.used else set()
        return wrong | (set() if good else {"ERC3009InvalidSignature"})

    # The rest

    @rule(at=clones, who=people)
    def initialise(self, at: int, who: int) -> None:
        token, person = self.token(at), self.people[who]
        self.attempt(
            "TokenNotFactory", lambda: token.contract.initialize(person, person, 5, 5, sender=person)
        )

    @rule(seconds=st.sampled_from([1, 30, 3_600, 86_400, 10**7]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    def account(self, who: int | None) -> Any:
        return ZERO if who is None else self.people[who]

    def number(self, address: str) -> int:
        return int(self.people.index(address))

    @invariant()
    def books(self) -> None:
        """Balances, supply and votes of the tokens that this step touched are what the model says."""
        for token in self.touched:
            self.check(token)
        self.touched = []

    def check(self, token: Model) -> None:
        contract = token.contract
        assert contract.totalSupply() == token.supply <= token.cap
        assert [contract.balanceOf(person) for person in self.people] == token.balances
        votes = token.votes()
        assert [contract.getVotes(person) for person in self.people] == votes
        token.past.append((self.chain.timestamp, votes, token.supply))

    def teardown(self) -> None:
        """At the end, of all tokens: nothing else changed either, and the past stayed what it was."""
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        self.chain.mine()
        for token in self.tokens:
            self.check(token)
            assert token.contract.paused() == token.paused
            for (owner, spender), amount in token.allowances.items():
                assert token.contract.allowance(self.people[owner], self.people[spender]) == amount
            for time, votes, supply in token.past[:: max(1, len(token.past) // 5)]:
                if time < self.chain.timestamp:
                    assert [token.contract.getPastVotes(person, time) for person in self.people] == votes
                    assert token.contract.getPastTotalSupply(time) == supply


TestToken = TokenMachine.quick(examples=60)
