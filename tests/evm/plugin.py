"""Fixtures for tests on the fast chain; a conftest imports them: `from tests.evm.plugin import *`."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.evm.build import Build
from tests.evm.chain import Accounts, Chain, Project, open_chain

__all__ = ["accounts", "anvil_chain", "build", "chain", "isolation", "open_another", "project"]


@pytest.fixture(scope="session")
def build() -> Build:
    """The compiled contracts."""
    return Build()


@pytest.fixture(scope="session")
def chain(build: Build) -> Iterator[Chain]:
    """The chain that the session's contracts are deployed on."""
    opened = open_chain(build)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def anvil_chain(build: Build) -> Iterator[Chain]:
    """A second chain, always on anvil: BLS precompiles, EIP-7702, exact gas. Has `accounts` and `project`."""
    opened = open_chain(build, "anvil")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def accounts(chain: Chain) -> Accounts:
    return chain.accounts


@pytest.fixture(scope="session")
def project(chain: Chain) -> Project:
    return chain.project


@pytest.fixture
def open_another(build: Build) -> Iterator[Callable[..., Chain]]:
    """Opens chains for one test: `open_another(chain_id=137)`."""
    opened: list[Chain] = []

    def open_one(**options: Any) -> Chain:
        opened.append(open_chain(build, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(autouse=True)
def isolation(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test starts from what the session's fixtures deployed."""
    names = {"chain", "anvil_chain"} & set(request.fixturenames)
    chains: list[Chain] = [request.getfixturevalue(name) for name in sorted(names)]
    snapshots = [chain.snapshot() for chain in chains]
    yield
    for chain, snapshot in zip(chains, snapshots, strict=True):
        chain.undo(snapshot)
