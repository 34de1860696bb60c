"""Who answered which reads, and an API under traffic, for the story of a replica."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from sqlalchemy import text

from backend.app import create_app
from backend.replica.replica import Replica
from backend.settings import Settings
from listener.mirror.reads import raffles
from tests.backend.backup_kit import Cluster
from tests.backend.reads.caching_kit import LIST, ONE
from tests.backend.reads.facts import shown
from tests.backend.reads.graphql_kit import ANA
from tests.backend.standby_kit import Standby
from tests.support.waiting import wait_until_async


class Reads:
    """How many reads each server answered, and why the primary did, since the last look."""

    def __init__(self) -> None:
        self._before = self._now()

    def since(self) -> dict[str, int]:
        """By `replica`, `primary`, and why."""
        before, self._before = self._before, self._now()
        return dict(self._before - before)

    def _now(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for metric in REGISTRY.collect():
            for sample in metric.samples:
                if sample.name in ("tombola_reads_total", "tombola_replica_passed_over_total"):
                    (label,) = sample.labels.values()
                    found[label] = round(sample.value)
        return found


async def used(replica: Replica | None, *, is_used: bool = True) -> None:
    """Wait until reads ask it, or do not."""
    assert replica is not None

    async def so() -> bool:
        return replica.is_used is is_used

    await wait_until_async(so, 30, what=f"the replica used: {is_used}")


async def conflict(
    primary: Cluster, standby: Standby, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read on the standby that stands in the way of its replay."""
    page, pause = raffles.page, [text("SELECT pg_sleep(60)")]

    async def slow(db: Any, *given: Any, **more: Any) -> Any:
        while pause:
            await db.execute(pause.pop())
        return await page(db, *given, **more)

    async def sleeps() -> bool:
        running = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        return bool(await asyncio.to_thread(standby.ask, running) == 1)

    def clean_up() -> None:
        with psycopg.connect(primary.uris.superuser, autocommit=True) as db:
            db.execute("CREATE TABLE public.litter AS SELECT generate_series(1, 1000) AS n")
            db.execute("DELETE FROM public.litter")
            db.execute("VACUUM public.litter")

    with monkeypatch.context() as patching:
        patching.setattr(raffles, "page", slow)
        reading = asyncio.create_task(client.get(f"{LIST}?limit=99"))
        await wait_until_async(sleeps, 30, what="the read on the standby")
        await asyncio.to_thread(clean_up)
        assert (await reading).status_code == 200


async def newer_code(primary: Cluster, client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read of what a migration has just made."""
    page = raffles.page
    with psycopg.connect(primary.uris.superuser, autocommit=True) as db:
        db.execute("CREATE TABLE public.newer AS SELECT 1 AS n")
        db.execute("GRANT SELECT ON public.newer TO backend")

    async def migrated(db: Any, *given: Any, **more: Any) -> Any:
        await db.execute(text("SELECT n FROM public.newer"))
        return await page(db, *given, **more)

    with monkeypatch.context() as patching:
        patching.setattr(raffles, "page", migrated)
        assert (await client.get(f"{LIST}?limit=97")).status_code == 200


@asynccontextmanager
async def hurried(settings: Settings) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """An API that keeps nothing."""
    made = create_app(settings)
    transport = ASGITransport(made, raise_app_exceptions=False)
    async with (
        LifespanManager(made),
        AsyncClient(transport=transport, base_url="http://tombola.test") as client,
    ):
        yield made, client


@asynccontextmanager
async def traffic(client: AsyncClient) -> AsyncIterator[Counter[int]]:
    """Two who read without a pause, and never see an older block than before; yields which statuses they got."""
    statuses: Counter[int] = Counter()
    paths = (ONE, LIST, "/api/v1/tokens", "/api/v1/raffles/1/winners", f"/api/v1/accounts/{shown(ANA)}")

    async def read(number: int) -> None:
        seen = 0
        while True:
            for path in (*paths[number:], *paths[:number]):
                answer = await client.get(path)
                statuses[answer.status_code] += 1
                before, seen = seen, answer.json().get("as_of_block", 0)
                assert seen >= before, path

    tasks = [asyncio.create_task(read(number)) for number in range(2)]
    try:
        yield statuses
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
