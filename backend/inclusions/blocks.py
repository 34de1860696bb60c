"""Proofs out of a list of any length at the price of a small tree.

Leaves are taken in blocks of 1,024. The roots of all blocks are computed once per process and kept: they are the whole
tree's nodes at that height, because blocks begin at multiples of a power of two. A proof is then the way up within
one block, and from there the way among the blocks.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from listener.chain.draw.merkle import Tree
from listener.chain.draw.sums import SumTree

BLOCK = 1_024
AT_ONCE = 32 * BLOCK
"""Leaves read at a time while roots are computed."""
_MOST_KEPT = 64


@dataclass(frozen=True)
class Leaves:
    """Some of a list's leaves in order, and their weights in a weighted list."""

    hashes: list[bytes]
    weights: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """Siblings from a leaf to the root, with their sums in a weighted list."""

    leaf: bytes
    siblings: list[bytes]
    sums: list[int]


Read = Callable[[int, int], Awaitable[Leaves]]
"""Up to so many leaves from a number on; none at the end."""


class Blocks:
    """Roots of the lists that were asked about last; one computation of a list at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Leaves] = OrderedDict()
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def way(self, key: Hashable, read: Read, index: int) -> Way:
        """The proof of the leaf at `index` of the list named `key`."""
        roots = await self._roots(key, read)
        block, within = divmod(index, BLOCK)
        leaves = await read(block * BLOCK, BLOCK)
        return await asyncio.to_thread(_way, leaves, roots, block, within)

    async def _roots(self, key: Hashable, read: Read) -> Leaves:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if key not in self._kept:
                self._kept[key] = await _roots_of(read)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


async def _roots_of(read: Read) -> Leaves:
    """Read piece by piece: the list itself is never in memory as a whole."""
    roots, first = Leaves([]), 0
    while (leaves := await read(first, AT_ONCE)).hashes:
        found = await asyncio.to_thread(_block_roots, leaves)
        roots.hashes.extend(found.hashes)
        roots.weights.extend(found.weights)
        first += AT_ONCE
    return roots


def _block_roots(leaves: Leaves) -> Leaves:
    roots = Leaves([])
    for at in range(0, len(leaves.hashes), BLOCK):
        hashes = leaves.hashes[at : at + BLOCK]
        if leaves.weights:
            tree = SumTree(hashes, leaves.weights[at : at + BLOCK])
            roots.hashes.append(tree.root)
            roots.weights.append(tree.total)
        else:
            roots.hashes.append(Tree(hashes).root)
    return roots


def _way(leaves: Leaves, roots: Leaves, block: int, within: int) -> Way:
    leaf = leaves.hashes[within]
    if not leaves.weights:
        siblings = [*Tree(leaves.hashes).proof(within), *Tree(roots.hashes).proof(block)]
        return Way(leaf, siblings, [])
    beside = [
        *SumTree(leaves.hashes, leaves.weights).siblings(within),
        *SumTree(roots.hashes, roots.weights).siblings(block),
    ]
    return Way(leaf, [node for node, _ in beside], [amount for _, amount in beside])
