"""Sources: which contract address fills which table, and which blocks it still misses after a change of the registry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listener.chain.registry import Registry
from listener.mirror.schema import EventTable

CREATED = b""  # the address of a source whose contracts are found from a creating event


@dataclass(frozen=True)
class Source:
    """One row of `mirror.source`: blocks `missing_from` to `missing_to` (both included) are still to be mirrored."""

    table_name: str
    address: bytes
    contract: str
    signature: str
    shape: str
    missing_from: int | None = None
    missing_to: int | None = None
    stopped_at: int | None = None

    @property
    def key(self) -> tuple[str, bytes]:
        """Primary key."""
        return self.table_name, self.address

    @property
    def row(self) -> tuple[Any, ...]:
        """Values in the order of the table's columns."""
        fixed = (self.table_name, self.address, self.contract, self.signature, self.shape)
        return (*fixed, self.missing_from, self.missing_to, self.stopped_at)


def sources_of(registry: Registry, tables: Sequence[EventTable]) -> list[tuple[Source, int]]:
    """All sources of a registry, each with its first block."""
    found = []
    for table in tables:
        contract = registry.contracts[table.contract]
        addresses = [(bytes.fromhex(address[2:]), contract.first_block) for address in contract.addresses]
        if contract.created_by is not None:
            addresses.append((CREATED, first_block_of(registry, contract.created_by.contract)))
        found += [
            (Source(table.name, address, table.contract, table.event.signature, table.shape), first)
            for address, first in addresses
        ]
    return found


def first_block_of(registry: Registry, name: str) -> int:
    """The first block a contract of this name can have an event in."""
    contract = registry.contracts[name]
    if contract.created_by is None or contract.addresses:
        return contract.first_block
    return first_block_of(registry, contract.created_by.contract)


def source_changes(
    stored: Iterable[Source], wanted: Sequence[tuple[Source, int]], cursor: int
) -> Iterator[Source]:
    """Rows of `mirror.source` to write, so that the mirror's tables know what they miss up to `cursor`."""
    old = {source.key: source for source in stored}
    for source, first_block in wanted:
        before = old.pop(source.key, None)
        if before is None:
            yield _missing(source, first_block, cursor)
        elif before.stopped_at is not None:
            start = before.missing_from if before.missing_from is not None else before.stopped_at + 1
            yield _missing(source, start, cursor)
    for gone in old.values():
        if gone.stopped_at is None:
            yield replace(gone, stopped_at=cursor)


def _missing(source: Source, first: int, cursor: int) -> Source:
    if first > cursor:
        return replace(source, missing_from=None, missing_to=None, stopped_at=None)
    return replace(source, missing_from=first, missing_to=cursor, stopped_at=None)
