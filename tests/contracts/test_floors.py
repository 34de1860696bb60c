"""Waiting times on live chains: what is only a setting locally has a floor there."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from tests.contracts import quick_drand
from tests.contracts.kit import DAY, no_vrf
from tests.evm import reverts

POLYGON = 137


@pytest.fixture
def polygon(open_another: Callable[..., Any]) -> Any:
    """A chain that says it is Polygon."""
    return open_another(chain_id=POLYGON)


def beacon_on(chain: Any) -> Any:
    settings = quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD
    return chain.accounts[0].deploy(chain.project.TestBeacon, *settings)


@pytest.mark.parametrize(
    ("delay", "margin", "refused"), [(600, 60, False), (599, 60, True), (600, 59, True), (900, 60, False)]
)
def test_deploy_draws__live_chain__needs_ten_minutes_and_sixty_seconds(
    polygon: Any, delay: int, margin: int, refused: bool
) -> None:
    owner, contest = polygon.accounts[0], polygon.project.Contest
    with reverts(contest.RandomnessDelayTooShort) if refused else nullcontext():
        owner.deploy(contest, owner, beacon_on(polygon), delay, margin, no_vrf())


@pytest.mark.parametrize(("delay", "refused"), [(DAY, False), (DAY - 1, True)])
def test_deploy_raffles__live_chain__gives_the_seed_a_day(polygon: Any, delay: int, refused: bool) -> None:
    owner, raffle = polygon.accounts[0], polygon.project.Raffle
    with reverts(raffle.RaffleRefundDelayTooShort) if refused else nullcontext():
        owner.deploy(raffle, owner, beacon_on(polygon), 900, 60, no_vrf(), delay, 0, polygon.accounts[4])


def test_deploy_draws__local_chain__may_be_as_quick_as_tests_need(
    chain: Any, project: Any, owner: Any, beacon: Any
) -> None:
    contest = owner.deploy(project.Contest, owner, beacon, 6, 2, no_vrf())
    assert chain.chain_id == 31337
    assert contest.owner() == owner
