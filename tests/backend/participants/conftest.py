"""The fixtures of the reads (a chain of facts, no node), and an organiser."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.backend.reads.conftest import app, facts, olga, settings

__all__ = ["app", "facts", "olga", "settings"]


@pytest.fixture(autouse=True)
def stack_of_production() -> Iterator[None]:
    """py_ecc, which only tests and tools import, lets Python recurse so far that deep JSON exhausts the stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, 1_000))
    yield
    sys.setrecursionlimit(limit)
