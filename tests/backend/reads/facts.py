"""A chain made of facts: tests say which events happened, the listener's own store mirrors them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.registry import Registry, parse_registry
from listener.mirror.batch import BlockMark, Facts, Tip
from listener.mirror.rows import compile_packer
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import Store
from tools.export_abi import compiled_abis

GENESIS = 1_800_000_000
"""Time of block 0, Unix seconds; a block comes every second."""
CHAIN_ID = 31337
ADDRESSES = {
    name: f"0x{number:040x}"
    for number, name in enumerate(("TokenFactory", "Vesting", "Raffle", "Contest"), 1)
}


def registry_document() -> dict[str, Any]:
    """A registry with the real interfaces at made-up addresses."""
    abis = compiled_abis()
    contracts: dict[str, Any] = {
        name: {"address": address, "first_block": 1, "abi": abis[name]} for name, address in ADDRESSES.items()
    }
    created_by = {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"}
    contracts["Token"] = {"abi": abis["Token"], "created_by": created_by}
    return {"chain_id": CHAIN_ID, "contracts": contracts}


def address(number: int) -> bytes:
    """The address with this number."""
    return number.to_bytes(20, "big")


def shown(raw: bytes) -> str:
    """An address as the API shows it."""
    return str(to_checksum_address(raw))


def hash_of(*words: object) -> bytes:
    """A hash that these words always give."""
    return hashlib.sha256(repr(words).encode()).digest()


@dataclass(frozen=True)
class Event:
    """One event; arguments by their names in the ABI, addresses and bytes as bytes."""

    contract: str
    name: str
    arguments: Mapping[str, Any]


def event(contract: str, name: str, /, **arguments: Any) -> Event:
    """Short for Event."""
    return Event(contract, name, arguments)


class ChainOfFacts:
    """Writes blocks to a mirror, as the listener would."""

    def __init__(self, database_url: str) -> None:
        self.registry: Registry = parse_registry(registry_document())
        self._tables = {(table.contract, table.event.name): table for table in tables_of(self.registry)}
        self._packers = {table.name: compile_packer(table) for table in self._tables.values()}
        self._store = Store(database_url, CHAIN_ID)
        self._store.connect()
        tables = list(self._tables.values())
        self._store.prepare(tables, sources_of(self.registry, tables), 1)
        self.head = 0

    def close(self) -> None:
        """Disconnect."""
        self._store.close()

    def time_of(self, block: int) -> int:
        """Unix seconds of a block."""
        return GENESIS + block

    def block(self, *events: Event, number: int | None = None, final: int = 0) -> int:
        """Mirror everything up to a block (the next one) that holds these events; returns its number.

        `final` is the number of the finalized block.
        """
        first, last = self.head + 1, number or self.head + 1
        mark = self._mark(last)
        rows: dict[str, list[bytes]] = {}
        for position, happened in enumerate(events):
            table = self._tables[happened.contract, happened.name]
            rows.setdefault(table.name, []).append(self._row(table, mark, position, happened))
        facts = Facts(first, last, rows=rows, marks=[mark], end=mark, events=len(events))
        self._store.commit(facts, Tip(mark, final))
        self.head = last
        return last

    def roll_back(self, block: int) -> None:
        """A reorganisation takes everything above a block away."""
        self._store.roll_back(self._mark(block), [table.name for table in self._tables.values()])
        self.head = block

    def _mark(self, number: int) -> BlockMark:
        return BlockMark(number, hash_of("block", number), hash_of("block", number - 1), self.time_of(number))

    def _row(self, table: EventTable, mark: BlockMark, position: int, happened: Event) -> bytes:
        values = tuple(happened.arguments[column.argument.name] for column in table.columns)
        where = bytes.fromhex(ADDRESSES[happened.contract][2:])
        time = (mark.time - 946_684_800) * 1_000_000
        transaction = hash_of("transaction", mark.number, position)
        return self._packers[table.name](mark.number, mark.hash, time, position, transaction, where, values)
