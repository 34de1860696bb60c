"""Fixtures of the read tests: a chain of facts, and the application over its mirror."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import AsyncClient

from backend.app import create_app
from backend.settings import Settings
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ChainOfFacts, registry_document
from tests.backend.reads.graphql_kit import tell
from tests.backend.reads.stories import raffle_created
from tests.backend.world import make_settings
from tools.run.postgres import DatabaseUris

NOWHERE = "http://127.0.0.1:1"
"""Reads ask no node; this one would refuse."""


@pytest.fixture
def facts(database: DatabaseUris) -> Iterator[ChainOfFacts]:
    """A chain without blocks yet."""
    chain = ChainOfFacts(database.listener)
    yield chain
    chain.close()


@pytest.fixture
def chain_with_a_raffle(facts: ChainOfFacts) -> ChainOfFacts:
    """A chain of one block, which made raffle 1."""
    facts.block(raffle_created())
    return facts


@pytest.fixture
def settings(database: DatabaseUris, tmp_path: Path) -> Settings:
    """Settings of a backend that knows the real contracts and reaches no node."""
    return make_settings(database.backend, [NOWHERE], tmp_path, registry=registry_document())


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The HTTP application, started."""
    made = create_app(settings)
    async with LifespanManager(made):
        yield made


@pytest.fixture
async def told(client: AsyncClient, facts: ChainOfFacts) -> AsyncClient:
    """Somebody who asks a mirror with something of everything in it."""
    tell(facts)
    return client


@pytest.fixture
async def olga(app: FastAPI, facts: ChainOfFacts) -> AsyncIterator[Person]:
    """An organiser, on a chain that has a block."""
    facts.block()
    person = await sign_up(app, "olga")
    yield person
    await person.http.aclose()


@pytest.fixture
async def otto(app: FastAPI) -> AsyncIterator[Person]:
    """Somebody else with an account."""
    person = await sign_up(app, "otto")
    yield person
    await person.http.aclose()
