"""One chain for the package: deployed once by the script, answered by one oracle."""

from collections.abc import Iterator

import pytest

from tests.scripts.world import World, start_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A deployed chain with a running oracle."""
    made = start_world(tmp_path_factory.mktemp("world"))
    try:
        code, output = made.deploy()
        assert code == 0, output
        with made.oracle():
            yield made
    finally:
        made.anvil.stop()
