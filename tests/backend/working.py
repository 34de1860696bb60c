"""A worker in the test's own process, and what it did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from backend.jobs.process import work
from backend.services import Services
from tests.support.waiting import wait_until_async


@asynccontextmanager
async def worker(services: Services) -> AsyncIterator[None]:
    """Works while the block runs."""
    stop = asyncio.Event()
    running = asyncio.create_task(work(services, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def value(services: Services, statement: str, **parameters: Any) -> Any:
    """One value from the database."""
    async with services.engine.connect() as db:
        return await db.scalar(text(statement), parameters)


async def comes_true(services: Services, statement: str, timeout: float = 60, **parameters: Any) -> None:
    """Wait until a query answers something that counts as true."""

    async def true() -> bool:
        return bool(await value(services, statement, **parameters))

    await wait_until_async(true, timeout, what=statement)
