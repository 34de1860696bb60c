"""The runbook of docs/custody.md has every error the backend writes to its log, and names tests that exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import ROOT

CUSTODY = (ROOT / "docs" / "custody.md").read_text()
RUNBOOK = CUSTODY[CUSTODY.index("## Runbook") :]
SOURCES = [*(ROOT / "backend").rglob("*.py"), ROOT / "listener/logs.py"]
_TO_BE_WOKEN_FOR = {"error", "critical", "exception"}


def errors_of(path: Path) -> Iterator[str]:
    """Names of the events that a module logs as errors, and of those that are sometimes one (`log.log`)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if node.func.attr in _TO_BE_WOKEN_FOR and words and isinstance(words[0], str):
                yield words[0]
            elif node.func.attr == "log" and words and isinstance(words[-1], str):
                yield words[-1]


def test_every_error_of_the_backend__has_its_row() -> None:
    events = {event for path in SOURCES for event in errors_of(path)}
    assert len(events) > 20
    rows = {name for row in RUNBOOK.splitlines() if row.startswith("| `") for name in _names(row)}
    assert events - rows == set()


def test_every_row__is_an_event_of_the_backend() -> None:
    written = "".join(path.read_text() for path in SOURCES)
    rows = {name for row in RUNBOOK.splitlines() if row.startswith("| `") for name in _names(row)}
    assert {name for name in rows if f'"{name}"' not in written} == set()


def test_every_test_named__exists() -> None:
    folder = ROOT / "tests" / "backend"
    threats = CUSTODY[CUSTODY.index("## Threat model") : CUSTODY.index("### What is not prevented")]
    shown = " ".join(row.split(" | ")[-1] for row in threats.splitlines() if row.startswith("| "))
    named = {name for name in re.findall(r"`([\w/]+)`", shown) if name != "tests/backend"}
    assert len(named) > 20
    missing = {
        name for name in named if not (folder / name).is_dir() and not (folder / f"{name}.py").exists()
    }
    assert missing == set()


def _names(row: str) -> list[str]:
    return re.findall(r"`(\w+)`", row.split(" | ")[0])
