"""A Stripe that can misbehave, and an application that is set up for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.payments.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer
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
