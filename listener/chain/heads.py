"""New heads announced over WebSocket: a wake-up for who polls, never a source of facts.

Every notice only ends a pause early; what it says is asked for and checked over HTTP as ever. So a socket that
is silent, late, on another branch or full of rubbish costs at most some requests: `Heads.pause` falls back to
polling, and each feed connects again by itself. Times are in seconds.
"""

import asyncio
import time
from collections import deque
from types import TracebackType
from typing import Self

from listener.chain.feed import REMEMBERED, Feed, Notice
from listener.chain.rpc import RpcPool

_LEAST_GAP = 0.01  # between two looks that notices ask for
_LEAST_REST = 0.25  # of the poll interval, however long a look took
_TRUST, _LONGEST_TRUST = 10, 5.0  # while blocks are announced, polling is so many times rarer, up to so long


class Heads:
    """All feeds of a listener. `pause` says when to look at the chain next; without feeds it only sleeps.

    async with Heads(pool) as heads: ... await heads.pause(number, hash, interval)
    """

    def __init__(self, pool: RpcPool) -> None:
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._told = asyncio.Event()
        self.feeds = [Feed(url, pool, self._seen, self._told) for url in pool.push_urls]
        self._tasks: list[asyncio.Task[None]] = []
        self._gap = _LEAST_GAP
        self._was_told = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def told_at(self, block_hash: str) -> float | None:
        """When a block was announced, if it is the newest that was."""
        notices = [feed.newest for feed in self.feeds if feed.newest is not None]
        return min((n.at for n in notices if n.hash == block_hash), default=None)

    def announced(self, number: int) -> Notice | None:
        """A notice of block `number` that polling has not found yet."""
        notices = [feed.newest for feed in self.feeds if feed.newest is not None]
        return next((n for n in notices if n.number == number and n.hash not in self._seen), None)

    async def pause(self, number: int, block_hash: str, interval: float, taken: float = 0.0) -> None:
        """Sleep until a block other than the head just found, `number`, is announced, or until `interval` has
        passed since the last look began, `taken` seconds ago.

        Notices that prove fruitless (the node asked does not have the block yet, another branch, a flood) end
        the pause ever later, up to `interval`. While heads are announced, `interval` is stretched.
        """
        left = max(interval - taken, interval * _LEAST_REST)
        if not self.feeds:
            await asyncio.sleep(left)
            return
        if not self._tasks:
            self._tasks = [asyncio.create_task(feed.run()) for feed in self.feeds]
        if block_hash not in self._seen:
            self._seen.append(block_hash)
            self._gap = _LEAST_GAP
            for feed in self.feeds:
                await feed.compare(block_hash)
        elif self._was_told:
            self._gap = min(self._gap * 2, interval)
        started, self._was_told = time.monotonic(), self._is_open(number)
        if not self._was_told:
            self._told.clear()
            self._was_told = await self._wait(self._stretched(interval, left))
        if self._was_told:
            await asyncio.sleep(started + min(self._gap, interval) - time.monotonic())
        for feed in self.feeds:
            feed.is_new = False

    def _is_open(self, number: int) -> bool:
        """Whether a notice waits for a look: it is new, or of a block above the one found."""
        for feed in self.feeds:
            notice = feed.newest
            if notice is None and feed.is_new:
                return True
            if (
                notice is not None
                and notice.hash not in self._seen
                and (feed.is_new or notice.number > number)
            ):
                return True
        return False

    def _stretched(self, interval: float, left: float) -> float:
        if not any(feed.is_trusted for feed in self.feeds):
            return left
        return max(interval, min(interval * _TRUST, _LONGEST_TRUST))

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return False
        return True
