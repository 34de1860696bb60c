"""What the mirror of a chain should hold, from its blocks alone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.listener.differential.chain import Block, Chain, Entry
from tests.listener.differential.world import CHAIN_ID, Contract, tables_of

Row = tuple[Any, ...]


def expected_rows(chain: Chain, contracts: Sequence[Contract], first: int) -> dict[str, list[Row]]:
    """What every table of a mirror that is at the chain's head and began with block `first` holds, in order.

    `problem` without its reason, `source` without what the fresh mirror shows better.
    """
    return {
        **_events(chain.blocks, contracts),
        "cursor": [_cursor(chain)],
        "block": [_mark(block) for block in chain.blocks[max(first, chain.final) :]],
        "source": sorted(expected_sources(contracts)),
    }


def _cursor(chain: Chain) -> Row:
    head, mark = chain.head, _mark(chain.blocks[-1])
    final = chain.final if chain.has_final_tag else max(-1, chain.highest - chain.depth)
    return (CHAIN_ID, head, mark[1], mark[3], head, mark[3], final)


def _mark(block: Block) -> Row:
    time = datetime.fromtimestamp(block.time, UTC)
    return block.number, bytes.fromhex(block.hash[2:]), bytes.fromhex(block.parent[2:]), time


def expected_sources(contracts: Sequence[Contract]) -> Iterator[Row]:
    """(table, address, contract, None): nothing is missing."""
    for table, contract, _ in tables_of(contracts):
        for address in contract.addresses:
            yield table, bytes.fromhex(address[2:]), contract.name, None
        if contract.created_by is not None:
            yield table, b"", contract.name, None


def _events(blocks: Sequence[Block], contracts: Sequence[Contract]) -> dict[str, list[Row]]:
    """The rows of every event table, and of `problem`."""
    found: dict[str, list[Row]] = {table: [] for table, _, _ in tables_of(contracts)}
    problems: list[Row] = []
    since = _Since(contracts)
    wanted: dict[str, list[tuple[str, Contract]]] = {}
    for table, contract, event in tables_of(contracts):
        wanted.setdefault(event.topic0, []).append((table, contract))
    for block in blocks:
        since.learn(block)
        for entry in block.entries:
            for table, contract in wanted.get(entry.log.topics[0], ()):
                if not since.holds(contract, entry.log.address, block.number):
                    continue
                emission = entry.log.emission
                if emission.fate != "undecodable":
                    found[table].append((*_place(block, entry), *emission.row))
                if emission.fate != "row":
                    topics = [bytes.fromhex(topic[2:]) for topic in emission.topics]
                    data = bytes.fromhex(emission.data[2:])
                    problems.append((*_place(block, entry), table, emission.fate, topics, data))
    problems.sort(key=lambda row: (row[0], row[3], row[6]))
    return {**found, "problem": problems}


def _place(block: Block, entry: Entry) -> Row:
    """The columns that every event table begins with."""
    return (
        block.number,
        bytes.fromhex(block.hash[2:]),
        datetime.fromtimestamp(block.time, UTC),
        entry.index,
        bytes.fromhex(entry.transaction[2:]),
        bytes.fromhex(entry.log.address[2:]),
    )


class _Since:
    """From which block on an address is a contract's."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = contracts
        self.first = {(c.name, address): c.first_block for c in contracts for address in c.addresses}

    def holds(self, contract: Contract, address: str, number: int) -> bool:
        return self.first.get((contract.name, address), number + 1) <= number

    def learn(self, block: Block) -> None:
        """Follow the creating events of a block, until they name no contract more."""
        while True:
            found = [
                key for key in self._created(block) if self.first.get(key, block.number + 1) > block.number
            ]
            if not found:
                return
            self.first.update(dict.fromkeys(found, block.number))

    def _created(self, block: Block) -> Iterator[tuple[str, str]]:
        by_name = {contract.name: contract for contract in self.contracts}
        for contract in self.contracts:
            rule = contract.created_by
            if rule is None:
                continue
            creator = by_name[rule.contract]
            topics = {event.topic0 for event in creator.events if event.name == rule.event}
            for entry in block.entries:
                is_creation = entry.log.topics[0] in topics and entry.log.emission.fate != "undecodable"
                if is_creation and self.holds(creator, entry.log.address, block.number):
                    yield contract.name, entry.log.emission.address_of[rule.argument]
