"""10,000 random draws and what Python decides: over bare numbers, tickets of raffles, lists, and weighted lists."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from eth_utils import keccak

from listener.chain.draw.merkle import Tree
from listener.chain.draw.standing import repeats
from listener.chain.draw.sums import SumTree, entry_with
from listener.chain.draw.winners import winners

DRAWS = 10_000
OF_EACH_KIND = DRAWS // 4
PER_SUBJECT = 100
SEED = "TOMBOLA-1"
"""The same draws in every run, on every machine."""
MOST = 2**64 - 1
EDGES = (1, 2, 3, MOST, MOST - 1, 2**63, 2**63 + 1, 2**32, 2**32 - 1)


@dataclass(frozen=True)
class Draw:
    """A draw and who it decides for: winning numbers by rank, their owners, the ranks that repeat an owner."""

    seed: bytes
    k: int
    numbers: Sequence[int]
    owners: Sequence[int] | None = None
    repeats: Sequence[Sequence[int]] | None = None

    @property
    def told(self) -> dict[str, Any]:
        """As TypeScript tells it."""
        return {
            "numbers": [str(number) for number in self.numbers],
            "owners": self.owners,
            "repeats": self.repeats,
        }


@dataclass
class Subject:
    """What is drawn from: n numbers, tickets bought in `counts`, or a list with a tree."""

    n: int
    counts: Sequence[int] = ()
    tree: Tree | SumTree | None = None
    weights: Sequence[int] = ()
    draws: list[Draw] = field(default_factory=list)

    def add(self, seed: bytes, k: int) -> None:
        """One more draw, decided by Python."""
        numbers = winners(seed, self.n, k)
        owners = self._owners(numbers)
        found = [list(pair) for pair in repeats(owners).items()] if owners is not None and self.tree else None
        self.draws.append(Draw(seed, k, numbers, owners, found))

    def _owners(self, numbers: Sequence[int]) -> list[int] | None:
        if self.counts:
            ends = list(accumulate(self.counts))
            return [entry_with(ends, number) for number in numbers]
        if isinstance(self.tree, SumTree):
            return [self.tree.entry_with(number) for number in numbers]
        return list(numbers) if self.tree else None

    @property
    def root(self) -> str | None:
        return "0x" + self.tree.root.hex() if self.tree else None

    @property
    def question(self) -> dict[str, Any]:
        """As TypeScript is asked."""
        asked: dict[str, Any] = {"draws": [["0x" + draw.seed.hex(), draw.k] for draw in self.draws]}
        if self.counts:
            return asked | {"counts": [str(count) for count in self.counts]}
        if self.tree is None:
            return asked | {"n": str(self.n)}
        weights = {"weights": [str(weight) for weight in self.weights]} if self.weights else {}
        return asked | {"entries": len(self.tree)} | weights


def subjects() -> list[Subject]:
    """All of them, with their draws."""
    chance = random.Random(SEED)
    bare = [_bare(chance, number) for number in range(OF_EACH_KIND)]
    rich = [
        make(chance, number)
        for make in (_raffle, _list, _weighted)
        for number in range(OF_EACH_KIND // PER_SUBJECT)
    ]
    for subject in rich:
        for _ in range(PER_SUBJECT):
            subject.add(chance.randbytes(32), chance.randint(1, min(subject.n, 16)))
    return bare + rich


def _bare(chance: random.Random, number: int) -> Subject:
    subject = Subject(next(_sizes(chance, number)))
    longest = 400 if number % 100 == 0 else 24
    whole = subject.n <= longest and chance.random() < 0.2
    subject.add(chance.randbytes(32), subject.n if whole else chance.randint(1, min(subject.n, longest)))
    return subject


def _sizes(chance: random.Random, number: int) -> Iterator[int]:
    """Edges first, then small lists, then any length up to 64 bits."""
    if number < len(EDGES):
        yield EDGES[number]
    elif number % 3 == 0:
        yield chance.randint(1, 500)
    else:
        yield chance.randint(1, 2 ** chance.randint(1, 64) - 1)


def _raffle(chance: random.Random, number: int) -> Subject:
    """Small purchases, where the ends of entries win too, or purchases of very different size."""
    sizes = (1, 2, 3) if number % 2 else (1, 10, 1_000, 10**9)
    counts = [chance.choice(sizes) for _ in range(2 * number + 1)]
    return Subject(sum(counts), counts=counts)


def _list(chance: random.Random, number: int) -> Subject:
    entries = 3 * number + 1
    return Subject(entries, tree=Tree(_leaves(entries)))


def _weighted(chance: random.Random, number: int) -> Subject:
    """Light, mixed and very heavy entries; one list weighs all that 64 bits can tell."""
    most = (1, 9, 1_000, 2**57)[number % 4]
    weights = [chance.randint(1, most) for _ in range(3 * number + 1)]
    if number == 0:
        weights = [MOST]
    tree = SumTree(_leaves(len(weights)), weights)
    return Subject(tree.total, tree=tree, weights=weights)


def _leaves(count: int) -> list[bytes]:
    return [keccak(index.to_bytes(32)) for index in range(count)]
