"""A little of `make chaos`: every fault once, with a few kills each."""

from __future__ import annotations

from tests.chaos.lab import run_seeds
from tests.chaos.plan import ALL_FAULTS
from tests.support.postgres import PostgresForTests


async def test_every_fault_and_kills__nothing_lost_or_doubled(
    postgres: PostgresForTests, template: str
) -> None:
    outcomes = await run_seeds(range(len(ALL_FAULTS)), postgres, 4, kills=4, template=template)
    assert {outcome.fault for outcome in outcomes} == set(ALL_FAULTS)
    problems = {outcome.seed: outcome.problem for outcome in outcomes if outcome.problem}
    assert problems == {}, "again: python -m tests.chaos --seed N"
