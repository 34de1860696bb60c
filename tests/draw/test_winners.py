"""Winning numbers against the shared vectors and against the plain shuffle."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw.hashing import keccak, word
from listener.chain.draw.winners import uniform, winner_at, winners

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(Path("tests/vectors/draws.json").read_text())
SEEDS = st.binary(min_size=32, max_size=32)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("case", VECTORS["winners"], ids=lambda case: f"n={case['n']},k={case['k']}")
def test_winners__vector__equal(case: dict[str, Any]) -> None:
    seed, n = _bytes(case["seed"]), int(case["n"])

    drawn = winners(seed, n, case["k"])

    assert drawn == [int(number) for number in case["winners"]]
    assert keccak(b"".join(map(word, drawn))) == _bytes(case["hash"])
    assert [winner_at(seed, n, rank) for rank in range(case["k"])] == drawn


@pytest.mark.parametrize(
    "case", VECTORS["uniform"], ids=lambda case: f"attempts={case['attempts']},j={case['j']}"
)
def test_uniform__vector_with_retries__equal(case: dict[str, Any]) -> None:
    assert uniform(_bytes(case["seed"]), case["j"], int(case["m"], 16)) == int(case["result"], 16)


def _plain_shuffle(seed: bytes, n: int, k: int) -> list[int]:
    numbers = list(range(n))
    for j in range(k):
        x = j + uniform(seed, j, n - j)
        numbers[j], numbers[x] = numbers[x], numbers[j]
    return numbers[:k]


@given(SEEDS, st.integers(1, 60), st.data())
def test_winners__any_draw__equal_to_the_plain_shuffle(seed: bytes, n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))

    drawn = winners(seed, n, k)

    assert drawn == _plain_shuffle(seed, n, k)
    assert [winner_at(seed, n, rank) for rank in range(k)] == drawn


@given(SEEDS, st.integers(1, 2**64 - 1), st.integers(1, 40))
def test_winners__any_draw__distinct_in_range_and_a_prefix_of_the_next(seed: bytes, n: int, k: int) -> None:
    k = min(n, k)

    drawn = winners(seed, n, k)

    assert len(set(drawn)) == k
    assert all(0 <= number < n for number in drawn)
    assert winners(seed, n, min(n, k + 1))[:k] == drawn


@pytest.mark.parametrize(("n", "k"), [(0, 1), (2**64, 1), (5, 0), (5, 6), (2**33, 2**32)])
def test_winners__out_of_range__refused(n: int, k: int) -> None:
    with pytest.raises(ValueError, match="Cannot draw"):
        winners(bytes(32), n, k)


def test_winners__seed_of_wrong_length__refused() -> None:
    with pytest.raises(ValueError, match="31 bytes instead of 32"):
        winners(bytes(31), 5, 1)


def test_winners__ten_thousand_of_a_million__are_distinct() -> None:
    drawn = winners(keccak(b"many"), 1_000_000, 10_000)

    assert len(set(drawn)) == 10_000
