"""A Stripe that can misbehave, an application that is set up for it, and people with accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.services import Services
from backend.settings import Settings
from tests.backend.payments.buyer import Buyer, arrive
from tests.backend.payments.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer
from tests.backend.test_auth import step_up
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
async def stripe_server() -> AsyncIterator[StripeServer]:
    async with StripeServer() as served:
        yield served


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path, stripe_server: StripeServer) -> Settings:
    return make_settings(
        database.backend,
        [chain.url],
        tmp_path,
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secret=WEBHOOK_SECRET,
        stripe_api_url=stripe_server.url,
        worker_poll_seconds=0.05,
    )


@pytest.fixture
async def ada(client: AsyncClient, services: Services, stripe_server: StripeServer) -> Buyer:
    return await arrive(client, services, stripe_server, "ada@example.org")


@pytest.fixture
async def ben(client: AsyncClient, services: Services, stripe_server: StripeServer) -> Buyer:
    return await arrive(client, services, stripe_server, "ben@example.org")


@pytest.fixture
async def admin(client: AsyncClient, services: Services, stripe_server: StripeServer) -> Buyer:
    """An administrator who stepped up."""
    root = await arrive(client, services, stripe_server, "root@example.org")
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET role = 'admin' WHERE id = :id"), {"id": root.id})
    await step_up(client, root.header)
    return root
