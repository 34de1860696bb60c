"""Spans fetched and decoded ahead of the writer, handed over in the order of the chain."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from listener.chain.faults import TransientError
from listener.mirror.batch import BlockMark, Facts
from listener.sync.decode import Decoder
from listener.sync.fetch import Fetcher
from listener.sync.pace import Pace
from listener.sync.routes import Routes

_AHEAD = 6  # spans in work at once; with Pace's target this bounds memory
_SPAN_BY_HASH = 50

Apply = Callable[[Facts, BlockMark], Awaitable[None]]


class _Gates:
    """Opens level by level when all contracts created up to the end of a span are known."""

    def __init__(self, levels: int, *, are_open: bool = False) -> None:
        self.events = [asyncio.Event() for _ in range(levels)]
        if are_open:
            for event in self.events:
                event.set()


class Pipeline:
    """Runs one range of blocks through fetch and decode; a failing span ends the run with its error."""

    def __init__(self, fetcher: Fetcher, routes: Routes, pace: Pace, ahead: int = _AHEAD) -> None:
        self._ahead = ahead
        self._fetcher = fetcher
        self._routes = routes
        self._pace = pace
        self._decoder = Decoder(routes)
        self.in_flight = 0  # spans in work now

    async def run(self, first: int, last: int, final: int, apply: Apply) -> None:
        """Hand the facts of blocks `first` to `last` to `apply`, span by span, with the first block of each.

        Blocks above `final` are fetched by hash. When this raises, contracts discovered ahead of `apply` are
        still watched: the caller forgets them.
        """
        spans: deque[asyncio.Task[tuple[Facts, BlockMark]]] = deque()
        gates = _Gates(self._routes.levels, are_open=True)
        following = first
        try:
            while following <= last or spans:
                while following <= last and len(spans) < self._ahead:
                    end = self._end(following, last, final)
                    before, gates = gates, _Gates(self._routes.levels)
                    work = self._span(following, end, following > final, final, before, gates)
                    spans.append(asyncio.create_task(work))
                    following = end + 1
                self.in_flight = len(spans)
                facts, start = await spans[0]
                spans.popleft()
                await apply(facts, start)
        finally:
            self.in_flight = 0
            for task in spans:
                task.cancel()
            await asyncio.gather(*spans, return_exceptions=True)

    def _end(self, first: int, last: int, final: int) -> int:
        if first <= final:
            return min(first + self._pace.size - 1, final, last)
        return min(first + min(_SPAN_BY_HASH, self._pace.max_span) - 1, last)

    async def _span(
        self, first: int, last: int, by_hash: bool, final: int, before: _Gates, own: _Gates
    ) -> tuple[Facts, BlockMark]:
        async def known(level: int) -> None:
            await before.events[level].wait()
            own.events[level].set()

        blocks = await self._fetcher.fetch(
            first, last, by_hash=by_hash, known=known, discover=self._decoder.discover
        )
        if not by_hash:
            self._pace.accepted(last - first + 1, len(blocks.logs))
        facts = Facts(first, last, end=blocks.marks[-1])
        facts.marks = [mark for mark in blocks.marks if mark.number > final] or blocks.marks[-1:]
        try:
            self._decoder.decode(facts, blocks.logs, blocks.by_number)
        except TransientError:
            self._fetcher.distrust(blocks)
            raise
        return facts, blocks.marks[0]
