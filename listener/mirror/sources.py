"""Sources: which contract address fills which table, and which blocks it still misses after a change of the
registry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listener.chain.registry import Registry
from listener.mirror.schema import EventTable

CREATED = b""  # the address of a source whose contracts are found from a creating event


@dataclass(frozen=True)
class Source:
    """One row of `mirror.source`: blocks from `missing_from` to the cursor are still to be mirrored."""

    table_name: str
    address: bytes
    contract: str
    signature: str
    shape: str
    missing_from: int | None = None
    stopped_at: int | None = None

    @property
    def key(self) -> tuple[str, bytes]:
        """Primary key."""
        return self.table_name, self.address

    @property
    def row(self) -> tuple[Any, ...]:
        """Values in the order of the table's columns."""
        fixed = (self.table_name, self.address, self.contract, self.signature, self.shape)
        return (*fixed, self.missing_from, self.stopped_at)


def sources_of(registry: Registry, tables: Sequence[EventTable]) -> list[Source]:
    """All sources of a registry, each missing from its first block on, creators before what they create."""
    found = []
    for table in tables:
        contract = registry.contracts[table.contract]
        addresses = [(bytes.fromhex(address[2:]), contract.first_block) for address in contract.addresses]
        if contract.created_by is not None:
            addresses.append((CREATED, _first_creation(registry, contract.created_by.contract)))
        found += [
            Source(
                table.name, address, table.contract, table.event.signature, table.shape, missing_from=first
            )
            for address, first in addresses
        ]
    return found


def _first_creation(registry: Registry, creator: str) -> int:
    """The first block in which a contract of this name can create others."""
    contract = registry.contracts[creator]
    own = [contract.first_block] if contract.addresses else []
    if contract.created_by is not None:
        own.append(_first_creation(registry, contract.created_by.contract))
    return min(own)


def source_changes(
    stored: Sequence[Source], wanted: Sequence[Source], creators: Mapping[str, str], cursor: int
) -> list[Source]:
    """Rows of `mirror.source` to write, so that the mirror knows what it misses up to `cursor`.

    `creators` maps a created contract to its creator: a creator with missing blocks may have made contracts
    not known yet, so what it creates is missing from the same block (rows that are there already stay as they
    are).
    """
    old = {source.key: source for source in stored}
    result: dict[tuple[str, bytes], Source] = {}
    for source in wanted:
        before = old.pop(source.key, None)
        start = source.missing_from or 0
        if before is None:
            result[source.key] = replace(source, missing_from=start if start <= cursor else None)
        elif before.stopped_at is not None:
            result[source.key] = replace(
                source, missing_from=_least(before.missing_from, before.stopped_at + 1)
            )
    missing: dict[str, int] = {}
    for source in [*result.values(), *stored]:
        if source.missing_from is not None:
            missing[source.contract] = min(
                source.missing_from, missing.get(source.contract, source.missing_from)
            )
    for source in wanted:
        start_of_creator = _missing_creator(source.contract, creators, missing)
        if source.address == CREATED and start_of_creator is not None:
            known = result.get(source.key) or next((s for s in stored if s.key == source.key), source)
            result[source.key] = replace(
                known, missing_from=_least(known.missing_from, start_of_creator), stopped_at=None
            )
    for gone in old.values():
        if gone.stopped_at is None:
            result[gone.key] = replace(gone, stopped_at=cursor)
    return list(result.values())


def _missing_creator(contract: str, creators: Mapping[str, str], missing: Mapping[str, int]) -> int | None:
    starts = []
    while contract in creators:
        contract = creators[contract]
        starts.append(missing.get(contract))
    return _least(*starts)


def _least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
