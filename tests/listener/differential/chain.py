"""A chain in memory: mined and forked by a seed's script, its answers kept as JSON that is encoded once."""

from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from eth_hash.auto import keccak

from tests.listener.differential.world import Log
from tests.listener.fake_chain import GENESIS_TIME

_encode = msgspec.json.encode
_masks: dict[str, int] = {}


@dataclass(eq=False)
class Entry:
    """A log in a block."""

    log: Log
    index: int
    transaction: str
    json: msgspec.Raw


@dataclass(eq=False)
class Block:
    """A block and everything in it."""

    number: int
    hash: str
    parent: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def time(self) -> int:
        return GENESIS_TIME + 2 * self.number

    @cached_property
    def header(self) -> msgspec.Raw:
        """The answer to eth_getBlockByNumber."""
        return msgspec.Raw(_encode(self.fields))

    @property
    def fields(self) -> dict[str, object]:
        bits = 0
        for entry in self.entries:
            for item in (entry.log.address, *entry.log.topics):
                bits |= _mask(item)
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": self.parent,
            "timestamp": hex(self.time),
            "logsBloom": f"0x{bits:0512x}",
            "transactions": [],
        }


def _mask(item: str) -> int:
    """The three bits of an address or topic in a bloom filter (Yellow Paper, 4.3.1)."""
    if item not in _masks:
        if len(_masks) > 50_000:
            _masks.clear()
        digest, bits = keccak(bytes.fromhex(item[2:])), 0
        for n in (0, 2, 4):
            bits |= 1 << (int.from_bytes(digest[n : n + 2], "big") % 2048)
        _masks[item] = bits
    return _masks[item]


class Chain:
    """The canonical chain. `depth`: how many blocks below the highest head ever the last final one is."""

    def __init__(self, name: str, depth: int, *, has_final_tag: bool) -> None:
        self.name, self.depth, self.has_final_tag = name, depth, has_final_tag
        self.blocks: list[Block] = []
        self.orphans: list[Block] = []
        self.highest = self.made = 0
        self.first = 0  # the first block a mirror has
        self.mine([[]])

    @property
    def head(self) -> int:
        return len(self.blocks) - 1

    @property
    def final(self) -> int:
        """The last block no fork may replace."""
        return max(0, self.highest - self.depth)

    def mine(self, logs_of_blocks: list[list[Log]]) -> None:
        """Append one block for each list of logs."""
        for logs in logs_of_blocks:
            number, self.made = len(self.blocks), self.made + 1
            parent = self.blocks[-1].hash if self.blocks else "0x" + "00" * 32
            digest = keccak(f"{self.name} {number} {self.made}".encode())
            block = Block(number, "0x" + digest.hex(), parent)
            block.entries = [_entry(block, digest, index, log) for index, log in enumerate(logs)]
            self.blocks.append(block)
        self.highest = max(self.highest, self.head)

    def fork(self, depth: int, logs_of_blocks: list[list[Log]]) -> int:
        """Replace up to `depth` blocks, none of them final; returns how many."""
        depth = min(depth, self.head - self.final)
        if depth:
            self.orphans += self.blocks[-depth:]
            self.blocks = self.blocks[
                : len(self.blocks) - depth
            ]  # a new list: who kept the old one is on a stale branch
            self.mine(logs_of_blocks)
        return depth


def _entry(block: Block, digest: bytes, index: int, log: Log) -> Entry:
    transaction = "0x" + (digest[:28] + (index // 2).to_bytes(4, "big")).hex()
    shown = {
        "address": log.address,
        "topics": log.topics,
        "data": log.emission.data,
        "blockNumber": hex(block.number),
        "blockHash": block.hash,
        "transactionHash": transaction,
        "transactionIndex": hex(index // 2),
        "logIndex": hex(index),
        "removed": False,
    }
    return Entry(log, index, transaction, msgspec.Raw(_encode(shown)))
