"""What must be true of one contest, from the words of IContest and RAFFLE.md alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from eth_abi import encode
from eth_utils import keccak

from listener.chain.draw.winners import winners
from tests.machines.draw_model import Draw, Prize

NONE, DRAWING, DRAWN, EXPIRED = range(4)
DAY = 86_400
SEED_TIME, CLAIM_TIME = 30 * DAY, 180 * DAY
LONGEST_WAIT = 366 * DAY
NO_CLAIM = bytes(32)

Node = tuple[bytes, int]
"""Hash and sum; the sum counts in weighted lists only."""


@dataclass(frozen=True)
class Entry:
    """Somebody on a list, with the number of whoever may claim for them."""

    weight: int
    claimant: int | None
    id_hash: bytes
    claim_hash: bytes


@dataclass(frozen=True)
class Place:
    """What the leaves of one list are bound to."""

    chain_id: int
    contract: str
    key: bytes

    def leaf(self, index: int, entry: Entry) -> bytes:
        types = ["bytes32", "uint256", "address", "bytes32", "uint64", "uint256", "bytes32", "bytes32"]
        words = (keccak(text="TOMBOLA-1/leaf"), self.chain_id, self.contract, self.key, index)
        return keccak(keccak(encode(types, [*words, entry.weight, entry.id_hash, entry.claim_hash])))


def levels(nodes: list[Node], weighted: bool) -> list[list[Node]]:
    """All levels of the positional tree; an odd last node goes up unchanged."""
    if len(nodes) == 1:
        return [nodes]
    above = [_parent(nodes[at], nodes[at + 1], weighted) for at in range(0, len(nodes) - 1, 2)]
    return [nodes, *levels(above + nodes[len(above) * 2 :], weighted)]


def _parent(left: Node, right: Node, weighted: bool) -> Node:
    if not weighted:
        return keccak(left[0] + right[0]), 0
    return keccak(encode(["bytes32", "uint256", "bytes32", "uint256"], [*left, *right])), left[1] + right[1]


def path(tree: list[list[Node]], index: int) -> list[Node]:
    """The nodes beside the way up."""
    found = []
    for level in tree[:-1]:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index //= 2
    return found


@dataclass
class ContestModel:
    """Terms that never change, and what happened. `foreign` lists were made for another contract."""

    number: int
    organiser: int
    key: bytes
    entries: list[Entry]
    weighted: bool
    foreign: bool
    tree: list[list[Node]]
    winners: int
    alternates: int
    prizes: list[Prize]
    claims_from: int
    terms: tuple[Any, ...]
    draw: Draw
    out: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)

    @property
    def k(self) -> int:
        return self.winners + self.alternates

    def is_final(self) -> bool:
        return self.draw.seed != b""

    @property
    def seed_due_at(self) -> int:
        return self.draw.reveal_at + SEED_TIME

    @property
    def return_due_at(self) -> int:
        return self.claims_from + CLAIM_TIME if self.is_final() else self.seed_due_at

    def state(self, time: int) -> int:
        if self.is_final():
            return DRAWN
        return EXPIRED if self.prizes and time >= self.seed_due_at else DRAWING

    def numbers(self) -> list[int]:
        """What was drawn, by rank: entries, or units of a weighted list."""
        return list(winners(self.draw.seed, self.draw.n, self.draw.k))

    def owner_of(self, number: int) -> int:
        """The entry that a drawn number belongs to."""
        ends = accumulate(entry.weight for entry in self.entries)
        return next(index for index, end in enumerate(ends) if number < end)

    def drawn(self) -> list[int]:
        """Entries by rank."""
        return [self.owner_of(number) for number in self.numbers()]

    def place(self, rank: int) -> int:
        return sum(earlier not in self.out for earlier in range(rank))

    def standing(self) -> list[int]:
        """The ranks at the winning places, best first."""
        return [rank for rank in range(self.k) if rank not in self.out][: self.winners]

    def objections_closed(self, time: int) -> bool:
        return bool(self.prizes) and time >= self.claims_from

    def leaf(self, index: int) -> tuple[Any, ...]:
        entry = self.entries[index]
        return (index, entry.weight, entry.id_hash, entry.claim_hash)

    def path(self, index: int) -> tuple[list[bytes], list[Node]]:
        """IContest.Path of an entry."""
        beside = path(self.tree, index)
        return ([], beside) if self.weighted else ([node for node, _ in beside], [])


def claim_hash(claimant: str, salt: bytes) -> bytes:
    return keccak(encode(["address", "bytes32"], [claimant, salt]))


def contest_key(organiser: str, post: bytes, salt: bytes) -> bytes:
    return keccak(encode(["address", "bytes32", "bytes32"], [organiser, post, salt]))


def details_hash(words: Sequence[bytes]) -> bytes:
    """Of rules, list file, exclusions and post."""
    return keccak(b"".join(words))


def prizes_hash(prizes: Sequence[tuple[Any, ...]]) -> bytes:
    """0 without prizes."""
    if not prizes:
        return bytes(32)
    plain = [
        (kind, getattr(token, "address", token), amount, number) for kind, token, amount, number in prizes
    ]
    return keccak(encode(["(uint8,address,uint256,uint256)[]"], [plain]))


def commitment(terms: tuple[Any, ...]) -> bytes:
    types = "(address,bytes32,bytes32,uint64,uint64,uint32,uint32,bytes32,bytes32,uint64)"
    return keccak(encode([types], [terms]))
