"""The proof that nobody but governance holds power over a deployment, read from the chain at one block.

It trusts nothing that was recorded but addresses and ABIs: roles come from the events of every grant and are asked for
again, owners and settings are asked for, proxies are read from their storage.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from listener.chain.draw import drand
from listener.chain.registry import RegisteredContract, Registry
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError, Check
from scripts._networks import Beacon

ZERO_ADDRESS = "0x" + "00" * 20
ADMIN = bytes(32)
TIMELOCK_ROLES = {name: keccak(text=name) for name in ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")}
# EIP-1967: where a proxy keeps what it runs and who may exchange that.
IMPLEMENTATION_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation")) - 1
PROXY_ADMIN_SLOT = int.from_bytes(keccak(text="eip1967.proxy.admin")) - 1
# Chainlink's, or its stand-in on a development chain: nobody's draws are decided by its owner.
NOT_OURS = ("VRFCoordinator",)


@dataclass(frozen=True, slots=True)
class Power:
    """Who is meant to hold what. `subscription` None: draws are decided by drand alone."""

    deployers: frozenset[str]
    timelock: str
    governor: str
    token: str
    subscription: int | None
    beacon: Beacon
    """drand's, or the development chain's: its key decides draws."""
    hand_over: bytes
    """The one operation that the deployer may ever have executed as the owner."""


@dataclass(slots=True)
class Proof:
    """Asks the questions; `checks` answers all of them."""

    chain: ChainReader
    registry: Registry
    power: Power
    _readable: dict[str, RegisteredContract] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readable = {
            name: contract
            for name, contract in self.registry.contracts.items()
            if contract.addresses and name not in NOT_OURS
        }

    def checks(self) -> list[Check]:
        """Every finding, in a fixed order."""
        return [
            *self._owners(),
            *self._roles(),
            *self._operations(),
            *self._governor(),
            *self._proxies(),
            *self._vesting(),
            *self._draws(),
            *self._names(),
            *self._votes(),
            *self._subscription(),
        ]

    # Owners and roles

    def _owners(self) -> Iterator[Check]:
        for name, contract in self._readable.items():
            if "owner" in _views(contract):
                owner = self._ask(contract, "owner")
                yield _is(f"{name}.owner", owner, self.power.timelock, "the timelock")
            if "pendingOwner" in _views(contract):
                yield _is(f"{name}.pendingOwner", self._ask(contract, "pendingOwner"), ZERO_ADDRESS, "nobody")

    def _roles(self) -> Iterator[Check]:
        """Everybody that was ever granted a role is asked for again."""
        for name, contract in self._readable.items():
            if "hasRole" in _views(contract) and name != "Token":
                yield self._holders(name, contract, contract.address, self._meant(name))
        if self._token is not None:
            yield self._holders("governance token", self._token, self.power.token, None)

    def _meant(self, name: str) -> set[tuple[bytes, str]]:
        if name != "Timelock":
            return {(ADMIN, self.power.timelock)}
        mine = {(role, self.power.governor) for role in TIMELOCK_ROLES.values()}
        return mine | {(ADMIN, self.power.timelock)}

    def _holders(
        self, name: str, contract: RegisteredContract, address: str, meant: set[tuple[bytes, str]] | None
    ) -> Check:
        """All holders are those meant; of a token (`meant` None) only the timelock may hold anything."""
        granted = {
            (bytes(log.args["role"]), str(log.args["account"]))
            for log in self._logs(contract, "RoleGranted", address)
        }
        asked = granted | (meant or set()) | {(ADMIN, deployer) for deployer in self.power.deployers}
        asked |= {(role, deployer) for role, _ in granted for deployer in self.power.deployers}
        held = {pair for pair in asked if self.chain.view(contract, "hasRole", *pair, at=address)}
        too_many = {
            pair for pair in held if (pair[1] != self.power.timelock if meant is None else pair not in meant)
        }
        missing = (meant or set()) - held
        if not too_many and not missing:
            return Check(f"{name} roles", True, _told(held) or "nobody holds one")
        wrong = [f"{_told({pair})} and should not" for pair in sorted(too_many)]
        wrong += [f"{_told({pair})} is missing" for pair in sorted(missing)]
        return Check(f"{name} roles", False, "; ".join(wrong))

    # The timelock

    def _operations(self) -> Iterator[Check]:
        timelock = self.registry.contract("Timelock")
        delay = int(self.chain.view(timelock, "getMinDelay"))
        yield Check("Timelock delay", delay > 0, f"{delay} s")
        ours = {int.from_bytes(self.power.hand_over)} | {
            int(log.args["proposalId"])
            for log in self._logs(self.registry.contract("Governor"), "ProposalQueued")
        }
        scheduled = {bytes(log.args["id"]) for log in self._logs(timelock, "CallScheduled")}
        strangers = sorted(found for found in scheduled if int.from_bytes(found) not in ours)
        open_ones = [found for found in strangers if self.chain.view(timelock, "getTimestamp", found) != 0]
        told = ", ".join(f"operation 0x{found.hex()}" for found in open_ones)
        wrong = f"{told} was scheduled beside the hand-over and is pending or done"
        yield Check(
            "Timelock operations", not open_ones, wrong if open_ones else "the hand-over and proposals only"
        )

    # The governor

    def _governor(self) -> Iterator[Check]:
        governor = self.registry.contract("Governor")
        yield _is("Governor.timelock", self._ask(governor, "timelock"), self.power.timelock, "the timelock")
        yield _is("Governor.token", self._ask(governor, "token"), self.power.token, "the governance token")
        vesting = self.registry.contract("Vesting").address
        yield _is("Governor.vesting", self._ask(governor, "vesting"), vesting, "Vesting")
        guardian = self._ask(governor, "proposalGuardian")
        stranger = guardian not in self.power.deployers and guardian != ZERO_ADDRESS
        yield Check(
            "Governor.proposalGuardian",
            stranger,
            guardian if stranger else f"{guardian} is the deployer or nobody",
        )

    # Proxies

    def _proxies(self) -> Iterator[Check]:
        for name, contract in self._readable.items():
            admin = self._slot(contract.address, PROXY_ADMIN_SLOT)
            runs = self._slot(contract.address, IMPLEMENTATION_SLOT)
            if runs == ZERO_ADDRESS and admin == ZERO_ADDRESS:
                continue
            recorded = str(contract.extra.get("implementation"))
            right = admin == ZERO_ADDRESS and runs.lower() == recorded.lower()
            wrong = f"runs {runs}, recorded is {recorded}; its proxy admin is {admin}"
            yield Check(
                f"{name} proxy", right, f"runs {runs}, only its owner upgrades it" if right else wrong
            )

    # Vesting: the one contract whose code can be exchanged

    def _vesting(self) -> Iterator[Check]:
        vesting = self.registry.contract("Vesting")
        runs = self._slot(vesting.address, IMPLEMENTATION_SLOT)
        yield Check(
            "Vesting behind a proxy",
            runs != ZERO_ADDRESS,
            f"it runs {runs}" if int(runs, 16) else "it is none",
        )
        takers = [
            one
            for one in sorted(self.power.deployers)
            for at in (vesting.address, runs)
            if at != ZERO_ADDRESS
            and self.chain.would_succeed(vesting, "initialize", one, one, sender=one, at=at)
        ]
        closed = "nobody can initialise the proxy or what it runs"
        yield Check(
            "Vesting initialiser", not takers, f"{', '.join(takers)} could call it" if takers else closed
        )
        guardian = self._ask(vesting, "guardian")
        stranger = guardian not in self.power.deployers
        yield Check("Vesting.guardian", stranger, guardian if stranger else f"{guardian} is the deployer")

    # What decides draws

    def _draws(self) -> Iterator[Check]:
        """drand's verifier has no owner; what it verifies cannot be changed, so it has to be right from the start."""
        verifier, meant_beacon = self.registry.contract("DrandBeacon"), self.power.beacon
        key, genesis, period = (
            self.chain.view(verifier, view) for view in ("publicKey", "genesis", "period")
        )
        right = drand.swap_key(key) == bytes.fromhex(meant_beacon.public_key) and (genesis, period) == (
            meant_beacon.genesis_time,
            meant_beacon.period_seconds,
        )
        told = f"drand chain {meant_beacon.chain_hash}, every {period} s"
        yield Check("DrandBeacon verifies", right, told if right else f"another key or clock than {told}")
        beacon = verifier.address
        coordinator = self.registry.contracts.get("VRFCoordinator")
        for name in ("Raffle", "Contest"):
            contract = self.registry.contract(name)
            yield _is(f"{name}.beacon", self._ask(contract, "beacon"), beacon, "DrandBeacon")
            told = self.chain.view(contract, "vrfConfig")
            asked, number = to_checksum_address(told["coordinator"]), int(told["subscriptionId"])
            meant = coordinator.address if coordinator and self.power.subscription else ZERO_ADDRESS
            right = (asked, number) == (meant, self.power.subscription or 0)
            yield Check(
                f"{name} asks for randomness",
                right,
                f"{asked}, subscription {number}" + ("" if right else ", not the recorded"),
            )

    # Whoever a contract names

    def _names(self) -> Iterator[Check]:
        """No view without arguments tells the deployer's address: not as guardian, treasury, keeper or anything."""
        asked, found = 0, []
        for name, contract in self._readable.items():
            for view in _views(contract).values():
                if view["inputs"] or "address" not in _types(view["outputs"]):
                    continue
                asked += 1
                if self.power.deployers & set(_addresses(self._ask_or_none(contract, view["name"]))):
                    found.append(f"{name}.{view['name']}() is the deployer")
        yield Check(
            "addresses that contracts name",
            not found,
            "; ".join(found) or f"{asked} views, none the deployer",
        )

    # Votes

    def _votes(self) -> Iterator[Check]:
        if self._token is None:
            raise CannotTellError("The registry holds no ABI of the governance token.")
        vesting = self.registry.contract("Vesting")
        for deployer in sorted(self.power.deployers):
            held = {
                "tokens": self.chain.view(self._token, "balanceOf", deployer, at=self.power.token),
                "votes": self.chain.view(self._token, "getVotes", deployer, at=self.power.token),
            }
            if "getVotes" in _views(vesting):
                held["locked votes"] = self.chain.view(vesting, "getVotes", self.power.token, deployer)
            told = ", ".join(f"{amount} {what}" for what, amount in held.items())
            yield Check(f"votes of {deployer}", not any(held.values()), told)

    # Randomness

    def _subscription(self) -> Iterator[Check]:
        if self.power.subscription is None:
            return
        coordinator, number = self.registry.contract("VRFCoordinator"), self.power.subscription
        *_, owner, consumers = self.chain.view(coordinator, "getSubscription", number)
        yield _is("VRF subscription owner", to_checksum_address(owner), self.power.timelock, "the timelock")
        ours = {self.registry.contract(name).address for name in ("Raffle", "Contest")}
        strangers = sorted({to_checksum_address(one) for one in consumers} - ours)
        yield Check(
            "VRF subscription consumers", not strangers, ", ".join(strangers) or "Raffle and Contest only"
        )
        takers = [
            deployer
            for deployer in sorted(self.power.deployers)
            if self.chain.would_succeed(
                coordinator, "acceptSubscriptionOwnerTransfer", number, sender=deployer
            )
        ]
        yield Check(
            "VRF subscription offered",
            not takers,
            f"{', '.join(takers)} could accept it" if takers else "to no deployer",
        )

    # Reading

    @property
    def _token(self) -> RegisteredContract | None:
        contracts: Mapping[str, RegisteredContract] = self.registry.contracts
        return contracts.get("GovernanceToken") or contracts.get("Token")

    def _ask(self, contract: RegisteredContract, view: str) -> str:
        return to_checksum_address(self.chain.view(contract, view))

    def _ask_or_none(self, contract: RegisteredContract, view: str) -> Any:
        try:
            return self.chain.view(contract, view)
        except CannotTellError:  # a view that reverts names nobody
            return None

    def _logs(self, contract: RegisteredContract, event: str, address: str | None = None) -> Sequence[Any]:
        topic = next("0x" + found.topic0.hex() for found in contract.events if found.name == event)
        return self.chain.logs(contract, [topic], self.registry.first_block, at=address)

    def _slot(self, address: str, slot: int) -> str:
        return to_checksum_address(self.chain.storage(address, slot)[-20:])


