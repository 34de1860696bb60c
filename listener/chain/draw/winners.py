"""Seed, n and k → winning numbers: a Fisher–Yates shuffle of 0 … n − 1 stopped after k steps.

`H(j, a) = keccak256(seed ‖ be256(j·2⁶⁴ + a))`; `U(j, m)` is `H mod m` of the first `H(j, 0), H(j, 1), …` that
is at least `2²⁵⁶ mod m`, which makes it exactly uniform. Step j swaps positions j and `j + U(j, n − j)`; the
number that lands at position j wins rank j.
"""

from listener.chain.draw.hashing import bytes32, keccak

MAX_N = 2**64 - 1
MAX_K = 2**32 - 1


def uniform(seed: bytes, j: int, m: int) -> int:
    """`U(j, m)`: the number below `m` (1 … 2²⁵⁶) that step `j` draws."""
    if m <= 0:
        raise ValueError(f"Cannot draw below {m}: the bound must be at least 1.")
    refused_below = 2**256 % m
    counter = j << 64
    while True:
        value = int.from_bytes(keccak(seed + counter.to_bytes(32, "big")), "big")
        if value >= refused_below:
            return value % m
        counter += 1


def winners(seed: bytes, n: int, k: int) -> list[int]:
    """The winning numbers of ranks 0 … k − 1 among n, in O(k) time and memory."""
    _check(seed, n, k)
    moved: dict[int, int] = {}  # positions whose content a swap changed
    drawn: list[int] = []
    for j in range(k):
        x = j + uniform(seed, j, n - j)
        drawn.append(moved.get(x, x))
        moved[x] = moved.get(j, j)
    return drawn


def winner_at(seed: bytes, n: int, rank: int) -> int:
    """The winning number of one rank, in O(rank) time without memory (as the contract finds it)."""
    _check(seed, n, rank + 1)
    position = rank + uniform(seed, rank, n - rank)
    for j in range(rank - 1, -1, -1):
        if position == j + uniform(seed, j, n - j):
            position = j
    return position


def _check(seed: bytes, n: int, k: int) -> None:
    bytes32(seed, "The seed")
    if not 1 <= n <= MAX_N:
        raise ValueError(f"Cannot draw among {n}: the number of entries must be 1 to 2^64 - 1.")
    if not 1 <= k <= min(n, MAX_K):
        raise ValueError(
            f"Cannot draw {k} winners among {n}: draw at least 1 and no more than there are entries."
        )
