"""A random registry, and logs for its blocks: of its contracts, of its future children, and of strangers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.listener.differential.abi import Emission, Event, emission, random_event

_CONTRACTS = (("Raffle", "raffle"), ("VRFPort", "vrf_port"), ("Sale2", "sale2"))
_EVENTS = (
    ("Transfer", "transfer"), ("TicketsBought", "tickets_bought"), ("URISet", "uri_set"), ("Named", "named"),
    ("order", "order"),
)  # fmt: skip
CHAIN_ID = 31337


@dataclass(frozen=True)
class CreatedBy:
    contract: str
    event: str
    argument: str


@dataclass(frozen=True)
class Contract:
    """One entry of the registry."""

    name: str
    sql_name: str
    events: tuple[Event, ...]
    addresses: tuple[str, ...] = ()
    first_block: int = 0
    created_by: CreatedBy | None = None

    @property
    def entry(self) -> dict[str, Any]:
        """The contract as the registry writes it."""
        found: dict[str, Any] = {"abi": [event.entry for event in self.events]}
        if self.addresses:
            found |= {"address": list(self.addresses), "first_block": self.first_block}
        if self.created_by is not None:
            found["created_by"] = vars(self.created_by)
        return found


@dataclass(frozen=True, eq=False)
class Log:
    """A log before it is in a block."""

    address: str
    emission: Emission

    @property
    def topics(self) -> tuple[str, ...]:
        return self.emission.topics


@dataclass
class World:
    """The whole registry (its changes leave parts of it away) and a stock of logs to fill blocks with."""

    contracts: tuple[Contract, ...]
    children: tuple[str, ...]
    stock: dict[Event, tuple[Emission, ...]] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()

    def block(self, rng: Random) -> list[Log]:
        """The logs of a random block."""
        if rng.random() < 0.25:
            return []
        return [self._log(rng) for _ in range(rng.choice((1, 1, 2, 3, 4, 6)))]

    def _log(self, rng: Random) -> Log:
        contract = rng.choice(self.contracts)
        addresses = contract.addresses + (self.children if contract.created_by is not None else ())
        address = rng.choice(self.strangers if rng.random() < 0.06 else addresses)
        events = rng.choice(self.contracts).events if rng.random() < 0.06 else contract.events
        return Log(address, rng.choice(self.stock[rng.choice(events)]))


def registry_of(contracts: Sequence[Contract]) -> dict[str, Any]:
    """The registry file's content."""
    return {"chain_id": CHAIN_ID, "contracts": {contract.name: contract.entry for contract in contracts}}


def first_block(contracts: Sequence[Contract]) -> int:
    """The first block a mirror of this registry begins with."""
    return min(contract.first_block for contract in contracts if contract.addresses)


def tables_of(contracts: Sequence[Contract]) -> list[tuple[str, Contract, Event]]:
    """Table, contract and event, by the documented rule: overloads get the first 8 digits of their topic."""
    pairs = [(contract, event) for contract in contracts for event in contract.events]
    count = Counter(f"{contract.sql_name}_{event.sql_name}" for contract, event in pairs)
    found = []
    for contract, event in pairs:
        plain = f"{contract.sql_name}_{event.sql_name}"
        found.append((plain if count[plain] == 1 else f"{plain}_{event.topic0[2:10]}", contract, event))
    return found


def random_world(rng: Random) -> World:
    """One to three fixed contracts; often a factory with children, which may be factories themselves."""
    common = [random_event(rng, *names) for names in rng.sample(_EVENTS, 3)]
    overload = random_event(rng, common[0].name, common[0].sql_name)
    if overload.signature != common[0].signature:
        common.append(overload)
    places = [f"0x{n:02x}{rng.randbytes(19).hex()}" for n in range(1, 9)]
    children = tuple(
        f"0x{0xC0 + n:02x}{rng.randbytes(19).hex()}" for n in range(rng.choice((2, 3, 5, 12, 24)))
    )
    contracts = [
        Contract(name, sql_name, _some(rng, common), _addresses(rng, places), rng.choice((0, 0, 1, 3, 9)))
        for name, sql_name in _CONTRACTS[: rng.choice((1, 1, 2, 3))]
    ]
    contracts += _factory(rng, common, places)
    if rng.random() < 0.1:
        children = (*children, contracts[-1].addresses[0] if contracts[-1].addresses else places[0])
    world = World(tuple(contracts), children, {}, tuple(f"0xee{rng.randbytes(19).hex()}" for _ in range(2)))
    hostility = rng.choice((0.0, 0.05, 0.3))
    for event in dict.fromkeys(event for contract in contracts for event in contract.events):
        arguments = children if event.name.endswith("Created") else (*children, *places)
        count = min(len(children) + 2, 14) if event.name.endswith("Created") else 3
        world.stock[event] = tuple(emission(rng, event, arguments, hostility) for _ in range(count))
    return world


def _some(rng: Random, events: Sequence[Event], most: int = 2) -> tuple[Event, ...]:
    return tuple(rng.sample(events, rng.randint(1, min(most, len(events)))))


def _addresses(rng: Random, places: list[str]) -> tuple[str, ...]:
    """One address or two, now and then one that another contract has too."""
    return tuple(rng.sample(places, rng.choice((1, 1, 2))))


def _creating(rng: Random, name: str, sql_name: str, argument: str) -> Event:
    part = {"type": "address", "name": argument, "indexed": rng.random() < 0.5}
    others = random_event(rng, name, sql_name)
    keep = [(p, c) for p, c in zip(others.inputs, others.columns, strict=True) if not p["indexed"]][:2]
    at = rng.randint(0, len(keep))
    keep.insert(at, (part, argument))
    return Event(name, sql_name, tuple(p for p, _ in keep), tuple(c for _, c in keep))


def _factory(rng: Random, common: Sequence[Event], places: list[str]) -> list[Contract]:
    levels = rng.choice((0, 1, 1, 2, 2))
    if not levels:
        return []
    made = [_creating(rng, "TokenCreated", "token_created", "token")]
    if rng.random() < 0.2:  # an overload creates too
        made.append(_creating(rng, "TokenCreated", "token_created", "token"))
    made = list({event.signature: event for event in made}.values())
    factory = Contract(
        "TokenFactory",
        "token_factory",
        (*made, *_some(rng, common, 1)),
        _addresses(rng, places),
        rng.choice((0, 2)),
    )
    by_factory = CreatedBy("TokenFactory", "TokenCreated", "token")
    listed = _addresses(rng, places) if rng.random() < 0.1 else ()
    token = Contract("Token", "token", _some(rng, common, 2), listed, 1 if listed else 0, by_factory)
    found = [factory, token]
    if rng.random() < 0.3:
        found.append(Contract("Share", "share", _some(rng, common, 2), (), 0, by_factory))
    if levels == 2:
        nested = _creating(rng, "VaultCreated", "vault_created", "vault")
        found[1] = Contract("Token", "token", (*token.events, nested), listed, token.first_block, by_factory)
        by_token = CreatedBy("Token", "VaultCreated", "vault")
        found.append(Contract("Vault", "vault", _some(rng, common, 2), (), 0, by_token))
    return found
