"""A laboratory: many seeds, several at a time, on one Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from random import Random

from backend.migrate import migrate
from tests.chaos.plan import KILLS, Scene, scene
from tests.chaos.run import Outcome, play
from tests.support.fork_server import ForkServer
from tests.support.postgres import PostgresForTests

LANES = 2  # seeds at once: most of a seed is waiting for blocks
RESTART_EVERY = (12.0, 30.0)  # seconds between restarts of Postgres


async def run_seeds(
    seeds: Iterable[int],
    postgres: PostgresForTests,
    lanes: int = LANES,
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    kills: int = KILLS,
    restarts: bool = False,
    template: str | None = None,
) -> list[Outcome]:
    """Run seeds; `tell` is told of each when it is done.

    `kills` in each seed. `restarts`: Postgres restarts under them now and then. `template`: a migrated database.
    """
    if template is None:
        uris = postgres.create_database()
        await asyncio.to_thread(migrate, uris.backend)
        template = uris.name
    count = [0]

    def told(outcome: Outcome) -> None:
        outcome.happened["Postgres restarts"], count[0] = count[0], 0
        tell(outcome)

    waiting, outcomes = (scene(seed, kills) for seed in seeds), list[Outcome]()
    async with ForkServer("tests.chaos.forked") as forks:
        restarting = asyncio.create_task(_restart(postgres, count)) if restarts else None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(lanes):
                    group.create_task(_work(waiting, postgres, template, forks, outcomes, told))
        finally:
            if restarting is not None:
                restarting.cancel()
                await asyncio.gather(restarting, return_exceptions=True)
    return outcomes


async def _work(
    waiting: Iterator[Scene],
    postgres: PostgresForTests,
    template: str,
    forks: ForkServer,
    outcomes: list[Outcome],
    tell: Callable[[Outcome], None],
) -> None:
    for one in waiting:
        outcome = await play(one, postgres, template, forks)
        outcomes.append(outcome)
        tell(outcome)


async def _restart(postgres: PostgresForTests, count: list[int]) -> None:
    rng = Random(1)
    while True:
        await asyncio.sleep(rng.uniform(*RESTART_EVERY))
        restart = asyncio.create_task(asyncio.to_thread(_stop_and_start, postgres))
        try:
            await asyncio.shield(restart)
        finally:
            await restart  # never leave the server down
        count[0] += 1


def _stop_and_start(postgres: PostgresForTests) -> None:
    postgres.stop()
    postgres.start()
