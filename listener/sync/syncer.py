"""Joins the steps: poll the tip, fetch and decode ahead, commit in order, roll back at forks."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from listener.chain.cancellation import end_if_cancelled
from listener.chain.faults import TransientError
from listener.chain.heads import Heads
from listener.chain.registry import Registry
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark, Facts, Tip
from listener.mirror.schema import EventTable
from listener.mirror.store import Cursor, Store
from listener.mirror.writer import Writer
from listener.sync.fetch import Fetcher
from listener.sync.fill import Filler, load_created
from listener.sync.forks import check_final, find_fork
from listener.sync.lookout import Lookout
from listener.sync.metrics import Metrics
from listener.sync.pace import Pace
from listener.sync.pipeline import Pipeline
from listener.sync.routes import Routes
from listener.sync.wire import Header, quantity

log = structlog.get_logger("sync")

_TEND_EVERY = 5.0  # seconds between looks for upkeep while the chain stands still
_TIP_AGE = 1.0  # seconds after which a long advance looks at the tip again
_SAY_EVERY = 5.0  # seconds between progress lines
_NEAR, _SAY_EVERY_NEAR = 2, 60.0  # the same at the head: lag in blocks, seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0


class Forked(Exception):  # noqa: N818 - a normal result, not an error
    """The next span does not follow our last block."""


@dataclass(frozen=True)
class SyncOptions:
    """How to mirror. `poll_interval` in seconds; `finality_depth` and `max_span` in blocks."""

    poll_interval: float
    finality_depth: int
    max_span: int
    until_block: int | None = None


class Syncer:
    """Keeps one mirror at the tip of its chain. Give it a store that is prepared and leads."""

    def __init__(
        self,
        pool: RpcPool,
        store: Store,
        writer: Writer,
        registry: Registry,
        tables: Sequence[EventTable],
        options: SyncOptions,
        metrics: Metrics,
        heads: Heads,
    ) -> None:
        self._pool, self._store, self._writer = pool, store, writer
        self._tables, self._options = tables, options
        self._metrics = metrics
        self._routes = Routes(registry, tables)
        self._pace = Pace(options.max_span)
        self._fetcher = Fetcher(pool, self._routes, self._pace)
        self._pipeline = Pipeline(self._fetcher, self._routes, self._pace)
        metrics.spans_in_flight.set_function(lambda: self._pipeline.in_flight)
        self._lookout = Lookout(
            pool, heads, self._fetcher, options.poll_interval, options.finality_depth, metrics
        )
        self._filler = Filler(pool, store, writer, registry, tables, self._routes, options.max_span, metrics)
        self._cursor = Cursor(-1, None)
        self._trail: list[BlockMark] = []
        self._settled = -1  # the last block that is final in our branch; the chain's may be on another
        self._saved: Tip | None = None
        self._said_at = 0.0
        self._looked_at = b""  # the head at which our last blocks were compared
        self._tended_at = (0.0, -1, -1)  # when, cursor and final block when there was no upkeep to do
        self._events = 0
        self._at_head = False

    async def run(self) -> None:
        """Mirror until block `until_block` is committed, or for ever."""
        await self._load()
        self._filler.start()
        try:
            await self._follow()
        finally:
            await self._filler.stop()
        log.info("mirrored", until_block=self._options.until_block, cursor=self._cursor.number)

    async def _follow(self) -> None:
        pause, has_looked = _FIRST_PAUSE, False  # what was mirrored before may be of a branch that is gone
        while not (self._is_done and has_looked):
            end_if_cancelled()
            try:
                await self._step()
                pause, has_looked = _FIRST_PAUSE, True
            except TransientError as error:
                await self._retreat(error, pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    @property
    def _is_done(self) -> bool:
        until = self._options.until_block
        return self._filler.is_done and until is not None and self._cursor.number >= until

    async def _load(self) -> None:
        """Take up where the database stands."""
        self._cursor = await self._writer.do(self._store.cursor)
        self._trail = await self._writer.do(self._store.marks)
        self._settled = self._lookout.final = await self._writer.do(self._store.finalized)
        await self._writer.do(load_created, self._routes, self._store)
        if self._trail:
            self._metrics.stands_at(self._trail[-1])
        log.info("mirror opened", cursor=self._cursor.number, tables=len(self._tables))

    async def _retreat(self, error: TransientError, pause: float) -> None:
        """Forget what was read ahead and start again behind the last commit."""
        log.warning("reading again", after=self._cursor.number, reason=str(error))
        self._metrics.retries.inc()
        self._routes.forget_above(self._cursor.number)
        await self._save_tip()  # so that `status` shows how far behind it is
        await asyncio.sleep(pause)

    async def _step(self) -> None:
        """One look at the chain, and everything that follows from it."""
        tip = await self._lookout.look(self._cursor.number)
        if await self._fork_below(tip):
            return
        async with self._filler.advancing:
            await self._advance(tip)
        if self._is_done:
            return
        if self._cursor.number < self._last_wanted(self._lookout.tip or tip):
            return  # after a rollback, or the chain went on meanwhile
        await self._save_tip()
        if self._options.until_block is not None or not await self._tend():
            await self._lookout.pause()

    async def _tend(self) -> bool:
        """Do a piece of upkeep, unless nothing has changed since there was none to do; whether there may be more."""
        now, place = time.monotonic(), (self._cursor.number, self._settled)
        if place == self._tended_at[1:] and now - self._tended_at[0] < _TEND_EVERY:
            return False
        there_is_more = await self._writer.do(self._store.tend)
        if not there_is_more:
            self._tended_at = (now, *place)
        return there_is_more

    async def _save_tip(self) -> None:
        newest = self._lookout.tip
        if newest is None:
            return
        if newest.head.hash == self._cursor.hash and not self._contradicts(newest, self._trail):
            self._settled = max(self._settled, newest.final)
        tip = Tip(newest.head, self._settled)
        if tip != self._saved:
            await self._writer.do(self._store.save_tip, tip)
            self._saved = tip

    def _last_wanted(self, tip: Tip) -> int:
        until = self._options.until_block
        return tip.head.number if until is None else min(tip.head.number, until)

    async def _fork_below(self, tip: Tip) -> bool:
        """Roll back when our last blocks were replaced and no next block will show it.

        That is by a branch that is not longer, or when no further block is wanted.
        """
        if not self._trail or self._last_wanted(tip) > self._cursor.number:
            return False
        if tip.head.number > self._cursor.number:
            looked_at, self._looked_at = self._looked_at, tip.head.hash
            return looked_at != tip.head.hash and await self._roll_back()
        ours = next((mark for mark in self._trail if mark.number == tip.head.number), None)
        if ours is None:
            await self._check_old_block(tip)
            return False
        if ours.hash == tip.head.hash:
            return False
        return await self._roll_back()

    async def _check_old_block(self, tip: Tip) -> None:
        """The chain ends below our final block: another chain, or a provider far behind."""
        names = [table.name for table in self._tables]
        block = await self._writer.do(self._store.some_block_up_to, names, tip.head.number)
        if block is not None:
            header = await self._pool.call("eth_getBlockByNumber", (quantity(block[0]), False), result=Header)
            if isinstance(header, Header) and header.mark().hash != block[1]:
                self._pool.verify_again()
                await check_final(self._pool, BlockMark(block[0], block[1], b"", 0))
        if time.monotonic() - self._said_at > _SAY_EVERY:
            self._said_at = time.monotonic()
            log.warning(
                "the provider's head is below our final block",
                head=tip.head.number,
                cursor=self._cursor.number,
            )

    async def _roll_back(self) -> bool:
        fork = await find_fork(self._pool, self._trail, self._settled)
        if fork is None:
            return False
        dropped = self._cursor.number - fork.number
        log.warning("fork", shared_block=fork.number, dropped_blocks=dropped)
        await self._filler.stop()
        await self._writer.do(self._store.roll_back, fork, await self._stored_tables())
        self._cursor = Cursor(fork.number, fork.hash or None)
        self._trail = [mark for mark in self._trail if mark.number <= fork.number]
        self._routes.forget_above(fork.number)
        self._filler.start()
        self._metrics.rolled_back(fork, dropped)
        return True

    async def _stored_tables(self) -> list[str]:
        return sorted({source.table_name for source in await self._writer.do(self._store.sources)})

    async def _advance(self, tip: Tip) -> None:
        """Mirror everything from the cursor to the head (or the last block wanted)."""
        last = self._last_wanted(tip)
        if last <= self._cursor.number:
            return
        try:
            await self._pipeline.run(self._cursor.number + 1, last, tip.final, partial(self._apply, tip))
        except Forked:
            self._routes.forget_above(self._cursor.number)
            if not await self._roll_back():
                raise TransientError("a provider answered with blocks of another branch") from None

    async def _apply(self, read_at: Tip, facts: Facts, start: BlockMark) -> None:
        """Commit a span. `read_at`: where the chain was before the reading began."""
        if self._cursor.hash is not None and start.parent_hash != self._cursor.hash:
            raise Forked
        newest = self._lookout.tip
        if newest is None or facts.end is None:
            raise RuntimeError("nothing was polled yet")
        settled = self._settles(read_at, facts)
        tip = Tip(newest.head, settled)
        started = time.monotonic()
        await self._writer.do(self._store.commit, facts, tip)
        committed_at = time.monotonic()
        self._cursor = Cursor(facts.last, facts.end.hash)
        self._settled, kept = settled, min(settled, facts.last)
        self._trail = [mark for mark in (*self._trail, *facts.marks) if mark.number >= kept]
        self._saved = tip
        self._events += facts.events
        self._metrics.committed(facts, committed_at - started)
        self._metrics.stands_at(facts.end)
        if self._at_head and facts.end.hash == tip.head.hash:
            self._metrics.head_to_commit.observe(committed_at - self._lookout.head_known_at)
        self._say(tip)
        if committed_at - self._lookout.polled_at > _TIP_AGE:
            await self._lookout.look(self._cursor.number)

    def _settles(self, read_at: Tip, facts: Facts) -> int:
        """The last of our blocks that is final once `facts` are there.

        What has become final since the reading began says nothing about what was read: it may be on the
        branch that lost. Nor does the final block of one provider about the branch of another.
        """
        final = read_at.final
        if self._contradicts(read_at, (*self._trail, *facts.marks)):
            raise Forked
        if final >= facts.last or read_at.final_hash is not None:
            return max(self._settled, final)
        return max(self._settled, min(final, facts.last - self._options.finality_depth))

    def _contradicts(self, tip: Tip, marks: Iterable[BlockMark]) -> bool:
        """Whether the final block of a look is on another branch than ours.

        It can be although the head of the same look is ours: a node answers one call after the other, and the
        chain may fork in between.
        """
        ours = next((mark for mark in marks if mark.number == tip.final), None)
        return ours is not None and tip.final_hash is not None and ours.hash != tip.final_hash

    def _say(self, tip: Tip) -> None:
        """A line when the head is reached, every few seconds on the way there, rarely afterwards."""
        now, lag = time.monotonic(), max(0, tip.head.number - self._cursor.number)
        arrived = lag == 0 and not self._at_head
        self._at_head = self._at_head or lag == 0
        if arrived or now - self._said_at > (_SAY_EVERY if lag > _NEAR else _SAY_EVERY_NEAR):
            log.info(
                "at the head" if lag == 0 else "progress",
                cursor=self._cursor.number,
                lag=lag,
                events=self._events,
            )
            self._said_at = now
