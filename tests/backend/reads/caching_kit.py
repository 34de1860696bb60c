"""What tests of the cache look at: statements, counters, and whether the head of the mirror is known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from sqlalchemy import event

from backend.app import create_app
from backend.settings import Settings
from tests.backend.reads.facts import address
from tests.support.waiting import wait_until_async

ANA = address(0xB1)
ONE, LIST = "/api/v1/raffles/1", "/api/v1/raffles"
CROWD = 200


@contextmanager
def statements(app: FastAPI, about: str = "") -> Iterator[list[str]]:
    """Those that the application's pool sends, of which the text holds `about`."""
    sent: list[str] = []
    engine = app.state.services.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if about in statement:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def counted(how: str, read: str = "list_raffles") -> float:
    """How many answers of a read came from there."""
    return REGISTRY.get_sample_value("tombola_cache_answers_total", {"read": read, "how": how}) or 0.0


@asynccontextmanager
async def api(settings: Settings, **changes: Any) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """Another API process, following the mirror."""
    made = create_app(settings.model_copy(update=changes))
    transport = ASGITransport(made, raise_app_exceptions=False)
    async with LifespanManager(made), AsyncClient(transport=transport, base_url="http://tombola.test") as c:
        await follows(made)
        yield made, c


async def follows(app: FastAPI) -> None:
    """Wait until the application knows the head of the mirror."""

    async def known() -> bool:
        return await app.state.services.cache.key_now("-") is not None

    await wait_until_async(known, 30, what="the head of the mirror")
