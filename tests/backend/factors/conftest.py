"""People for the tests of second factors."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from backend.services import Services
from tests.backend.factors.person import Clock, Someone


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of one-time codes."""
    return Clock.install(monkeypatch)


@pytest.fixture
async def ada(client: AsyncClient, services: Services, clock: Clock) -> Someone:
    """Signed in with a password, and stepped up with it."""
    someone = await Someone(client, services, clock, "ada@example.org").register()
    return await someone.step_up()


@pytest.fixture
async def eve(client: AsyncClient, services: Services, clock: Clock) -> Someone:
    """Somebody else."""
    someone = await Someone(client, services, clock, "eve@example.org").register()
    return await someone.step_up()
