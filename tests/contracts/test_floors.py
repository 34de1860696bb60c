"""Waiting times on live chains: what is only a setting locally has a floor there."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.kit import DAY, no_vrf

POLYGON = 137


@pytest.fixture
def polygon(chain: Any) -> Iterator[Any]:
    """The node of the tests, saying it is Polygon."""
    local = chain.chain_id
    chain.provider.make_request("anvil_setChainId", [POLYGON])
    yield chain.provider
    chain.provider.make_request("anvil_setChainId", [local])


def refusal(provider: Any, container: Any, *arguments: Any) -> bytes | None:
    """The error's selector when this deployment would revert, None when it would not."""
    constructor = container.constructor
    call = {"data": constructor.serialize_transaction(*arguments).data.hex()}
    call["data"] = "0x" + call["data"].removeprefix("0x")
    answer = provider.web3.provider.make_request("eth_call", [call, "latest"])
    return bytes.fromhex(answer["error"]["data"][2:10]) if "error" in answer else None


@pytest.mark.parametrize(
    ("delay", "margin", "refused"), [(600, 60, False), (599, 60, True), (600, 59, True), (900, 60, False)]
)
def test_deploy_draws__live_chain__needs_ten_minutes_and_sixty_seconds(
    polygon: Any, project: Any, owner: Any, beacon: Any, delay: int, margin: int, refused: bool
) -> None:
    error = refusal(polygon, project.Contest, owner, beacon, delay, margin, no_vrf())
    assert error == (keccak(text="RandomnessDelayTooShort(uint64,uint64)")[:4] if refused else None)


@pytest.mark.parametrize(("delay", "refused"), [(DAY, False), (DAY - 1, True)])
def test_deploy_raffles__live_chain__gives_the_seed_a_day(
    polygon: Any, project: Any, owner: Any, beacon: Any, treasury: Any, delay: int, refused: bool
) -> None:
    error = refusal(polygon, project.Raffle, owner, beacon, 900, 60, no_vrf(), delay, 0, treasury)
    assert error == (keccak(text="RaffleRefundDelayTooShort(uint64)")[:4] if refused else None)


def test_deploy_draws__local_chain__may_be_as_quick_as_tests_need(
    chain: Any, project: Any, owner: Any, beacon: Any
) -> None:
    assert refusal(chain.provider, project.Contest, owner, beacon, 6, 2, no_vrf()) is None
