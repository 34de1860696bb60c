"""Fixtures for every test package; each starts its server only when a test asks for it."""

from collections.abc import Iterator

import pytest

from tests.support.anvil import Anvil
from tests.support.postgres import PostgresForTests, temporary_postgres
from tools.run.postgres import DatabaseUris


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresForTests]:
    """An embedded PostgreSQL 18 shared by the session."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture
def database(postgres: PostgresForTests) -> Iterator[DatabaseUris]:
    """A fresh database with the schemas and roles of `make run`, dropped after the test."""
    uris = postgres.create_database()
    yield uris
    postgres.drop_database(uris.name)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    """A chain (id 31337) that mines at once, shared by the session."""
    with Anvil() as chain:
        yield chain
