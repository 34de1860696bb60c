"""TOMBOLA-1 in Solidity against the shared vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from listener.chain.draw.winners import winners

VECTORS = json.loads(Path("tests/vectors/draws.json").read_text())
NO_RANK = 2**32 - 1


@pytest.mark.parametrize("vector", VECTORS["winners"], ids=lambda v: f"n={v['n']},k={v['k']}")
def test_winners__every_vector__agrees(winners_harness: Any, vector: dict[str, Any]) -> None:
    seed, n, k = vector["seed"], int(vector["n"]), vector["k"]
    expected = [int(winner) for winner in vector["winners"]]
    assert winners_harness.winners(seed, n, k) == expected
    for rank in {0, k // 2, k - 1}:
        assert winners_harness.winnerAt(seed, n, rank) == expected[rank]
        assert winners_harness.rankOf(seed, n, k, expected[rank]) == rank


@pytest.mark.parametrize("vector", VECTORS["uniform"], ids=lambda v: f"attempts={v['attempts']}")
def test_uniform__every_vector__agrees(winners_harness: Any, vector: dict[str, Any]) -> None:
    result = winners_harness.uniform(vector["seed"], vector["j"], int(vector["m"], 16))
    assert result == int(vector["result"], 16)


@pytest.mark.parametrize("n", [1, 2, 7, 33])
def test_winners__whole_list__is_a_permutation_and_its_inverse(winners_harness: Any, n: int) -> None:
    seed = n.to_bytes(32, "big")
    drawn = winners_harness.winners(seed, n, n)
    assert sorted(drawn) == list(range(n))
    assert [winners_harness.winnerAt(seed, n, rank) for rank in range(n)] == drawn
    assert [winners_harness.rankOf(seed, n, n, number) for number in drawn] == list(range(n))


def test_winners__fewer_ranks__is_a_prefix(winners_harness: Any) -> None:
    seed = b"\x07" * 32
    longest = winners_harness.winners(seed, 50, 50)
    for k in (0, 1, 2, 3, 17, 49):
        assert winners_harness.winners(seed, 50, k) == longest[:k]


def test_rank_of__number_not_drawn_or_beyond_n__has_none(winners_harness: Any) -> None:
    seed = b"\x09" * 32
    drawn = set(winners_harness.winners(seed, 20, 5))
    for number in {0, 5, 19} - drawn | {20, 2**64 - 1}:
        assert winners_harness.rankOf(seed, 20, 5, number) == NO_RANK


def test_winners__ten_thousand_ranks_of_a_million__agrees_with_python(winners_harness: Any) -> None:
    seed = b"\x42" * 32
    assert winners_harness.winners(seed, 1_000_000, 10_000) == winners(seed, 1_000_000, 10_000)


def test_winner_at__hundredth_rank__costs_little(winners_harness: Any) -> None:
    seed = b"\x01" * 32
    first = winners_harness.gasOfWinnerAt(seed, 10_000, 0)
    hundredth = winners_harness.gasOfWinnerAt(seed, 10_000, 100)
    assert first < 400
    assert (hundredth - first) / 100 < 245
