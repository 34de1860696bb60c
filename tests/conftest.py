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


@pytest.fixture(scope="session")
def template(postgres: PostgresForTests) -> str:
    """Name of the database that every test's own one is a copy of; a package may have another."""
    return postgres.create_database().name


@pytest.fixture
def database(postgres: PostgresForTests, template: str) -> Iterator[DatabaseUris]:
    """A fresh database with the schemas and roles of `make run`, dropped after the test."""
    uris = postgres.clone_database(template)
    yield uris
    postgres.drop_database(uris.name)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    """A chain (id 31337) that mines at once, shared by the session."""
    with Anvil() as chain:
        yield chain
