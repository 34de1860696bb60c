"""Long lists in transactions that stay under a part of the block's gas."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from scripts._sending import SendError

Item = TypeVar("Item")
GasOf = Callable[[Sequence[Item]], int]


def next_batch(items: Sequence[Item], most: int, per_item: int, gas_of: GasOf[Item]) -> Sequence[Item]:
    """The first items that fit in `most` gas by what `gas_of` says; `per_item` is where it begins to guess.

    Raises SendError when one alone does not fit.
    """
    size = min(len(items), max(1, most // per_item))
    while True:
        needed = gas_of(items[:size])
        if needed <= most:
            return items[:size]
        if size == 1:
            raise SendError(f"One alone needs {needed:,} gas, above the cap of {most:,}: raise --gas-part.")
        size = max(1, min(size - 1, size * most // needed))


__all__ = ["next_batch"]
