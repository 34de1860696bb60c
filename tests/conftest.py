"""Fixtures for every test package; each starts its server only when a test asks for it."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from tests.support.anvil import Anvil
from tests.support.postgres import PostgresForTests, temporary_postgres
from tools.run.postgres import DatabaseUris

# As ape starts its chain: gas is free, and drand is verified by the precompiles of Prague.
APE_CHAIN = ("--steps-tracing", "--block-base-fee-per-gas", "0", "--gas-price", "0", "--hardfork", "prague")

# Nothing of what is imported is garbage: to look through it again and again is a fifth of the time it takes.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """A folder of its own for each session's `tmp_path`.

    pytest's is one for all, and each session that begins takes the right to look into it from everybody else: from the user
    that PostgreSQL runs as, too, in the middle of another session's test.
    """
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ:
        folder = tempfile.mkdtemp(prefix="tombola-")
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage from here on, not among what is there, and as seldom as the listener does.

    Tests of ape run on a chain of ours: theirs takes any port and gives up after 20 s on a busy machine.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    if session.items and session.config.pluginmanager.has_plugin("ape_test"):
        chain = Anvil(arguments=APE_CHAIN)
        session.config.add_cleanup(chain.stop)
        os.environ["APE_FOUNDRY_HOST"] = chain.url


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
