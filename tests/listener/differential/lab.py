"""A laboratory: everything to run many seeds, several at a time, in one process."""

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.listener.differential.compare import Database
from tests.listener.differential.provider import Server
from tests.listener.differential.run import Lane
from tests.support.fork_server import ForkServer
from tests.support.postgres import PostgresForTests

LANES = 4  # seeds at once: one waits for a pause while another computes
_SEEDS_PER_DATABASE = 100  # dropped tables leave rows in the catalogue, which slow it down


def nobody(seed: int, problem: str) -> None:
    """Tell nobody."""


async def run_seeds(
    seeds: Iterable[int],
    postgres: PostgresForTests,
    lanes: int = LANES,
    tell: Callable[[int, str], None] = nobody,
    fresh_every: int = 1,
) -> dict[int, str]:
    """Run seeds; those that failed, each with what was wrong. `tell` is told of each seed when it is done.

    One seed in `fresh_every` is compared with a fresh mirror too, all of them with what the chain says.
    """
    waiting, failed = iter(seeds), dict[int, str]()
    server = Server()
    await server.start()
    with tempfile.TemporaryDirectory(prefix="tombola-differential-") as folder:
        async with ForkServer("tests.listener.differential.forked") as forks, asyncio.TaskGroup() as group:
            for number in range(lanes):
                lane = Lane(number, Path(folder), server, forks, fresh_every)
                group.create_task(_work(lane, postgres, waiting, failed, tell))
    await server.stop()
    return failed


async def _work(
    lane: Lane,
    postgres: PostgresForTests,
    waiting: Iterator[int],
    failed: dict[int, str],
    tell: Callable[[int, str], None],
) -> None:
    """Run seeds in a lane until none is left."""
    database: Database | None = None
    for count, seed in enumerate(waiting):
        if database is None or count % _SEEDS_PER_DATABASE == 0:
            _drop(postgres, database)
            database = Database(postgres.create_database(), postgres.uri())
        problem = await lane.run(seed, database)
        if problem:
            failed[seed] = f"{problem}\nAgain: python -m tests.listener.differential --seed {seed} --times 10"
        tell(seed, failed.get(seed, ""))
    _drop(postgres, database)


def _drop(postgres: PostgresForTests, database: Database | None) -> None:
    if database is not None:
        database.close()
        postgres.drop_database(database.name)
