"""The registry: which contracts are mirrored, where, and with which ABI (`deployments/<chain_id>.json`)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from listener.chain.address import checksummed
from listener.chain.events import AbiError, Event, events_of

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class RegistryError(ValueError):
    """A registry that cannot be used; the message says which key, why, and what to do."""

    def __init__(self, source: str, key: str, problem: str) -> None:
        super().__init__(f"Registry {source}: {f'`{key}` ' if key else ''}{problem}")
        self.key = key


@dataclass(frozen=True)
class CreatedBy:
    """Where a contract's addresses come from: `argument` of `event`, emitted by the contract named
    `contract`.
    """

    contract: str
    event: str
    argument: str


@dataclass(frozen=True)
class RegisteredContract:
    """One entry of the registry. Addresses are checksummed; `extra` holds the keys this package does not
    read.
    """

    name: str
    abi: Sequence[Mapping[str, Any]]
    addresses: tuple[str, ...] = ()
    first_block: int = 0
    created_by: CreatedBy | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The contract's only address; use `addresses` where there may be several or none."""
        if len(self.addresses) != 1:
            raise LookupError(f"{self.name} has {len(self.addresses)} addresses in the registry, not one")
        return self.addresses[0]

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of the ABI, in its order."""
        return tuple(events_of(self.abi))


@dataclass(frozen=True)
class Registry:
    """A checked registry. `extra` holds unknown top-level keys, such as `network` and `drand`."""

    chain_id: int
    contracts: Mapping[str, RegisteredContract]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def contract(self, name: str) -> RegisteredContract:
        """Return one contract or say which names there are."""
        try:
            return self.contracts[name]
        except KeyError:
            raise LookupError(
                f"no contract {name!r} in the registry (it has {', '.join(self.contracts)})"
            ) from None

    @property
    def first_block(self) -> int:
        """The first block any registered contract can have an event in."""
        return min((c.first_block for c in self.contracts.values() if c.addresses), default=0)


def load_registry(path: str | Path) -> Registry:
    """Read and check a registry file. Raises RegistryError with a sentence a person can act on."""
    return registry_of(read_registry(path), str(path))


def read_registry(path: str | Path) -> bytes:
    """The content of a registry file. Raises RegistryError where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise RegistryError(
            str(path), "", "does not exist; deploy first (`ape run deploy`) or correct REGISTRY."
        ) from None
    except OSError as error:
        raise RegistryError(str(path), "", f"cannot be read: {error}.") from None


def registry_of(content: bytes, source: str) -> Registry:
    """Check the content of a registry file. Raises RegistryError."""
    try:
        document = json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise RegistryError(source, "", f"cannot be read: {error}.") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise RegistryError(
            source, "", f"is not JSON: {error}. Write it again with `ape run deploy`."
        ) from None
    return parse_registry(document, source)


def parse_registry(document: Any, source: str = "(memory)") -> Registry:
    """Check a registry that is already parsed from JSON."""
    if not isinstance(document, dict):
        raise RegistryError(source, "", "must be a JSON object with `chain_id` and `contracts`.")
    chain_id = document.get("chain_id")
    if not _is_count(chain_id) or chain_id == 0:
        raise RegistryError(
            source, "chain_id", f"must be a positive integer, such as 137, not {chain_id!r:.80}."
        )
    entries = document.get("contracts")
    if not isinstance(entries, dict) or not entries:
        raise RegistryError(
            source, "contracts", "must be an object with at least one contract, name to entry."
        )
    contracts = {name: _contract(source, name, entry) for name, entry in entries.items()}
    for contract in contracts.values():
        _check_creator(source, contract, contracts)
    extra = {key: value for key, value in document.items() if key not in ("chain_id", "contracts")}
    return Registry(chain_id, contracts, extra)


