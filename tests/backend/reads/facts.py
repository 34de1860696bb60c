"""A chain made of facts: tests say which events happened, the listener's own store mirrors them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.registry import Registry, parse_registry
from listener.mirror.batch import BlockMark, Facts, Tip
from listener.mirror.missing import commit_missing, complete_missing, next_gap
from listener.mirror.rows import compile_packer
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import Store
from tools.export_abi import compiled_abis

GENESIS = 1_800_000_000
"""Time of block 0, Unix seconds; a block comes every second unless a test says otherwise."""
CHAIN_ID = 31337
_DEPLOYED = ("TokenFactory", "Vesting", "Raffle", "Contest", "Governor", "Timelock", "Attestations")
# With letters, so that it matters how an address is spelt.
ADDRESSES = {name: to_checksum_address(f"0xabcdef{number:034x}") for number, name in enumerate(_DEPLOYED, 1)}
_ABI_OF = {"Governor": "TombolaGovernor"}


def registry_document() -> dict[str, Any]:
    """A registry with the real interfaces at made-up addresses."""
    abis = _interfaces()
    contracts: dict[str, Any] = {
        name: {"address": address, "first_block": 1, "abi": abis[_ABI_OF.get(name, name)]}
        for name, address in ADDRESSES.items()
    }
    created_by = {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"}
    contracts["Token"] = {"abi": abis["Token"], "created_by": created_by}
    return {"chain_id": CHAIN_ID, "contracts": contracts}


_interfaces = cache(compiled_abis)


@dataclass(frozen=True)
class _Layout:
    """A registry with its tables, and what writes a row of each."""

    registry: Registry
    tables: dict[tuple[str, str], EventTable]
    packers: dict[str, Callable[..., bytes]]

    @classmethod
    def of(cls, document: dict[str, Any]) -> _Layout:
        registry = parse_registry(document)
        tables = tables_of(registry)
        return cls(
            registry,
            {(table.contract, table.event.name): table for table in tables},
            {table.name: compile_packer(table) for table in tables},
        )


@cache
def _real_layout() -> _Layout:
    return _Layout.of(registry_document())


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
    """One event; arguments by their names in the ABI, addresses and bytes as bytes. Argument `_at` is the address
    of a contract the factory made.
    """

    contract: str
    name: str
    arguments: Mapping[str, Any]


def event(contract: str, name: str, /, **arguments: Any) -> Event:
    """Short for Event."""
    return Event(contract, name, arguments)


class ChainOfFacts:
    """Writes blocks to a mirror, as the listener would."""

    def __init__(
        self, database_url: str, seconds_per_block: int = 1, registry: dict[str, Any] | None = None
    ) -> None:
        self._seconds = seconds_per_block
        layout = _Layout.of(registry) if registry else _real_layout()
        self.registry, self._tables, self._packers = layout.registry, layout.tables, layout.packers
        self._store = Store(database_url, CHAIN_ID)
        self._store.connect()
        tables = list(self._tables.values())
        self._store.prepare(tables, sources_of(self.registry, tables), 1)
        self.tend()
        self.head = 0
        self._forks: list[int] = []

    def close(self) -> None:
        """Disconnect."""
        self._store.close()

    def tend(self) -> None:
        """Let the listener make what readers need."""
        while self._store.tend():
            pass

    def time_of(self, block: int) -> int:
        """Unix seconds of a block."""
        return GENESIS + block * self._seconds

    def block(self, *events: Event, number: int | None = None, final: int = 0) -> int:
        """Mirror everything up to a block (the next one) that holds these events; returns its number.

        `final` is the number of the finalized block.
        """
        first, last = self.head + 1, number or self.head + 1
        mark = self._mark(last)
        facts = Facts(
            first, last, rows=self._rows({last: events}), marks=[mark], end=mark, events=len(events)
        )
        self._store.commit(facts, Tip(mark, final))
        self.head = last
        return last

    def roll_back(self, block: int) -> None:
        """A reorganisation takes everything above a block away."""
        self._store.roll_back(self._mark(block), [table.name for table in self._tables.values()])
        self.head = block
        self._forks.append(block)

    def finalise(self, block: int) -> None:
        """The chain tells its finalized block, and no new one."""
        self._store.save_tip(Tip(self._mark(self.head), block))

    def fill(self, blocks: Mapping[int, Sequence[Event]], until: int) -> None:
        """Fill what late sources miss: blocks up to `until`, at or below the head."""
        gap = next_gap(self._store)
        facts = Facts(gap.first, until, rows=self._rows(blocks), marks=[], end=self._mark(until))
        commit_missing(self._store, facts, gap)
        if until == self.head:
            complete_missing(self._store)

    def _rows(self, blocks: Mapping[int, Sequence[Event]]) -> dict[str, list[bytes]]:
        rows: dict[str, list[bytes]] = {}
        for number, events in blocks.items():
            for position, happened in enumerate(events):
                table = self._tables[happened.contract, happened.name]
                rows.setdefault(table.name, []).append(
                    self._row(table, self._mark(number), position, happened)
                )
        return rows

    def _mark(self, number: int) -> BlockMark:
        return BlockMark(number, self.hash_of(number), self.hash_of(number - 1), self.time_of(number))

    def hash_of(self, number: int) -> bytes:
        """A block's hash; another one after a reorganisation has replaced the block."""
        branch = max((count for count, fork in enumerate(self._forks, 1) if fork < number), default=0)
        return hash_of("block", number, branch) if branch else hash_of("block", number)

    def _row(self, table: EventTable, mark: BlockMark, position: int, happened: Event) -> bytes:
        values = tuple(happened.arguments[column.argument.name] for column in table.columns)
        where = happened.arguments.get("_at") or bytes.fromhex(ADDRESSES[happened.contract][2:])
        time = (mark.time - 946_684_800) * 1_000_000
        transaction = hash_of("transaction", mark.number, position)
        return self._packers[table.name](mark.number, mark.hash, time, position, transaction, where, values)
