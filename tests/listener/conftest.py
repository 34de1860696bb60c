"""Roles of the listener's tests: a chain that obeys the test, and a rig that runs the real program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig
from tools.run.postgres import DatabaseUris


@pytest.fixture
def chain() -> Iterator[FakeChain]:
    with FakeChain() as served:
        yield served


@pytest.fixture
def rig(tmp_path: Path, database: DatabaseUris) -> Rig:
    return Rig(tmp_path, database.listener)
