"""The Merkle-sum tree: each node has a hash and a sum, and a node's hash covers hashes and sums of both its children.

leaf = keccak256(0x00 ‖ chain id ‖ contract ‖ topic ‖ snapshot block ‖ account ‖ amount ‖ salt), each but the first
byte as a word of 32 bytes; its sum is the amount. node = keccak256(0x01 ‖ left hash ‖ left sum ‖ right hash ‖ right
sum); its sum is left + right. Amounts and sums are below 2²⁵⁶ and never negative. The number of leaves is a power of
two, at least 256: what people do not fill is padding, leaves of nothing whose hashes nobody can tell from others.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom

from listener.chain.draw.hashing import keccak, word

LEAF, NODE = b"\x00", b"\x01"
BLOCK = 256
"""Leaves of the smallest tree. Of larger ones the roots of all such parts are kept: a proof then needs one part."""
END = 2**256
Node = tuple[bytes, int]
"""Hash and sum."""


@dataclass(frozen=True)
class Place:
    """What all leaves of one tree have in common."""

    chain_id: int
    contract: bytes
    topic: bytes
    snapshot_block: int

    def leaf(self, account: bytes, amount: int, salt: bytes) -> Node:
        """The leaf that says that this account is owed this amount."""
        words = (
            *(word(self.chain_id), self.contract.rjust(32, b"\0"), self.topic, word(self.snapshot_block)),
            *(account.rjust(32, b"\0"), word(amount), salt),
        )
        return keccak(LEAF + b"".join(words)), amount


@dataclass(frozen=True)
class Seed:
    """Thirty-two random bytes of one tree, from which its salts and its padding come."""

    value: bytes

    def salt(self, account: bytes) -> bytes:
        """Known to the account's owner, and different in each tree."""
        return hmac.digest(self.value, b"salt" + account, hashlib.sha256)

    def padding(self, index: int) -> Node:
        """A leaf of nothing."""
        return hmac.digest(self.value, b"padding" + index.to_bytes(8), hashlib.sha256), 0


@dataclass(frozen=True)
class Tree:
    """What is kept of a tree: its size, its root and total, and the roots of its parts."""

    size: int
    root: bytes
    total: int
    blocks: list[Node]
    indexes: dict[bytes, int]
    """Where each account stands."""


def parent(left: Node, right: Node) -> Node:
    """The node above two. Raises OverflowError where the sum does not fit."""
    total = left[1] + right[1]
    if total >= END:
        raise OverflowError("a sum does not fit into 256 bits")
    return keccak(NODE + left[0] + word(left[1]) + right[0] + word(right[1])), total


def size_for(count: int) -> int:
    """The power of two that so many leaves are filled up to."""
    return max(BLOCK, 1 << max(0, count - 1).bit_length())


def build(place: Place, seed: Seed, owed: Mapping[bytes, int]) -> Tree:
    """A tree of what is owed to accounts, each at a place by chance. Raises OverflowError."""
    size = size_for(len(owed))
    indexes = dict(zip(owed, SystemRandom().sample(range(size), len(owed)), strict=True))
    leaves = [seed.padding(index) for index in range(size)]
    for account, amount in owed.items():
        leaves[indexes[account]] = place.leaf(account, amount, seed.salt(account))
    blocks = [_levels(leaves[at : at + BLOCK])[-1][0] for at in range(0, size, BLOCK)]
    root, total = _levels(blocks)[-1][0]
    return Tree(size, root, total, blocks, indexes)


def siblings(
    place: Place, seed: Seed, blocks: Sequence[Node], index: int, near: Mapping[int, tuple[bytes, int]]
) -> list[Node]:
    """The nodes beside the way from the leaf at `index` to the root.

    `near`: account and amount of each filled leaf of the same part, by their indexes.
    """
    block, within = divmod(index, BLOCK)
    first = block * BLOCK
    leaves = [seed.padding(at) for at in range(first, first + BLOCK)]
    for at, (account, amount) in near.items():
        leaves[at - first] = place.leaf(account, amount, seed.salt(account))
    return _beside(_levels(leaves), within) + _beside(_levels(blocks), block)


def _levels(leaves: Sequence[Node]) -> list[list[Node]]:
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        levels.append([parent(below[at], below[at + 1]) for at in range(0, len(below), 2)])
    return levels


def _beside(levels: Sequence[Sequence[Node]], index: int) -> list[Node]:
    return [level[(index >> height) ^ 1] for height, level in enumerate(levels[:-1])]
