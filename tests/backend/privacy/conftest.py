"""Somebody with a past, a stranger, and staff, in one application with a mirror."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import AsyncClient

from backend.services import Services
from backend.settings import Settings
from tests.backend.reads.facts import ChainOfFacts, registry_document
from tests.backend.test_erasure import Person, person, run
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path, facts: ChainOfFacts) -> Settings:
    """Settings of a backend that knows the real contracts and reaches a chain without them."""
    return make_settings(
        database.backend,
        [chain.url],
        tmp_path,
        registry=registry_document(),
        webhook_private_targets=True,
        changes_per_minute_per_user=10_000,
    )


@pytest.fixture
async def ada(client: AsyncClient) -> Person:
    return await person(client, "ada@example.org")


@pytest.fixture
async def bob(client: AsyncClient) -> Person:
    return await person(client, "bob.the.stranger@example.org")


@pytest.fixture
async def admin(client: AsyncClient, services: Services) -> Person:
    made = await person(client, "root@example.org")
    await run(services, "UPDATE app.\"user\" SET role = 'admin' WHERE id = :id", id=made.id)
    return made
