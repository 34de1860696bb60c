"""10,000 random draws, decided by Solidity, Python and TypeScript alike: who wins raffles, contests, weighted ones.

The contracts' own code runs on the fast chain, the web app's own source in one node process.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.sums import SumTree
from tests.contracts.draw_subjects import DRAWS, MOST, PER_SUBJECT, Draw, Subject, subjects
from tests.contracts.kit import RaffleKit

ROOT = Path(__file__).resolve().parents[2]
BATCH = 250
GAS = 500_000_000
SECONDS = 120


@pytest.fixture(scope="module")
def drawn() -> list[Subject]:
    return subjects()


def test_draws__ten_thousand__cover_small_and_largest_lists(drawn: list[Subject]) -> None:
    draws = [(subject.n, draw.k) for subject in drawn for draw in subject.draws]
    assert len(draws) == DRAWS
    assert {1, 2, MOST} <= {n for n, _ in draws}
    assert any(n == k > 1 for n, k in draws), "whole lists too"
    assert max(k for _, k in draws) > 200
    assert any(draw.repeats for subject in drawn for draw in subject.draws), "heavy entries win twice"


def test_solidity__draws_over_bare_numbers__decides_as_python(
    winners_harness: Any, drawn: list[Subject]
) -> None:
    bare = [subject for subject in drawn if not subject.counts and not subject.tree]
    assert len(bare) == DRAWS // 4
    for first in range(0, len(bare), BATCH):
        batch = bare[first : first + BATCH]
        draws = [subject.draws[0] for subject in batch]
        seeds, ks = [draw.seed for draw in draws], [draw.k for draw in draws]
        found = winners_harness.digests(seeds, [subject.n for subject in batch], ks, gas=GAS)
        _same(found, draws, [draw.numbers for draw in draws])


def test_solidity__draws_of_raffles__decides_as_python(
    owners: Any, kit: RaffleKit, buyer: Any, drawn: list[Subject]
) -> None:
    raffles = [subject for subject in drawn if subject.counts]
    assert len(raffles) * PER_SUBJECT == DRAWS // 4
    for subject in raffles:
        raffle_id = kit.create(maxTickets=2**40 - 1, ticketPrice=1)
        for count in subject.counts:
            kit.raffle.buyTickets(raffle_id, count, buyer, sender=buyer, value=count)
        sold = kit.raffle.infoOf(raffle_id).ticketsSold
        assert sold == subject.n
        seeds, ks = _asked(subject)
        found = owners.ofTickets(kit.raffle, raffle_id, sold, seeds, ks, gas=GAS)
        _same(found, subject.draws, [draw.owners for draw in subject.draws])


@pytest.mark.parametrize("weighted", [False, True], ids=["one ticket each", "weighted"])
def test_solidity__draws_of_lists__decides_as_python(
    owners: Any, drawn: list[Subject], weighted: bool
) -> None:
    lists = [subject for subject in drawn if subject.tree and bool(subject.weights) is weighted]
    assert len(lists) * PER_SUBJECT == DRAWS // 4
    for subject in lists:
        seeds, ks = _asked(subject)
        total = subject.n if weighted else 0
        found = owners.ofList(subject.root, total, _entries(subject), seeds, ks, gas=GAS)
        _same(found, subject.draws, [draw.owners for draw in subject.draws])


def test_typescript__every_draw__decides_as_python(drawn: list[Subject]) -> None:
    answer = subprocess.run(
        ["node", "draws.mjs"],
        cwd=ROOT / "frontend",
        input="".join(json.dumps(subject.question) + "\n" for subject in drawn),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert sum(len(line["draws"]) for line in lines) == DRAWS
    for subject, line in zip(drawn, lines, strict=True):
        assert line["root"] == subject.root
        for draw, told in zip(subject.draws, line["draws"], strict=True):
            assert told == draw.told, draw


@pytest.fixture(scope="session")
def owners(project: Any, owner: Any) -> Any:
    return owner.deploy(project.OwnersHarness)


def _asked(subject: Subject) -> tuple[list[bytes], list[int]]:
    return [draw.seed for draw in subject.draws], [draw.k for draw in subject.draws]


def _entries(subject: Subject) -> list[tuple[bytes, int, list[bytes], list[tuple[bytes, int]]]]:
    """Every entry with its proof."""
    tree = subject.tree
    if isinstance(tree, SumTree):
        return [(*tree.node(index), [], tree.siblings(index)) for index in range(len(tree))]
    assert tree is not None
    return [(tree.leaf(index), 1, tree.proof(index), []) for index in range(len(tree))]


def _same(digests: Sequence[bytes], draws: Sequence[Draw], decided: Sequence[Sequence[int] | None]) -> None:
    for digest, draw, numbers in zip(digests, draws, decided, strict=True):
        assert numbers is not None
        assert bytes(digest) == keccak(b"".join(number.to_bytes(32) for number in numbers)), draw
