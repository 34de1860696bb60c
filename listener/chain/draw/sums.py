"""The Merkle-sum tree of a weighted contest list: who owns which weight unit.

An entry of weight w owns w units; the units of entry 0 come first, then those of entry 1, and so on. What a draw
over W = all weights draws are units 0 … W − 1. The tree is positional like `merkle`'s; its
inner node = keccak256(left hash ‖ left sum ‖ right hash ‖ right sum), sums as words of 32 bytes, so that the root
commits to every range.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from listener.chain.draw.hashing import bytes32, keccak, word

MAX_TOTAL = 2**64 - 1

Node = tuple[bytes, int]
"""Hash and sum of a node."""


class SumTree:
    """All levels of a tree, so that any number of proofs and look-ups costs little."""

    def __init__(self, leaves: Sequence[bytes], weights: Sequence[int]) -> None:
        check_weights(weights)
        if len(leaves) != len(weights):
            raise ValueError(f"There are {len(leaves)} leaves and {len(weights)} weights: give one for each.")
        for index, leaf in enumerate(leaves):
            bytes32(leaf, f"Leaf {index}")
        self._ends = array("Q", accumulate(weights))
        self._levels = [(b"".join(leaves), array("Q", weights))]
        while len(self._levels[-1][1]) > 1:
            self._levels.append(_level_above(*self._levels[-1]))

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def root(self) -> bytes:
        return self._levels[-1][0]

    @property
    def total(self) -> int:
        """W: the sum of all weights, and the n of the draw."""
        return self._ends[-1]

    def node(self, index: int) -> Node:
        """Leaf hash and weight of the entry at `index`."""
        hashes, sums = self._levels[0]
        self._check(index)
        return hashes[32 * index : 32 * index + 32], sums[index]

    def start(self, index: int) -> int:
        """The first unit of the entry at `index`."""
        self._check(index)
        return self._ends[index - 1] if index else 0

    def entry_with(self, unit: int) -> int:
        """The entry that owns a unit."""
        return entry_with(self._ends, unit)

    def siblings(self, index: int) -> list[Node]:
        """The nodes beside the way from the leaf at `index` up; a promoted node has none on its level."""
        self._check(index)
        found = []
        for hashes, sums in self._levels[:-1]:
            beside = index ^ 1
            if beside < len(sums):
                found.append((hashes[32 * beside : 32 * beside + 32], sums[beside]))
            index >>= 1
        return found

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise IndexError(f"There is no leaf {index}: the tree has leaves 0 to {len(self) - 1}.")


def check_weights(weights: Sequence[int]) -> None:
    """Raise ValueError unless these can be the weights of a list: each at least 1, all together below 2⁶⁴."""
    if not weights:
        raise ValueError("A list without entries has no tree: commit at least one entry.")
    least = min(range(len(weights)), key=weights.__getitem__)
    if weights[least] < 1:
        raise ValueError(f"Entry {least} has weight {weights[least]}: a weight is at least 1.")
    if sum(weights) > MAX_TOTAL:
        raise ValueError(f"The weights add up to {sum(weights)}: at most 2^64 - 1 can be drawn from.")


def entries_with(weights: Sequence[int], units: Sequence[int]) -> list[int]:
    """The entries that own these units, in their order."""
    ends = array("Q", accumulate(weights))
    return [entry_with(ends, unit) for unit in units]


def entry_with(ends: Sequence[int], unit: int) -> int:
    """The entry that owns `unit`, from the running totals of the weights."""
    if not 0 <= unit < ends[-1]:
        raise IndexError(f"There is no unit {unit}: the list has units 0 to {ends[-1] - 1}.")
    return bisect_right(ends, unit)


def locate(
    *, root: bytes, total: int, entries: int, index: int, leaf: Node, siblings: Sequence[Node]
) -> int | None:
    """The first unit of the leaf (hash and weight) at `index` of the tree of `entries` leaves; None when it is not
    there."""
    if not 0 <= index < entries:
        return None
    if any(len(node) != 32 or not 0 <= amount <= MAX_TOTAL for node, amount in (leaf, *siblings)):
        return None
    (node, amount), used, before, last = leaf, 0, 0, entries - 1
    while last:
        promoted = index == last and index % 2 == 0
        if not promoted:
            if used == len(siblings):
                return None
            beside, added = siblings[used]
            used += 1
            if index % 2:
                node = keccak(beside + word(added) + node + word(amount))
                before += added
            else:
                node = keccak(node + word(amount) + beside + word(added))
            amount += added
        index >>= 1
        last >>= 1
    return before if used == len(siblings) and (node, amount) == (root, total) else None


def _level_above(hashes: bytes, sums: "array[int]") -> tuple[bytes, "array[int]"]:
    above = array("Q", (left + right for left, right in zip(sums[::2], sums[1::2], strict=False)))
    words = [amount.to_bytes(32, "big") for amount in sums]
    nodes = [
        keccak(
            hashes[32 * at : 32 * at + 32] + words[at] + hashes[32 * at + 32 : 32 * at + 64] + words[at + 1]
        )
        for at in range(0, len(sums) - 1, 2)
    ]
    if len(sums) % 2:  # an odd last node moves up as it is
        nodes.append(hashes[-32:])
        above.append(sums[-1])
    return b"".join(nodes), above
