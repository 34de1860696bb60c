"""200 seeds; `make fuzz-listener` runs 20,000."""

import asyncio

import pytest

from tests.listener.differential.lab import run_seeds
from tests.support.postgres import PostgresForTests

SEEDS, PARTS = 200, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_seeds__forks_faults_crashes__rows_of_a_fresh_mirror(postgres: PostgresForTests, part: int) -> None:
    failed = asyncio.run(run_seeds(range(part * SEEDS // PARTS, (part + 1) * SEEDS // PARTS), postgres))
    assert not failed, "\n\n".join(f"seed {seed}: {problem}" for seed, problem in sorted(failed.items()))
