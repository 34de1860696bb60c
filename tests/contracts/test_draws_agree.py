"""10,000 random draws, decided by Solidity, Python and TypeScript alike.

The contract's library runs on the fast chain, the web app's own source in one node process.
"""

import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.winners import winners

DRAWS = 10_000
SEED = "TOMBOLA-1"
BATCH = 250
MOST = 2**64 - 1
ROOT = Path(__file__).resolve().parents[2]
GAS = 500_000_000
SECONDS = 120

Draw = tuple[bytes, int, int]


@pytest.fixture(scope="module")
def draws() -> list[Draw]:
    """The same ones in every run; a test that fails names the draw."""
    chance = random.Random(SEED)
    return [_draw(chance, number) for number in range(DRAWS)]


@pytest.fixture(scope="module")
def python(draws: list[Draw]) -> list[list[int]]:
    return [winners(*draw) for draw in draws]


def test_draws__ten_thousand__cover_small_and_largest_lists(draws: list[Draw]) -> None:
    sizes = {n for _, n, _ in draws}
    assert {1, 2, MOST} <= sizes
    assert len(sizes) > DRAWS / 4
    assert any(n == k > 1 for _, n, k in draws), "whole lists too"
    assert max(k for _, _, k in draws) > 200


def test_solidity__ten_thousand_random_draws__decides_as_python(
    winners_harness: Any, draws: list[Draw], python: list[list[int]]
) -> None:
    for first in range(0, DRAWS, BATCH):
        seeds, ns, ks = zip(*draws[first : first + BATCH], strict=True)
        found = winners_harness.digests(list(seeds), list(ns), list(ks), gas=GAS)
        for draw, digest, expected in zip(draws[first:], found, python[first:], strict=False):
            assert bytes(digest) == _digest(expected), draw


def test_typescript__ten_thousand_random_draws__decides_as_python(
    draws: list[Draw], python: list[list[int]]
) -> None:
    asked = "".join(f"0x{seed.hex()} {n} {k}\n" for seed, n, k in draws)
    answer = subprocess.run(
        ["node", "draws.mjs"],
        cwd=ROOT / "frontend",
        input=asked,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert len(lines) == DRAWS
    for draw, line, expected in zip(draws, lines, python, strict=True):
        assert [int(number) for number in line.split()] == expected, draw


def _draw(chance: random.Random, number: int) -> Draw:
    n = next(_sizes(chance, number))
    longest = 400 if number % 100 == 0 else 24
    k = n if n <= longest and chance.random() < 0.2 else chance.randint(1, min(n, longest))
    return chance.randbytes(32), n, k


def _sizes(chance: random.Random, number: int) -> Iterator[int]:
    """Edges first, then small lists, then any length up to 64 bits."""
    edges: Sequence[int] = (1, 2, 3, MOST, MOST - 1, 2**63, 2**63 + 1, 2**32, 2**32 - 1)
    if number < len(edges):
        yield edges[number]
    elif number % 3 == 0:
        yield chance.randint(1, 500)
    else:
        yield chance.randint(1, 2 ** chance.randint(1, 64) - 1)


def _digest(numbers: list[int]) -> bytes:
    return keccak(b"".join(number.to_bytes(32) for number in numbers))
