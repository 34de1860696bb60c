"""Random blocks, forks and finality over a mirror, and one look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from backend.db import make_engine
from backend.mirror import Snapshot, open_snapshot
from tests.backend.reads.facts import ChainOfFacts, Event
from tests.backend.reads.naive import Naive, random_event
from tools.run.postgres import DatabaseUris

HOURS_PER_BLOCK = 5


@asynccontextmanager
async def snapshot(database: DatabaseUris) -> AsyncIterator[Snapshot]:
    """One look at the mirror."""
    engine = make_engine(database.backend)
    try:
        async with open_snapshot(engine) as found:
            yield found
    finally:
        await engine.dispose()


class RandomChain:
    """Random blocks, forks and finality; the naive model goes along."""

    def __init__(self, database: DatabaseUris, seed: int) -> None:
        self.random, self.database = Random(seed), database
        self.chain = ChainOfFacts(database.listener, seconds_per_block=HOURS_PER_BLOCK * 3600)
        self.history: dict[int, list[Event]] = {}
        self.known, self.final = Naive(), 0

    def step(self) -> None:
        """A block, a fork, or finality moving on; now and then the listener has time for its upkeep."""
        roll, head = self.random.random(), self.chain.head
        if roll < 0.1 and head > self.final:
            fork = self.random.randrange(max(self.final, head - 6), head)
            self.chain.roll_back(fork)
            self.history = {block: events for block, events in self.history.items() if block <= fork}
            self.known = self._replayed()
        else:
            number, events = head + 1 + self.random.randrange(3), []
            for _ in range(self.random.randrange(8)):
                time = self.chain.time_of(number)
                events.append(random_event(self.random, self.known, time))
                self.known.apply(events[-1], number, time)
            if self.random.random() < 0.6:
                self.final = self.random.randrange(self.final, number + 1)
            self.history[number] = events
            self.chain.block(*events, number=number, final=self.final)
        if self.random.random() < 0.4:
            self.chain.tend()

    def _replayed(self) -> Naive:
        known = Naive()
        for block, events in self.history.items():
            for happened in events:
                known.apply(happened, block, self.chain.time_of(block))
        return known