def _contract(source: str, name: str, entry: Any) -> RegisteredContract:
    key = f"contracts.{name}"
    if not _NAME.match(name):
        raise RegistryError(source, key, "is no contract name: use letters, digits and _, as in Solidity.")
    if not isinstance(entry, dict):
        raise RegistryError(source, key, "must be an object with `abi` and `address` or `created_by`.")
    if "abi" not in entry or not isinstance(entry["abi"], list):
        raise RegistryError(
            source,
            f"{key}.abi",
            "must be the contract's ABI, a JSON list; copy it from the compiler's output.",
        )
    created_by = _created_by(source, f"{key}.created_by", entry.get("created_by"))
    addresses = _addresses(source, f"{key}.address", entry.get("address"))
    if not addresses and created_by is None:
        raise RegistryError(
            source,
            f"{key}.address",
            "is missing: give the address, or `created_by` when a factory makes this contract.",
        )
    first_block = entry.get("first_block", None if addresses else 0)
    if not _is_count(first_block):
        raise RegistryError(
            source,
            f"{key}.first_block",
            f"must be the block of the deployment, an integer of 0 or more, not {first_block!r:.80}.",
        )
    known = ("abi", "address", "created_by", "first_block")
    contract = RegisteredContract(
        name,
        entry["abi"],
        addresses,
        first_block,
        created_by,
        {k: v for k, v in entry.items() if k not in known},
    )
    try:
        _ = contract.events
    except AbiError as error:
        raise RegistryError(source, f"{key}.abi", f"cannot be used: {error}.") from None
    return contract


def _addresses(source: str, key: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RegistryError(source, key, "is an empty list: name at least one address.")
    found: list[str] = []
    for item in values:
        if not isinstance(item, str) or not _ADDRESS.match(item):
            raise RegistryError(
                source, key, f"must be 0x and 40 hex digits (or a list of such), not {item!r:.80}."
            )
        address = checksummed(item)
        if item not in (address, item.lower(), "0x" + item[2:].upper()):
            raise RegistryError(
                source,
                key,
                f"{item} has a wrong checksum; {address} would be right. Check for a typing error.",
            )
        if address not in found:
            found.append(address)
    return tuple(found)


def _created_by(source: str, key: str, value: Any) -> CreatedBy | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise RegistryError(source, key, "must be an object with `contract`, `event` and `argument`.")
    for part in ("contract", "event", "argument"):
        if not isinstance(value.get(part), str) or not value[part]:
            raise RegistryError(source, f"{key}.{part}", "must be a name (text).")
    return CreatedBy(value["contract"], value["event"], value["argument"])


def _check_creator(
    source: str, contract: RegisteredContract, contracts: Mapping[str, RegisteredContract]
) -> None:
    """The creating contract, event and address argument must exist, and creation must start at a known
    address.
    """
    created_by, key = contract.created_by, f"contracts.{contract.name}.created_by"
    if created_by is None:
        return
    creator = contracts.get(created_by.contract)
    if creator is None:
        raise RegistryError(
            source, f"{key}.contract", f"names {created_by.contract!r}, which is not in `contracts`."
        )
    events = [event for event in creator.events if event.name == created_by.event]
    if not events:
        raise RegistryError(
            source, f"{key}.event", f"names {created_by.event!r}, which is no event of {creator.name}'s ABI."
        )
    for event in events:
        kinds = [a.type.kind for a in event.arguments if a.name == created_by.argument]
        if kinds != ["address"]:
            raise RegistryError(
                source,
                f"{key}.argument",
                f"names {created_by.argument!r}, which is no address argument of {event.signature}.",
            )
    seen, step = {contract.name}, creator
    while True:
        if step.name in seen:
            raise RegistryError(
                source, key, "goes round in a circle: a creator must not come from what it creates."
            )
        seen.add(step.name)
        if step.created_by is None or step.created_by.contract not in contracts:
            break
        step = contracts[step.created_by.contract]
    if not step.addresses:
        raise RegistryError(source, key, f"starts at {step.name}, which has no `address`.")


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
