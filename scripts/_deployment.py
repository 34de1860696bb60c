"""The steps of a deployment: each looks at record and chain first, so that a second run changes nothing."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ape.api import ProviderAPI
from ape.contracts import ContractContainer, ContractInstance
from ape.contracts.base import ContractTransactionHandler
from ape.managers.project import LocalProject
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from listener.chain.draw.drand import swap_key
from listener.chain.draw.ecvrf import Point, key_hash
from scripts import _coordinator
from scripts._creation import DEFAULT_SALT, Creation, CreationError
from scripts._governance import (
    DEVELOPMENT_GUARDIAN,
    DEVELOPMENT_HOLDER,
    Governance,
    GovernanceError,
    GovernancePlan,
    Kit,
)
from scripts._networks import LOCAL_CHAIN_ID, QUICKNET, Beacon, GovernanceTimes, Network
from scripts._registry_file import Entry, RegistryFile
from scripts._sending import Sender
from scripts._upgrade import note_upgrade
from tools.storage_layout import snapshot

ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"
SUBSCRIPTION, IMPLEMENTATION, PRICE_FEED = "VRF subscription", "Vesting implementation", "Price feed"
LOCAL_POL_PRICE = 25_000_000
"""US dollars with 8 decimals."""
TEMPLATES = {"Token": "token_template", "PlainToken": "plain_token_template"}


class DeploymentError(Exception):
    """A deployment that must not go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a deployment was asked for, resolved."""

    network: Network
    beacon: Beacon
    deployer: str
    governance: GovernancePlan
    treasury: str | None
    publisher: str
    fee_bps: int
    token_fee: int
    subscription: int | None
    subscription_fund: int
    with_vrf: bool
    stand_in: bool
    proving_key: Point | None
    development: bool
    """Nothing is at stake: parts of a development chain may stand in for those of a live one."""
    salt: str = DEFAULT_SALT
    """Another one makes another system, even of the same arguments."""
    owner: str = ""
    """The timelock, as soon as it is there; the treasury too, unless another was named."""

    @property
    def key_hash(self) -> str:
        """By what draws name the VRF key that decides them."""
        if self.stand_in and self.proving_key is not None:
            return "0x" + key_hash(self.proving_key).hex()
        return self.network.key_hash

    def lines(self) -> list[str]:
        """What is shown before anything is sent."""
        network = self.network
        coordinator = "Chainlink's contract, deployed here" if self.stand_in else network.coordinator
        if not self.with_vrf:
            vrf = "none: draws are decided by drand alone"
        else:
            subscription = self.subscription or "the recorded one, or a new one"
            vrf = f"{coordinator}, subscription {subscription}, topped up to {self.subscription_fund} wei"
        return [
            f"chain       {network.chain_id} ({network.name})",
            f"deployer    {self.deployer}",
            "owner       the timelock",
            *self.governance.lines(),
            f"treasury    {self.treasury or 'the timelock'}, raffle fee {self.fee_bps} bps, token fee {self.token_fee} wei",
            f"publisher   {self.publisher if self.publisher != ZERO_ADDRESS else 'nobody, until a vote names one'}",
            f"drand       {self.beacon.chain_hash}, period {self.beacon.period_seconds} s",
            f"vrf         {vrf}",
            f"delays      reveal {network.reveal_delay} s, VRF margin {network.vrf_margin} s, "
            f"refund {network.refund_delay} s",
        ]


def beacon_of(path: Path | None, *, development: bool) -> Beacon:
    """quicknet, or the beacon of a file that `python -m tools.oracle init` wrote.

    Raises DeploymentError on a live chain: who holds a beacon's key would decide its draws.
    """
    if path is None:
        return QUICKNET
    if not development:
        raise DeploymentError("--drand-info is for development chains: a live chain uses drand's quicknet.")
    try:
        found = json.loads(path.read_text())
        beacon = Beacon(**{name: found[name] for name in Beacon.__dataclass_fields__})
        swap_key(bytes.fromhex(beacon.public_key))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"{path} is no output of `python -m tools.oracle init`: {type(error).__name__} {error}."
        ) from error
    return beacon


def proving_key_of(path: Path | None) -> Point | None:
    """The VRF key that the local oracle holds; None where no oracle was named. Raises DeploymentError."""
    try:
        return None if path is None else _coordinator.read_proving_key(path)
    except _coordinator.ProvingKeyError as error:
        raise DeploymentError(f"{error} Write it anew with `python -m tools.oracle init`.") from error


class Deployment:
    """Deploys what is missing and records it; `say` prints a line."""

    def __init__(
        self,
        project: LocalProject,
        provider: ProviderAPI,
        sender: Sender,
        plan: Plan,
        registry: RegistryFile,
        say: Callable[[str], None],
    ) -> None:
        self._project = project
        self._provider = provider
        self._sender = sender
        self._plan = plan
        self._registry = registry
        self._say = say
        self._creation = Creation(sender, provider, registry, plan.salt)

    def run(self) -> None:
        """Bring the chain to the planned state."""
        try:
            self._creation.prepare(self._say, development=self._plan.development)
            self._check_record()
            self._bring_about()
        except (CreationError, GovernanceError) as error:
            raise DeploymentError(str(error)) from error

    def _bring_about(self) -> None:
        timelock = self._contract("Timelock", [self._plan.deployer])
        governance = Governance(self._kit(), self._plan.governance, timelock)
        governance.check_turn()
        plan = replace(self._plan, owner=timelock, treasury=self._plan.treasury or timelock)
        network = plan.network
        key = swap_key(bytes.fromhex(plan.beacon.public_key))
        beacon = self._contract("DrandBeacon", [key, plan.beacon.genesis_time, plan.beacon.period_seconds])
        coordinator = self._coordinator()
        subscription = 0 if coordinator is None else self._subscription(coordinator)
        vrf = (
            ZERO_ADDRESS if coordinator is None else coordinator.address,
            subscription,
            plan.key_hash,
            network.callback_gas_limit,
            network.request_confirmations,
            True,
        )
        vesting = self._vesting(timelock, plan.governance.guardian)
        template = self._template("Token")
        templates = [(kind(b"token"), template), (kind(b"plain"), self._template("PlainToken"))]
        self._contract("TokenFactory", [plan.owner, plan.treasury, vesting, plan.token_fee, templates])
        self._record_token(template)
        waits = [beacon, network.reveal_delay, network.vrf_margin]
        payouts = [network.refund_delay, plan.fee_bps, plan.treasury]
        raffle = self._contract("Raffle", [plan.owner, *waits, vrf, *payouts])
        contest = self._contract("Contest", [plan.owner, *waits, vrf])
        self._contract("Attestations", [plan.owner, plan.publisher])
        if coordinator is not None:
            self._add_consumers(coordinator, subscription, [raffle, contest])
            self._fund(coordinator, subscription)
        self._govern(governance, timelock, coordinator, subscription, lambda: [self._price_feed(raffle)])

    def _price_feed(self, raffle: str) -> tuple[str, bytes]:
        """The call by which raffles in POL may be priced in US dollars; the timelock makes it at the hand-over."""
        planned = self._plan.network.price_feed
        feed = planned.address if planned.address and self._has_code(planned.address) else self._own_feed()
        method = self._container("Raffle").at(raffle).setPriceFeed
        return raffle, bytes(method.encode_input(ZERO_ADDRESS, feed, planned.max_age))

    def _own_feed(self) -> str:
        """Chainlink's mock on a development chain. It is recorded as no contract of ours: nobody reads its events."""
        recorded = self._registry.document.get("price_feed")
        if recorded is not None:
            return str(recorded["address"])
        if not self._plan.development:
            raise DeploymentError(
                f"There is no price feed at {self._plan.network.price_feed.address} on chain "
                f"{self._plan.network.chain_id}. Correct scripts/_networks.py."
            )
        address, facts = self._creation.make(
            PRICE_FEED, self._container("LocalPriceFeed"), [8, LOCAL_POL_PRICE]
        )
        self._registry.set("price_feed", {"address": address, **facts}, PRICE_FEED)
        self._say(f"Price feed: Chainlink's mock at {address}, one POL is 0.25 USD")
        return address

    def _govern(
        self,
        governance: Governance,
        timelock: str,
        coordinator: ContractInstance | None,
        subscription: int,
        settings: Callable[[], Sequence[tuple[str, bytes]]],
    ) -> None:
        """The governor, the hand-over to it, and the proof that nobody else is left with any power."""
        contracts = self._registry.contracts
        token = governance.token(contracts["TokenFactory"]["address"])
        governance.record_token(token, _abi(self._container("Token")))
        vesting, guardian = contracts["Vesting"]["address"], self._plan.governance.guardian
        arguments = [token, vesting, timelock, guardian, governance.settings(token)]
        governor = self._contract("Governor", arguments, self._container("TombolaGovernor"))
        governance.hand_over(governor, coordinator, subscription, settings)
        governance.prove(token, governor, None if coordinator is None else subscription)

    def _kit(self) -> Kit:
        return Kit(
            provider=self._provider,
            account=self._sender.account,
            registry=self._registry,
            say=self._say,
            at=lambda name, address: self._container(name).at(address),
            send=self._send,
        )

    def _send(self, method: ContractTransactionHandler, *arguments: Any, value: int = 0) -> Any:
        what = f"{method.contract.contract_type.name}.{method.abis[0].name}"
        return self._sender.send(what, method, *arguments, value=value)

    def _check_record(self) -> None:
        """Refuse a record of another chain or beacon; forget that of a local chain that was started anew."""
        gone = [
            name
            for name, entry in self._registry.contracts.items()
            if "address" in entry and not self._has_code(entry["address"])
        ]
        if gone:
            if not self._plan.development:
                raise DeploymentError(
                    f"{self._registry.path} records {', '.join(gone)}, but their addresses hold no code. "
                    "Check the network, or move the file away to deploy anew."
                )
            self._say(f"{', '.join(gone)}: no code at the recorded address; this chain is new, starting over")
            self._registry.clear()
        drand = asdict(self._plan.beacon)
        if self._registry.document.get("drand", drand) != drand:
            raise DeploymentError(
                f"{self._registry.path} was deployed with another drand beacon, which cannot be changed. "
                "Give that beacon's --drand-info, or move the file away to deploy anew."
            )
        if not self._registry.contracts:
            self._registry.document["network"] = self._plan.network.name
            self._registry.document["drand"] = drand

    def _contract(
        self,
        name: str,
        arguments: Sequence[Any],
        container: ContractContainer | None = None,
        interface: ContractContainer | None = None,
        **more: str,
    ) -> str:
        """The address of a contract, deployed now unless it is recorded. `interface` where its code is not what it does."""
        container = container or self._container(name)
        interface = interface or container
        recorded = self._registry.contracts.get(name)
        if recorded is not None:
            self._note_if_changed(name, interface, recorded)
            return str(recorded["address"])
        address, facts = self._creation.make(name, container, arguments)
        self._registry.record(
            name,
            {
                "address": address,
                "first_block": facts["block_number"],
                "abi": _abi(interface),
                **facts,
                **more,
            },
        )
        self._say(f"{name}: deployed at {address}")
        return address

    def _vesting(self, owner: str, guardian: str) -> str:
        """The proxy's address, recorded with the interface of what it runs."""
        logic = self._container("Vesting")
        if "Vesting" in self._registry.contracts:
            note_upgrade(self._provider, self._registry, self._say)
            return self._contract("Vesting", [])
        implementation = self._registry.document.get("vesting_implementation")
        if implementation is None:
            address, facts = self._creation.make(IMPLEMENTATION, logic, [])
            implementation = {"address": address, "layout": snapshot()["Vesting"], **facts}
            self._registry.set("vesting_implementation", implementation, IMPLEMENTATION)
            self._say(f"Vesting: implementation deployed at {address}")
        data = logic.at(implementation["address"]).initialize.encode_input(owner, guardian)
        address = str(implementation["address"])
        proxy = self._container("VestingProxy")
        return self._contract("Vesting", [address, data], proxy, interface=logic, implementation=address)

    def _template(self, name: str) -> str:
        """Tokens are clones, so the registry's `Token` has no address of its own, only its template's."""
        key = TEMPLATES[name]
        recorded = self._registry.document.get(key)
        if recorded is not None:
            self._say(f"{name}: template already at {recorded['address']}")
            return str(recorded["address"])
        address, facts = self._creation.make(f"{name} template", self._container(name), [])
        self._registry.set(key, {"address": address, **facts}, f"{name} template")
        self._say(f"{name}: template deployed at {address}")
        return address

    def _record_token(self, template: str) -> None:
        """All that the factory makes is read as a `Token`: a plain token's events are some of a full one's."""
        if "Token" not in self._registry.contracts:
            created_by = {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"}
            abi = _abi(self._container("Token"))
            self._registry.record("Token", {"template": template, "created_by": created_by, "abi": abi})

    def _coordinator(self) -> ContractInstance | None:
        """The network's coordinator, one of our own on a chain that has none, or None for drand alone."""
        if not self._plan.with_vrf:
            return None
        container = _coordinator.container()
        if not self._plan.stand_in:
            return container.at(self._known_coordinator(container))
        coordinator = container.at(self._own_coordinator(container))
        for done, function, arguments in _coordinator.missing_steps(
            coordinator, self._plan.network, self._plan.proving_key
        ):
            self._send(getattr(coordinator, function), *arguments)
            self._say(f"VRFCoordinator: {done}")
        return coordinator

    def _own_coordinator(self, container: ContractContainer) -> str:
        """The recorded one, unless it is the mock that an earlier version deployed."""
        recorded = self._registry.contracts.get("VRFCoordinator")
        if recorded is not None and recorded["abi"] != _abi(container):
            raise DeploymentError(
                f"{self._registry.path} records another VRF coordinator than this version's. Start a new "
                "chain (`make run FRESH=1`), or move the file away to deploy anew."
            )
        return self._contract("VRFCoordinator", [_coordinator.NO_BLOCKHASH_STORE], container)

    def _known_coordinator(self, container: ContractContainer) -> str:
        """Chainlink's own: recorded without its events, which are those of everybody's draws."""
        address = str(self._plan.network.coordinator)
        if "VRFCoordinator" not in self._registry.contracts:
            functions = [part for part in _abi(container) if part["type"] == "function"]
            block = self._provider.get_block("latest").number
            self._registry.record(
                "VRFCoordinator", {"address": address, "first_block": block, "abi": functions}
            )
        self._say(f"VRFCoordinator: Chainlink's at {address}")
        return address

    def _subscription(self, coordinator: ContractInstance) -> int:
        recorded = (self._registry.document.get("vrf") or {}).get("subscription_id")
        subscription = self._plan.subscription or (int(recorded) if recorded else None)
        if subscription is None:
            subscription = self._new_subscription(coordinator)
            self._say(f"VRF subscription: created {subscription}")
        vrf = {
            "coordinator": str(coordinator.address),
            "subscription_id": str(subscription),
            "key_hash": self._plan.key_hash,
        }
        self._registry.set("vrf", vrf, SUBSCRIPTION)
        return subscription

    def _new_subscription(self, coordinator: ContractInstance) -> int:
        """The one that an earlier run has made and could not note, or one made now."""
        event = coordinator.SubscriptionCreated
        topic = "0x" + keccak(text=event.abi.selector).hex()
        for log in self._creation.logs_since(SUBSCRIPTION, str(coordinator.address), topic):
            if log["data"][-40:].lower() == str(self._sender.account.address)[2:].lower():
                return int(log["topics"][1], 16)
        self._creation.begin(SUBSCRIPTION)
        receipt = self._send(coordinator.createSubscription)
        return int(next(iter(receipt.decode_logs(event))).subId)

    def _add_consumers(
        self, coordinator: ContractInstance, subscription: int, consumers: Sequence[str]
    ) -> None:
        found = coordinator.getSubscription(subscription)
        for consumer in consumers:
            if consumer in found.consumers:
                continue
            if found.subOwner != self._sender.account.address:
                self._say(f"VRF subscription: its owner {found.subOwner} has to add consumer {consumer}")
                continue
            self._send(coordinator.addConsumer, subscription, consumer)
            self._say(f"VRF subscription: added consumer {consumer}")

    def _fund(self, coordinator: ContractInstance, subscription: int) -> None:
        missing = self._plan.subscription_fund - coordinator.getSubscription(subscription).nativeBalance
        if missing > 0:
            self._send(coordinator.fundSubscriptionWithNative, subscription, value=missing)
            self._say(f"VRF subscription: topped up by {missing} wei")

    def _container(self, name: str) -> ContractContainer:
        container: ContractContainer = getattr(self._project, name)
        return container

    def _note_if_changed(self, name: str, container: ContractContainer, recorded: Entry) -> None:
        changed = " (its interface changed since: the recorded one stays)" * (
            recorded["abi"] != _abi(container)
        )
        self._say(f"{name}: already at {recorded['address']}{changed}")

    def _has_code(self, address: str) -> bool:
        return len(self._provider.get_code(address)) > 0


def governance_of(
    provider: ProviderAPI,
    times: GovernanceTimes,
    *,
    development: bool,
    guardian: str | None,
    token: str | None,
    holder: str | None,
    **options: Any,
) -> GovernancePlan:
    """What was asked for; a development chain has accounts for the parts that nobody was named for."""
    if development:
        people = provider.make_request("eth_accounts", [])
        guardian = guardian or to_checksum_address(people[DEVELOPMENT_GUARDIAN])
        holder = holder or to_checksum_address(people[DEVELOPMENT_HOLDER])
    if guardian is None:
        raise DeploymentError("--guardian is missing: the Safe that may cancel proposals and pause vesting.")
    if token is None and holder is None:
        raise DeploymentError(
            "Name the token that votes (--governance-token), or who gets a new one (--token-holder)."
        )
    return GovernancePlan(guardian=guardian, token=token, holder=holder, times=times, **options)


def resolve_coordinator(network: Network, provider: ProviderAPI, *, development: bool) -> bool:
    """Whether a coordinator of our own has to stand in. Raises DeploymentError on a live chain without one."""
    if network.coordinator is None:
        return True
    if len(provider.get_code(network.coordinator)) > 0:
        return False
    if development:
        return True
    raise DeploymentError(
        f"There is no VRF coordinator at {network.coordinator} on chain {network.chain_id}. "
        "Correct scripts/_networks.py, or deploy with --without-vrf."
    )


def kind(name: bytes) -> bytes:
    """A kind of template as the factory knows it."""
    return name.ljust(32, b"\0")


def _abi(container: ContractContainer) -> list[dict[str, Any]]:
    return [
        part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in container.contract_type.abi
    ]


__all__ = [
    "LOCAL_CHAIN_ID",
    "ZERO_ADDRESS",
    "Deployment",
    "DeploymentError",
    "Plan",
    "beacon_of",
    "governance_of",
    "proving_key_of",
    "resolve_coordinator",
]
