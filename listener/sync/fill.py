"""Fills what sources added late miss, in a task beside the live blocks.

Only the last few blocks are filled while the live blocks stand still: then the mirror is whole at one cursor,
and contracts found on the way are watched from there on. Until then `mirror.source` says how far it is, so
that it goes on there after a crash. Small spans keep the live blocks quick: both share one thread for
decoding and one for writing.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog

from listener.chain.cancellation import end_if_cancelled
from listener.chain.faults import PermanentError, TransientError
from listener.chain.registry import Registry
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark, Facts
from listener.mirror.missing import Gap, commit_missing, complete_missing, misses_something, next_gap
from listener.mirror.schema import EventTable
from listener.mirror.store import Store
from listener.mirror.writer import Writer
from listener.sync.fetch import Fetcher
from listener.sync.logs import LogReader
from listener.sync.metrics import Metrics
from listener.sync.pace import Pace
from listener.sync.pipeline import Pipeline
from listener.sync.routes import Routes

log = structlog.get_logger("fill")

_SEAM = 5  # blocks that may be left when the live blocks are made to wait
_LOGS, _AHEAD = 500, 4  # logs in one span, and spans in work
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_REFUSED_PAUSE, _LONGEST_REFUSED_PAUSE = 1.0, 60.0


def load_created(routes: Routes, store: Store) -> None:
    """Watch the contracts whose creating events the mirror holds."""
    for table, creation in routes.creating_tables():
        for address, block in store.created(table.name, table.columns[creation.position].name):
            routes.create(creation, "0x" + address.hex(), block)


class Filler:
    """Fills the gaps of one mirror. `live`: the routes of the live blocks.

    Whoever moves the cursor forward holds `advancing`; whoever moves it back calls `stop` before.
    """

    def __init__(
        self,
        pool: RpcPool,
        store: Store,
        writer: Writer,
        registry: Registry,
        tables: Sequence[EventTable],
        live: Routes,
        max_span: int,
        metrics: Metrics,
    ) -> None:
        self._pool, self._store, self._writer, self._metrics = pool, store, writer, metrics
        self._registry, self._tables, self._live = registry, tables, live
        self._pace = Pace(max_span, target_logs=_LOGS)
        self._reader = LogReader(pool, self._pace)  # kept: it learns what the providers refuse
        self._has_filled = False
        self._task: asyncio.Task[None] | None = None
        self.advancing = asyncio.Lock()

    @property
    def is_done(self) -> bool:
        """Whether nothing is being filled; raises what ended the filling otherwise."""
        if self._task is None:
            return True
        if self._task.done():
            self._task.result()
        return self._task.done()

    def start(self) -> None:
        """Fill what is missing, if anything is."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End at once; what is committed stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while await self._writer.do(misses_something, self._store):
            end_if_cancelled()
            try:
                if await self._pass():
                    return
                pause = _FIRST_PAUSE
            except TransientError as error:
                log.warning("filling again", reason=str(error))
                self._metrics.retries.inc()
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            except PermanentError as error:
                # Such as history that is pruned: the live blocks go on without it.
                log.error("the providers refuse to fill new sources, trying on", reason=str(error))
                await asyncio.sleep(max(pause, _REFUSED_PAUSE))
                pause = min(max(pause, _REFUSED_PAUSE) * 2, _LONGEST_REFUSED_PAUSE)

    async def _pass(self) -> bool:
        """Fill one gap; whether nothing is missing any more."""
        gap = await self._writer.do(next_gap, self._store)
        if gap.left > _SEAM:
            await self._fill(gap)
            return False
        async with self.advancing:
            return await self._close_seam()

    async def _close_seam(self) -> bool:
        """The same, while the cursor stands still."""
        while (gap := await self._writer.do(next_gap, self._store)).keys:
            if gap.left > _SEAM:
                return False
            await self._fill(gap)
        if self._has_filled:
            await self._writer.do(load_created, self._live, self._store)
        sources = await self._writer.do(complete_missing, self._store)
        if sources:
            log.info("new sources are complete", sources=sources)
        return True

    async def _fill(self, gap: Gap) -> None:
        self._has_filled = True
        log.info("filling new sources", first=gap.first, last=gap.last, sources=len(gap.keys))
        # In a thread: compiling the decoders of many events takes longer than a live block should wait.
        routes = await asyncio.to_thread(Routes, self._registry, self._tables, gap.keys)
        await self._writer.do(load_created, routes, self._store)

        async def apply(facts: Facts, start: BlockMark) -> None:
            started = time.monotonic()
            await self._writer.do(commit_missing, self._store, facts, gap)
            self._metrics.committed(facts, time.monotonic() - started)

        pipeline = Pipeline(
            Fetcher(self._pool, routes, self._pace, self._reader), routes, self._pace, ahead=_AHEAD
        )
        await pipeline.run(gap.first, gap.last, gap.final, apply)
