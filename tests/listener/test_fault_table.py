"""docs/listener-faults.md and the tests it names: neither may go without the other."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "listener-faults.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
# Every test of these files injects a fault, so each has its line in the table.
WHOLE = (
    "test_anvil_faults.py",
    "test_crashes.py",
    "test_database.py",
    "test_fork_races.py",
    "test_forks.py",
    "test_hostile_data.py",
    "test_leader.py",
    "test_limits.py",
    "test_notices.py",
    "test_providers.py",
    "test_wrong_logs.py",
)


def functions_of(name: str) -> set[str]:
    """Names of the test functions of a file; none where there is no such file."""
    path = HERE / name
    if not path.exists():
        return set()
    nodes = ast.parse(path.read_text()).body
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name for node in functions if node.name.startswith("test_")}


def named() -> list[tuple[str, str]]:
    return NAMED.findall(PAGE.read_text())


def test_table__every_test_it_names__exists() -> None:
    assert [f"{name}::{test}" for name, test in named() if test not in functions_of(name)] == []


@pytest.mark.parametrize("name", WHOLE)
def test_table__every_test_of_a_fault__is_named(name: str) -> None:
    assert functions_of(name) - {test for file, test in named() if file == name} == set()


def test_table__every_row__names_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    bare = [row for row in rows if not NAMED.search(row) and "---" not in row and "| Test |" not in row]
    assert bare == []
    assert len(rows) > 60
