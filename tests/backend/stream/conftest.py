"""Fixtures of the stream's tests: a chain of facts, and a server over its mirror that is reached over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.reads.facts import ChainOfFacts, registry_document
from tests.backend.serving import Served, serve
from tests.backend.world import make_settings
from tools.run.postgres import DatabaseUris

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def settings(database: DatabaseUris, tmp_path: Path) -> Settings:
    """Settings of a backend that knows the real contracts, reaches no node, and lets nobody wait long."""
    made = make_settings(database.backend, [NOWHERE], tmp_path, registry=registry_document())
    return made.model_copy(update={"stream_check_seconds": 0.05, "stream_heartbeat_seconds": 0.3})


@pytest.fixture
async def served(settings: Settings, facts: ChainOfFacts) -> AsyncIterator[Served]:
    """A server over that chain."""
    async with serve(settings) as running:
        yield running
