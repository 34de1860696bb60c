"""Whose logs are wanted, and which table each goes to; grows as factories create contracts.

Addresses come in levels: level 0 has fixed addresses, level n those created by contracts of the level before.
Logs of a level must be read to know the addresses of the next. Everything is keyed by lower-case hex as nodes
write it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from listener.chain.abi import Decoder, compile_decoder
from listener.chain.registry import Registry
from listener.mirror.rows import Packer, compile_packer
from listener.mirror.schema import EventTable
from listener.mirror.sources import CREATED
from listener.sync import bloom

_ADDRESSES_PER_REQUEST = 500


@dataclass(frozen=True, eq=False, slots=True)
class Creation:
    """A creating event makes the address in argument `position` a `contract`, of that level."""

    contract: str
    position: int
    level: int


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """Where an event goes: its table, compiled decoder and packer, and what it creates."""

    table: EventTable
    topic: str
    decode: Decoder
    pack: Packer
    creations: tuple[Creation, ...]


@dataclass(eq=False, slots=True)
class Watch:
    """One watched address: for each topic the targets, each from a first block on."""

    address: bytes
    level: int
    targets: dict[str, tuple[tuple[int, Target], ...]]
    pairs: tuple[tuple[int, int], ...] = ()  # bloom masks of the address with each topic

    def is_wanted_at(self, block: int) -> bool:
        """Whether any of its events goes anywhere at `block`."""
        return any(since <= block for targets in self.targets.values() for since, _ in targets)


class Routes:
    """Routing of logs by address and topic."""

    def __init__(
        self,
        registry: Registry,
        tables: Sequence[EventTable],
        only: Iterable[tuple[str, bytes]] | None = None,
    ) -> None:
        """`only`: keep to these sources (table, address); None takes all of the registry."""
        self.by_address: dict[str, Watch] = {}
        self._only = None if only is None else set(only)
        self._contract_level = {name: _level(registry, name) for name in registry.contracts}
        self.levels = 1 + max(self._contract_level.values(), default=0)
        creations = self._creations(registry)
        self._targets: dict[str, list[Target]] = {name: [] for name in registry.contracts}
        for table in tables:
            target = Target(
                table,
                "0x" + table.event.topic0.hex(),
                compile_decoder(table.event),
                compile_packer(table),
                creations.get((table.contract, table.event.name), lambda _: ())(table),
            )
            self._targets[table.contract].append(target)
        self.creating_topics = {t.topic for ts in self._targets.values() for t in ts if t.creations}
        self.created: list[dict[str, int]] = [
            {} for _ in range(self.levels)
        ]  # address → block of its creation
        self._created_as: dict[tuple[str, str], int] = {}
        self.learnt = 0  # grows with each creation that was not known
        self._fixed = {
            (contract.name, address.lower()): contract.first_block
            for contract in registry.contracts.values()
            for address in contract.addresses
        }
        for (name, address), first_block in self._fixed.items():
            self._watch(address, name, first_block, 0)

    def _creations(self, registry: Registry) -> dict[tuple[str, str], Any]:
        rules: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for contract in registry.contracts.values():
            if contract.created_by is not None:
                key = (contract.created_by.contract, contract.created_by.event)
                rules.setdefault(key, []).append((contract.name, contract.created_by.argument))

        def finder(wanted: list[tuple[str, str]]) -> Any:
            def find(table: EventTable) -> tuple[Creation, ...]:
                names = [argument.name for argument in table.event.arguments]
                return tuple(
                    Creation(contract, names.index(argument), self._contract_level[contract])
                    for contract, argument in wanted
                )

            return find

        return {key: finder(wanted) for key, wanted in rules.items()}

    def _watch(self, address: str, contract: str, since: int, level: int) -> None:
        watch = self.by_address.get(address)
        if watch is None:
            watch = self.by_address[address] = Watch(bytes.fromhex(address[2:]), level, {})
        source = CREATED if level else watch.address
        for target in self._targets[contract]:
            if self._only is not None and (target.table.name, source) not in self._only:
                continue
            known = watch.targets.get(target.topic, ())
            first = min([since, *(block for block, other in known if other is target)])
            others = (pair for pair in known if pair[1] is not target)
            watch.targets[target.topic] = (*others, (first, target))
        watch.pairs = _pairs(watch)

    def create(self, creation: Creation, address: str, block: int) -> None:
        """Watch a created contract from `block` on."""
        key = (creation.contract, address)
        if self._created_as.get(key, block + 1) <= block:
            return
        self._created_as[key] = block
        self.learnt += 1
        # Also where another level has the address: logs of that level may have been read without these topics.
        level = self.created[creation.level]
        level[address] = min(block, level.get(address, block))
        self._watch(address, creation.contract, block, creation.level)

    def forget_above(self, block: int) -> None:
        """Drop contracts created above `block`, which a fork or an abandoned span made known."""
        gone = [key for key, since in self._created_as.items() if since > block]
        for key in gone:
            del self._created_as[key]
        for contract, address in gone:
            level, watch = self._contract_level[contract], self.by_address[address]
            same_level = [name for name, other in self._contract_level.items() if other == level]
            left = [self._created_as[n, address] for n in same_level if (n, address) in self._created_as]
            if left:
                self.created[level][address] = min(left)
            else:
                self.created[level].pop(address, None)
            targets = set(self._targets[contract])
            for topic, pairs in list(watch.targets.items()):
                watch.targets[topic] = tuple(pair for pair in pairs if pair[1] not in targets)
                if not watch.targets[topic]:
                    del watch.targets[topic]
            if (contract, address) in self._fixed:
                self._watch(address, contract, self._fixed[contract, address], 0)
            watch.pairs = _pairs(watch)
        for address in {address for _, address in gone}:
            if not self.by_address[address].targets and not any(address in level for level in self.created):
                del self.by_address[address]

    def creating_tables(self) -> list[tuple[EventTable, Creation]]:
        """Tables of creating events, in order of level, from which known contracts are read at start."""
        found = [(t.table, c) for targets in self._targets.values() for t in targets for c in t.creations]
        return sorted(found, key=lambda pair: pair[1].level)

    def filters(self, level: int, last: int) -> list[dict[str, Any]]:
        """Filters for `eth_getLogs` that cover the contracts of a level known up to block `last`."""
        if level == 0:
            addresses = [address for address, watch in self.by_address.items() if watch.level == 0]
        else:
            addresses = [address for address, since in self.created[level].items() if since <= last]
        if self._only is not None:
            addresses = [address for address in addresses if self.by_address[address].targets]
        filters = []
        for start in range(0, len(addresses), _ADDRESSES_PER_REQUEST):
            part = addresses[start : start + _ADDRESSES_PER_REQUEST]
            topics = sorted({topic for address in part for topic in self.by_address[address].targets})
            if topics:
                filters.append({"address": part, "topics": [topics]})
        return filters

    def filters_of_all(self, last: int) -> list[dict[str, Any]]:
        """Filters that cover the contracts of every level known up to block `last`."""
        return [part for level in range(self.levels) for part in self.filters(level, last)]

    def wants(self, address: str, topics: Sequence[str], number: int) -> bool:
        """Whether a log of block `number` goes into a table; the filters bring others too."""
        watch = self.by_address.get(address.lower())
        targets = watch.targets.get(topics[0], ()) if watch is not None and topics else ()
        return any(since <= number for since, _ in targets)

    def pairs(self, block: int) -> list[tuple[int, int]]:
        """Bloom masks of every (address, topic) wanted at `block`."""
        return [
            pair for watch in self.by_address.values() if watch.is_wanted_at(block) for pair in watch.pairs
        ]


def _pairs(watch: Watch) -> tuple[tuple[int, int], ...]:
    own = bloom.mask(watch.address)
    return tuple((own, bloom.mask(bytes.fromhex(topic[2:]))) for topic in watch.targets)


def _level(registry: Registry, name: str) -> int:
    created_by = registry.contracts[name].created_by
    return 0 if created_by is None else 1 + _level(registry, created_by.contract)
