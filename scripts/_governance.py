"""Governance of a deployment: its token, its governor, the hand-over of all power, and the proof of it.

The timelock starts with the deployer as its only proposer and no delay. One batch, run by the timelock itself, then gives
the governor its roles, accepts the VRF subscription, sets the delay and takes the deployer's roles: all of it or nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ape.api import AccountAPI, ProviderAPI
from ape.contracts import ContractInstance
from eth_utils.crypto import keccak

from listener.chain.registry import parse_registry
from scripts._evidence import CannotTellError, Check
from scripts._networks import Beacon, GovernanceTimes
from scripts._proof import Power, prove
from scripts._registry_file import RegistryFile

WEI = 10**18
ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"
ROLES = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")
TOKEN_SALT = keccak(text="Tombola governance token")
HAND_OVER_SALT = keccak(text="Tombola hand-over")
NO_PREDECESSOR = bytes(32)
# The factory's first template is the full token; of its features (TokenFeatures) this one has no role.
FIRST_TEMPLATE, BURN = 1, 2
# Anvil's accounts that play these parts on a development chain: nobody else in the story has them.
DEVELOPMENT_HOLDER, DEVELOPMENT_GUARDIAN = 1, 8


class GovernanceError(Exception):
    """Governance that cannot be set up, or a proof that failed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class GovernancePlan:
    """What was asked for, resolved. `token` None: one is made, `supply` (smallest unit) for `holder`."""

    guardian: str
    token: str | None
    holder: str | None
    token_name: str
    token_symbol: str
    supply: int
    proposal_threshold: int | None
    quorum_percent: int
    times: GovernanceTimes

    def lines(self) -> list[str]:
        """What is shown before anything is sent."""
        made = f"new: {self.token_name} ({self.token_symbol}), {self.supply // WEI} of them to {self.holder}"
        times = self.times
        return [
            f"guardian    {self.guardian}",
            f"votes       {self.token or made}; quorum {self.quorum_percent} %",
            f"voting      {times.voting_delay} s until it starts, {times.voting_period} s long, "
            f"{times.vote_extension} s after a late quorum; then {times.timelock_delay} s in the timelock",
        ]


@dataclass(frozen=True, slots=True)
class Kit:
    """What the steps work with, lent by the deployment."""

    provider: ProviderAPI
    account: AccountAPI
    registry: RegistryFile
    say: Callable[[str], None]
    at: Callable[[str, str], ContractInstance]
    """A contract of the project at an address."""
    send: Callable[..., Any]
    """A transaction of the deployer: method, arguments, value."""


