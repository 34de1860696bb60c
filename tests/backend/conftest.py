"""Fixtures of the backend's tests: one chain with quick blocks, a world for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from backend.app import create_app
from backend.migrate import migrate
from backend.services import Services
from backend.settings import Settings
from tests.backend import stubs
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.redis_server import Redis
from tests.backend.world import World, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.postgres import PostgresForTests
from tools.run.postgres import DatabaseUris


@pytest.fixture(scope="session")
def chain() -> Iterator[Anvil]:
    """A chain with a block every 0.1 s; final is two blocks below the head."""
    with Anvil(block_time=0.1) as anvil:
        yield anvil


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Readable lines; a traceback without the locals, whose printing takes seconds."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@pytest.fixture(scope="session")
def template(postgres: PostgresForTests) -> str:
    """A migrated database."""
    uris = postgres.create_database()
    migrate(uris.backend)
    return uris.name


@pytest.fixture(scope="session")
def mirrored_template(postgres: PostgresForTests, template: str) -> str:
    """A migrated database with an empty mirror of the real contracts."""
    uris = postgres.clone_database(template)
    ChainOfFacts(uris.listener).close()
    return uris.name


@pytest.fixture
def database(request: pytest.FixtureRequest, postgres: PostgresForTests) -> Iterator[DatabaseUris]:
    """A migrated database of the test's own; where it asks for facts, with the tables that they go into."""
    has_facts = "facts" in request.fixturenames
    uris = postgres.clone_database(request.getfixturevalue("mirrored_template" if has_facts else "template"))
    yield uris
    postgres.drop_database(uris.name)


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    """Settings of a backend on a fresh database."""
    return make_settings(database.backend, [chain.url], tmp_path)


@pytest.fixture
def facts(database: DatabaseUris) -> Iterator[ChainOfFacts]:
    """A mirror with one block, and nothing in it."""
    mirrored = ChainOfFacts(database.listener)
    mirrored.block()
    yield mirrored
    mirrored.close()


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    """A Redis server in this process."""
    server = Redis()
    yield server
    server.stop()


@pytest.fixture
async def world(settings: Settings, chain: Anvil) -> AsyncIterator[World]:
    """Services with nobody in them yet."""
    async with open_world(settings, chain) as opened:
        yield opened


@pytest.fixture
async def app(settings: Settings, chain: Anvil) -> AsyncIterator[FastAPI]:
    """The HTTP application, started."""
    stubs.install(chain)
    made = create_app(settings)
    async with LifespanManager(made):
        yield made


@pytest.fixture
def services(app: FastAPI) -> Services:
    """What the application runs on."""
    found: Services = app.state.services
    return found


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody's browser."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://tombola.test") as opened:
        yield opened
