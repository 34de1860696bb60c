"""A backend that charges for draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    return make_settings(database.backend, [chain.url], tmp_path, prices="on", worker_poll_seconds=0.05)
