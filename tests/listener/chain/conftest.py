"""What the tests of providers share."""

from collections.abc import Iterator

import pytest

from tests.listener.fake_chain import FakeChain


@pytest.fixture
def other() -> Iterator[FakeChain]:
    with FakeChain() as served:
        served.mine([], [])
        yield served
