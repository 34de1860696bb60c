"""A thousand who wait for one answer take one place; a thousand who want different ones are too many."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client import REGISTRY

from backend import mirror as module
from backend.mirror import open_snapshot
from backend.settings import Settings
from tests.backend.reads.caching_kit import LIST, counted, follows
from tests.backend.reads.facts import ChainOfFacts
from tests.support.waiting import wait_until_async

CROWD = 1_000
AT_ONCE, INSIDE = 250, CROWD


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The limit as it is; as many may wait as come."""
    assert settings.requests_at_once == AT_ONCE
    changes = {"requests_inside": INSIDE, "requests_per_minute_per_network": 10 * CROWD}
    return settings.model_copy(update=changes)


async def test_crowd__for_one_answer_is_served__for_different_ones_only_as_many_as_there_are_places(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follows(app)
    go_on = asyncio.Event()

    @asynccontextmanager
    async def slow(engine: Any) -> AsyncIterator[Any]:
        await go_on.wait()
        async with open_snapshot(engine) as found:
            yield found

    monkeypatch.setattr(module, "open_snapshot", slow)
    before = counted("waited")
    crowd = [asyncio.create_task(client.get(LIST)) for _ in range(CROWD)]

    async def all_wait() -> bool:
        return counted("waited") == before + CROWD - 1

    await wait_until_async(all_wait, 60, what="a crowd that waits")
    assert places() == 1
    assert (await client.get("/api/v1/config")).status_code == 503, "as many are inside as may be"
    go_on.set()
    answers = await asyncio.gather(*crowd)
    assert Counter(answer.status_code for answer in answers) == {200: CROWD}
    assert len({answer.content for answer in answers}) == 1

    go_on.clear()
    different = [asyncio.create_task(client.get(f"{LIST}/{number}")) for number in range(1, CROWD + 1)]

    async def too_many() -> bool:
        return sum(one.done() for one in different) == CROWD - AT_ONCE

    await wait_until_async(too_many, 60, what="the surplus refused")
    assert places() == AT_ONCE
    go_on.set()
    codes = Counter(answer.status_code for answer in await asyncio.gather(*different))
    assert codes == {503: CROWD - AT_ONCE, 200: 1, 404: AT_ONCE - 1}
    assert places() == 0


def places() -> float:
    return REGISTRY.get_sample_value("tombola_requests_under_way") or 0.0
