"""A ledger on a fresh database, and people with credits in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.db import make_engine
from tests.backend.ledger.books import Books
from tools.run.postgres import DatabaseUris


@pytest.fixture
async def books(database: DatabaseUris) -> AsyncIterator[Books]:
    """An empty ledger."""
    engine = make_engine(database.backend, pool=20)
    try:
        yield Books(engine, database.backend)
    finally:
        await engine.dispose()
