"""The application over a mirror of facts, whose blocks are of days that are over: only those can be final."""

from __future__ import annotations

import pytest

from tests.backend.analytics.expected import days_ago
from tests.backend.reads import facts as facts_of_tests
from tests.backend.reads.conftest import app, facts, olga, otto, settings

__all__ = ["app", "facts", "olga", "otto", "past", "settings"]


@pytest.fixture(autouse=True)
def past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block 0 is sixty days old."""
    monkeypatch.setattr(facts_of_tests, "GENESIS", days_ago(60))
