"""All five platforms as stand-ins, and an application that is registered with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from backend.connectors import fetching
from backend.settings import Settings
from tests.backend.connectors.using import Platforms, registrations, sign_up
from tests.backend.world import make_settings
from tests.platforms.meta import FacebookServer, InstagramServer
from tests.platforms.stand_in import StandIn
from tests.platforms.tiktok import TikTokServer
from tests.platforms.x import XServer
from tests.platforms.youtube import YouTubeServer
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
async def platforms() -> AsyncIterator[Platforms]:
    async with (
        InstagramServer() as instagram,
        FacebookServer() as facebook,
        XServer() as x,
        TikTokServer() as tiktok,
        YouTubeServer() as youtube,
    ):
        servers: list[StandIn] = [instagram, facebook, x, tiktok, youtube]
        yield {one.platform: one for one in servers}


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path, platforms: Platforms) -> Settings:
    return make_settings(
        database.backend,
        [chain.url],
        tmp_path,
        connector_hosts={origin: url for one in platforms.values() for origin, url in one.hosts.items()},
        connector_timeout_seconds=3.0,
        worker_poll_seconds=0.05,
        **registrations(),
    )


@pytest.fixture
async def ada(client: AsyncClient) -> str:
    """Somebody signed in; their id."""
    return await sign_up(client)


@pytest.fixture(autouse=True)
def _without_dawdling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are not what is tested."""
    monkeypatch.setattr(fetching, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(fetching, "MISS_PAUSE", 0.001)
