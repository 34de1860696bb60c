"""docs/contracts.md says what is so: sizes, who may do what, and which tests show it."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.sizes import sizes
from tests.contracts.trees import FOLDER, Block, Node, deployed, load
from tests.evm.build import Build

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "contracts.md").read_text()
CODE = re.compile(r"`([^`]+)`")
OTHERS = [
    "Allowed",
    "Beneficiary",
    "Buyer",
    "Claimant",
    "Coordinator",
    "Creator",
    "Factory",
    "Guardian",
    "Organiser",
    "Proposed",
    "Publisher",
    "Winner",
]
REFUSAL = re.compile(
    rf"^reverts \w+(UnauthorizedA|UnauthorizedCaller$|OnlyExecutor|Not({'|'.join(OTHERS)})$)"
)
ROUNDED = 400  # bytes that a size in the text may be off


class Row(NamedTuple):
    """Who may call some functions of a contract, and the error that everybody else gets."""

    contract: str
    who: str
    functions: list[str]
    error: str | None


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    lines = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def roles() -> list[Row]:
    return [
        Row(contract.strip("`"), who, CODE.findall(may), next(iter(CODE.findall(other)), None))
        for contract, who, may, other in table("Who may do what")
    ]


def outcomes(node: Node) -> set[str]:
    if not node.children:
        return {node.text}
    return set().union(*(outcomes(child) for child in node.children))


def blocks(contract: str) -> list[tuple[Block, set[str]]]:
    """What the trees of a contract say of its functions."""
    found = [tree for tree in load().values() if contract in tree.contracts]
    return [(block, outcomes(block.root)) for tree in found for block in tree.blocks]


def test_sizes__every_deployed_contract__is_described_with_about_its_size() -> None:
    described = {name.strip("`"): int(size.replace(",", "")) for name, size, _ in table("What each does")}
    measured = {name: code for name, (code, _) in sizes().items()}
    assert described.keys() == measured.keys()
    assert {
        name: measured[name] for name, size in described.items() if abs(measured[name] - size) > ROUNDED
    } == {}


def test_roles__every_function_that_changes_something__stands_in_the_table_once() -> None:
    artifacts = Build().artifacts
    changing = Counter(
        {
            f"{contract}.{entry['name']}"
            for contract in deployed()
            for entry in artifacts[contract]["abi"]
            if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
        }
    )
    assert Counter(f"{row.contract}.{name}" for row in roles() for name in row.functions) == changing


@pytest.mark.parametrize(
    "row", [row for row in roles() if row.error], ids=lambda row: f"{row.contract}, {row.who}"
)
def test_roles__others_are_refused__is_an_outcome_in_the_condition_trees(row: Row) -> None:
    shown = {
        name
        for block, found in blocks(row.contract)
        if f"reverts {row.error}" in found
        for name in block.functions
    }
    assert set(row.functions) - shown == set()


def test_roles__an_outcome_refuses_a_caller__stands_in_the_table() -> None:
    known = {(f"reverts {row.error}", name) for row in roles() for name in row.functions}
    missing = {
        f"{contract}: {', '.join(block.functions)} {outcome}"
        for contract in deployed()
        for block, found in blocks(contract)
        for outcome in filter(REFUSAL.search, found)
        if not any((outcome, name) in known for name in block.functions)
    }
    assert missing == set()


def shown() -> list[tuple[Path, str | None]]:
    """The files of tests that stand in the text, each followed by the tests of it that are named."""
    found: list[tuple[Path, str | None]] = []
    for word in CODE.findall(TEXT):
        if word.endswith((".py", ".test.ts")):
            found.append((where(word), None))
        elif word.startswith("test_"):
            found.append((found[-1][0], word))
    return found


def where(file: str) -> Path:
    if file.startswith("machines/"):
        return ROOT / "tests" / file
    return ROOT / file if "/" in file else FOLDER / file


def test_threats__every_test_that_is_named__exists() -> None:
    named = [(file, test) for file, test in shown() if test is not None]
    assert len(named) > 100
    assert [str(file) for file, _ in shown() if not file.exists()] == []
    assert [f"{file.name}: {test}" for file, test in named if f"def {test}(" not in file.read_text()] == []