class Governance:
    """The steps; each looks at the chain first, so that a second run changes nothing."""

    def __init__(self, kit: Kit, plan: GovernancePlan, timelock: str) -> None:
        self._kit, self._plan = kit, plan
        self._timelock = kit.at("Timelock", timelock)

    def token(self, factory_address: str) -> str:
        """The token that votes: the one given, or one of our factory's whose supply nobody can change."""
        if self._plan.token is not None:
            return self._plan.token
        factory = self._kit.at("TokenFactory", factory_address)
        config = self._token_config(factory)
        deployer = self._deployer()
        address = str(factory.predictToken(deployer, config, TOKEN_SALT))
        if factory.isInstance(address):
            self._kit.say(f"Governance token: already at {address}")
            return address
        fee = int(factory.fee())
        self._kit.send(factory.createToken, config, TOKEN_SALT, fee, value=fee)
        self._kit.say(f"Governance token: created at {address}, all of it held by {self._plan.holder}")
        return address

    def _is_handed_over(self) -> bool:
        return not self._timelock.hasRole(self._role("PROPOSER_ROLE"), self._deployer())

    def check_turn(self) -> None:
        """Until the hand-over, only who deployed the timelock can go on. Raises GovernanceError."""
        if not self._is_handed_over() and self._deployer() != str(self._kit.account.address):
            raise GovernanceError(
                f"The timelock {self._timelock.address} still belongs to {self._deployer()}: "
                "deploy on with that account."
            )

    def _token_config(self, factory: ContractInstance) -> dict[str, Any]:
        """By the names in the ABI: no admin, so that nobody mints, pauses or changes anything."""
        values = {
            "name": self._plan.token_name,
            "symbol": self._plan.token_symbol,
            "admin": ZERO_ADDRESS,
            "recipient": self._plan.holder,
            "cap": self._plan.supply,
            "initialSupply": self._plan.supply,
            "templateId": FIRST_TEMPLATE,
            "features": BURN,
        }
        (abi,) = [part for part in factory.contract_type.view_methods if part.name == "predictToken"]
        config = next(part for part in abi.inputs if part.components)
        return {part.name: values[part.name] for part in config.components}

    def settings(self, token: str) -> tuple[int, int, int, int, int]:
        """The governor's first settings; a thousandth of the supply proposes, unless told otherwise."""
        threshold = self._plan.proposal_threshold
        if threshold is None:
            threshold = int(self._kit.at("Token", token).totalSupply()) // 1_000
        times = self._plan.times
        return (
            times.voting_delay,
            times.voting_period,
            times.vote_extension,
            threshold,
            self._plan.quorum_percent,
        )

    def record_token(self, token: str, abi: list[dict[str, Any]]) -> None:
        """The mirror knows a token of our factory by its creation; another one is entered by itself."""
        known = "GovernanceToken" in self._kit.registry.contracts
        if self._plan.token is not None and not known:
            block = self._kit.provider.get_block("latest").number
            entry = {"address": token, "first_block": block, "abi": abi}
            self._kit.registry.record("GovernanceToken", entry)

    def hand_over(
        self,
        governor: str,
        coordinator: ContractInstance | None,
        subscription: int,
        settings: Callable[[], Sequence[tuple[str, bytes]]],
    ) -> None:
        """Give the timelock to the governor and the subscription to the timelock, and keep nothing.

        `settings` gives calls that the timelock makes before, as the owner.
        """
        if self._is_handed_over():
            self._kit.say("Hand-over: done before")
            return
        with_subscription = coordinator is not None and self._offer(coordinator, subscription)
        calls = [
            *settings(),
            *self._calls(governor, coordinator if with_subscription else None, subscription),
        ]
        batch = ([to for to, _ in calls], [0] * len(calls), [data for _, data in calls])
        operation = bytes(self._timelock.hashOperationBatch(*batch, NO_PREDECESSOR, HAND_OVER_SALT))
        self._withdraw_other(operation)
        self._kit.registry.set("hand_over", {"operation": "0x" + operation.hex()})
        if not self._timelock.isOperation(operation):
            self._kit.send(self._timelock.scheduleBatch, *batch, NO_PREDECESSOR, HAND_OVER_SALT, 0)
        self._kit.send(self._timelock.executeBatch, *batch, NO_PREDECESSOR, HAND_OVER_SALT)
        self._kit.say(f"Hand-over: {governor} governs, the deployer's roles are gone")

    def _offer(self, coordinator: ContractInstance, subscription: int) -> bool:
        """Whether the timelock can take the subscription; the deployer offers what is his."""
        owner = str(coordinator.getSubscription(subscription).subOwner)
        if owner != str(self._kit.account.address):
            self._kit.say(f"VRF subscription: stays with its owner {owner}")
            return False
        if not self._is_offered(coordinator, subscription):
            self._kit.send(coordinator.requestSubscriptionOwnerTransfer, subscription, self._timelock.address)
        return True

    def _is_offered(self, coordinator: ContractInstance, subscription: int) -> bool:
        data = coordinator.acceptSubscriptionOwnerTransfer.encode_input(subscription)
        call = {"from": self._timelock.address, "to": coordinator.address, "data": "0x" + bytes(data).hex()}
        try:
            self._kit.provider.make_request("eth_call", [call, "latest"])
        except Exception:  # providers put a revert into errors of many kinds
            return False
        return True

    def _calls(
        self, governor: str, coordinator: ContractInstance | None, subscription: int
    ) -> list[tuple[str, bytes]]:
        timelock, deployer = self._timelock, self._kit.account.address
        calls = [(timelock, timelock.grantRole.encode_input(self._role(role), governor)) for role in ROLES]
        if coordinator is not None:
            calls.append(
                (coordinator, coordinator.acceptSubscriptionOwnerTransfer.encode_input(subscription))
            )
        calls.append((timelock, timelock.updateDelay.encode_input(self._plan.times.timelock_delay)))
        calls += [(timelock, timelock.revokeRole.encode_input(self._role(role), deployer)) for role in ROLES]
        return [(str(contract.address), bytes(data)) for contract, data in calls]

    def _withdraw_other(self, operation: bytes) -> None:
        """An earlier run was told something else and stopped before it carried that out."""
        earlier = (self._kit.registry.document.get("hand_over") or {}).get("operation")
        if earlier is None or bytes.fromhex(earlier[2:]) == operation:
            return
        if self._timelock.isOperationPending(earlier):
            self._kit.send(self._timelock.cancel, earlier)

    def _role(self, name: str) -> bytes:
        return keccak(text=name)

    def _deployer(self) -> str:
        """Who deployed the timelock: a later run may use another account."""
        return str(self._kit.registry.contracts["Timelock"]["deployer"])

    def prove(self, token: str, governor: str, subscription: int | None) -> None:
        """Read from the chain that nobody but governance holds power; GovernanceError says who does."""
        kit, timelock = self._kit, str(self._timelock.address)
        power = power_of(kit.registry.document, kit.account.address, timelock, governor, token, subscription)
        try:
            checks = prove(self._ask, parse_registry(kit.registry.document), power)
        except CannotTellError as error:
            raise GovernanceError(f"The proof could not be read from the chain: {error}") from error
        self._tell(checks)
        failed = [check for check in checks if not check.holds]
        if failed:
            findings = "; ".join(f"{check.name}: {check.detail}" for check in failed)
            raise GovernanceError(f"Power is held outside of governance. {findings}")
        kit.registry.set("proof", [f"{check.name}: {check.detail}" for check in checks])

    def _tell(self, checks: Sequence[Check]) -> None:
        for check in checks:
            self._kit.say(f"{'proved' if check.holds else 'NOT PROVED':<10} {check.name}: {check.detail}")

    def _ask(self, method: str, params: list[Any]) -> Any:
        try:
            return self._kit.provider.make_request(method, params)
        except Exception as error:  # ape raises many kinds
            raise CannotTellError(f"{method} was not answered: {error}") from error