def _views(contract: RegisteredContract) -> dict[str, Mapping[str, Any]]:
    return {
        part["name"]: part
        for part in contract.abi
        if part["type"] == "function" and part["stateMutability"] in ("view", "pure")
    }


def _types(outputs: Sequence[Mapping[str, Any]]) -> set[str]:
    return {inner for part in outputs for inner in (_types(part.get("components", [])) | {part["type"]})}


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _addresses(part)
    elif isinstance(value, str) and len(value) == 42:
        yield to_checksum_address(value)


def _is(name: str, found: str, meant: str, who: str) -> Check:
    right = found == to_checksum_address(meant)
    return Check(name, right, f"{found}, {who}" if right else f"{found}, not {who} ({meant})")


_NAMES: Mapping[bytes, str] = {ADMIN: "admin", **{role: name for name, role in TIMELOCK_ROLES.items()}}


def _told(pairs: set[tuple[bytes, str]]) -> str:
    return ", ".join(
        f"{account} holds {_NAMES.get(role, '0x' + role.hex())}" for role, account in sorted(pairs)
    )


def prove(ask: Callable[[str, list[Any]], Any], registry: Registry, power: Power) -> list[Check]:
    """Every finding at the chain's head; one that does not hold says exactly what is wrong."""
    return Proof(ChainReader(ask), registry, power).checks()
