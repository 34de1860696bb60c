"""`listener check`: read blocks again from the chain and compare them, row by row, with the mirror.

It works beside a running listener: blocks above the cursor and those a late source still misses are no
differences, and what differs above the last final block is read again, because a fork may be on its way.
"""

import asyncio
import random
import time
from collections.abc import Iterable

import psycopg
import structlog

from listener.chain.faults import TransientError
from listener.chain.registry import load_registry
from listener.compare import Comparer, Difference
from listener.mirror.batch import BlockMark, Facts
from listener.mirror.schema import tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import MirrorError, Store, read_cursor
from listener.options import Options
from listener.start import check_providers, open_pool, registry_path, unreachable
from listener.sync.fetch import Fetcher
from listener.sync.fill import load_created
from listener.sync.pace import Pace
from listener.sync.pipeline import Pipeline
from listener.sync.routes import Routes

log = structlog.get_logger("check")

_SAMPLE_SPAN = 100
_TRIES, _PAUSE = 4, 1.0  # how often, and after how many seconds, what differs above the final block is read
_SAY_EVERY = 5.0


async def check(options: Options) -> int:
    """Compare and report; exit code 0 when nothing differs, 1 when something does."""
    registry = load_registry(registry_path(options))
    tables = tables_of(registry)
    store = Store(options.database_url, registry.chain_id)
    try:
        store.connect()
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise unreachable(error) from None
    try:
        async with open_pool(options, registry.chain_id, patience=30.0) as pool:
            await check_providers(pool)
            routes, pace = Routes(registry, tables), Pace(options.max_span)
            pipeline = Pipeline(Fetcher(pool, routes, pace), routes, pace)
            comparer = Comparer(store, tables, sources_of(registry, tables))
            checker = _Checker(store, pipeline, comparer, options.report)
            first = registry.first_block if options.first is None else options.first
            last = checker.cursor(options.last)
            load_created(routes, store)
            checker.report(comparer.not_mirrored())
            for start, end in _spans(first, last, options.sample):
                await checker.check(start, end)
    finally:
        store.close()
    return checker.conclude()


def _spans(first: int, last: int, sample: int) -> list[tuple[int, int]]:
    if last < first:
        return []
    if not sample:
        return [(first, last)]
    starts = range(first, last + 1, _SAMPLE_SPAN)
    chosen = sorted(random.sample(starts, min(sample, len(starts))))
    return [(start, min(last, start + _SAMPLE_SPAN - 1)) for start in chosen]


class _Checker:
    def __init__(self, store: Store, pipeline: Pipeline, comparer: Comparer, shown: int) -> None:
        self._store, self._pipeline, self._comparer = store, pipeline, comparer
        self._shown = shown
        self._blocks = self._events = self._differences = 0
        self._said_at = time.monotonic()

    def cursor(self, most: int | None) -> int:
        """The last block to compare. Raises MirrorError where there is no mirror, or one of another chain."""
        chain_id, cursor = read_cursor(self._store.connection, "chain_id, block_number")
        if chain_id != self._store.chain_id:
            raise MirrorError(
                f"The database mirrors chain {chain_id}, the registry is of chain {self._store.chain_id}: correct"
                " DATABASE_URL or REGISTRY."
            )
        return int(cursor if most is None else min(most, cursor))

    async def check(self, first: int, last: int) -> None:
        """Compare one range, span by span."""
        following, faults = first, 0
        while following <= last:

            async def compare(facts: Facts, start: BlockMark) -> None:
                nonlocal following, faults
                await self._settle(facts)
                following, faults = facts.last + 1, 0

            try:
                final = await asyncio.to_thread(self._store.finalized)
                await self._pipeline.run(following, last, final, compare)
            except TransientError as error:
                faults += 1
                if faults == _TRIES:
                    raise
                log.warning("reading again", after=following - 1, reason=str(error))
                await asyncio.sleep(_PAUSE)
                last = min(last, await asyncio.to_thread(self.cursor, None))  # a fork may have moved it back

    async def _settle(self, facts: Facts) -> None:
        """Compare one span, again where a fork may explain what differs."""
        for tries_left in reversed(range(_TRIES)):
            found = await asyncio.to_thread(self._comparer.compare, facts)
            final = await asyncio.to_thread(self._store.finalized)
            if not tries_left or not any(difference.block > final for difference in found):
                break
            await asyncio.sleep(_PAUSE)
            facts = await self._again(facts, final)
        self._blocks += facts.last - facts.first + 1
        self._events += facts.events
        self.report(found)
        if time.monotonic() - self._said_at > _SAY_EVERY:
            self._said_at = time.monotonic()
            log.info("checked", block=facts.last, differences=self._differences)

    async def _again(self, before: Facts, final: int) -> Facts:
        """The same blocks as the chain has them now."""
        parts: list[Facts] = []

        async def keep(facts: Facts, start: BlockMark) -> None:
            parts.append(facts)

        await self._pipeline.run(before.first, before.last, final, keep)
        joined = Facts(before.first, before.last)
        for part in parts:
            for table, rows in part.rows.items():
                joined.rows.setdefault(table, []).extend(rows)
            joined.problems += part.problems
            joined.marks += part.marks
            joined.events += part.events
        return joined

    def report(self, differences: Iterable[Difference]) -> None:
        """Print the first ones, count all."""
        for difference in differences:
            self._differences += 1
            if self._differences <= self._shown:
                print(difference.text)

    def conclude(self) -> int:
        """Print the sum; the exit code."""
        if self._differences > self._shown:
            print(f"… and {self._differences - self._shown:,} more; --report shows more of them")
        print(f"{self._blocks:,} blocks, {self._events:,} events compared, {self._differences:,} differences")
        return 1 if self._differences else 0
