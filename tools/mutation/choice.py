"""Which mutants are tried: some of every file, and of every kind in it, always the same."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from tools.mutation.sites import Mutant

LEAST = 2  # of a file, as far as it has so many


def quotas(sizes: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many of each file: in proportion to its size, at least LEAST."""
    total = sum(sizes.values()) or 1
    return {name: min(size, max(LEAST, round(wanted * size / total))) for name, size in sizes.items()}


def in_turn(mutants: Iterable[Mutant], seed: int) -> Iterator[Mutant]:
    """One of each kind, then the next of each kind; inside a kind in an order that only seed and ids decide."""
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        kinds[mutant.kind].append(mutant)
    for queue in kinds.values():
        queue.sort(key=lambda mutant: sha256(f"{seed} {mutant.id}".encode()).digest(), reverse=True)
    while kinds:
        for kind in sorted(kinds):
            yield kinds[kind].pop()
            if not kinds[kind]:
                del kinds[kind]