def power_of(
    document: dict[str, Any], account: str, timelock: str, governor: str, token: str, subscription: int | None
) -> Power:
    """Who is meant to hold what, and who must hold nothing: everybody that ever deployed one of the contracts."""
    deployers = {str(entry["deployer"]) for entry in document["contracts"].values() if "deployer" in entry}
    return Power(
        deployers=frozenset({str(account)} | deployers),
        timelock=timelock,
        governor=governor,
        token=token,
        subscription=subscription,
        beacon=Beacon(**document["drand"]),
        hand_over=bytes.fromhex(document["hand_over"]["operation"][2:]),
    )


def recorded_power(document: dict[str, Any]) -> Power:
    """The same of a finished deployment, by its record alone."""
    contracts, vrf = document["contracts"], document.get("vrf")
    timelock, governor = contracts["Timelock"], contracts["Governor"]
    subscription = None if vrf is None else int(vrf["subscription_id"])
    token = str(governor["arguments"][0])
    return power_of(
        document, timelock["deployer"], timelock["address"], governor["address"], token, subscription
    )


__all__ = [
    "DEVELOPMENT_GUARDIAN",
    "DEVELOPMENT_HOLDER",
    "Governance",
    "GovernanceError",
    "GovernancePlan",
    "Kit",
    "power_of",
    "recorded_power",
]
