"""One reader per process for all its streams: woken by Postgres, it reads new events once and hands them out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from backend.process import DATABASE_TROUBLE, first_line, trying_again
from backend.sender.wake import listen
from backend.services import Services
from backend.stream import codes, store
from backend.stream.position import Position
from backend.stream.store import StoredEvent

log = structlog.get_logger(__name__)
CHANNEL = "app_events"
POLL_SECONDS = 1.0
SOON_SECONDS = 0.05
RETRY = 1.0


@dataclass(eq=False)
class Subscriber:
    """One open stream. `end` is set to the code to close it with."""

    user_id: UUID
    session_id: UUID
    backlog: asyncio.Queue[StoredEvent]
    end: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def offer(self, event: StoredEvent) -> None:
        """Queue an event; a reader that is too far behind is let go, and may resume."""
        try:
            self.backlog.put_nowait(event)
        except asyncio.QueueFull:
            self.close(codes.TOO_SLOW)

    def close(self, code: int) -> None:
        """End the stream; the first code counts."""
        if not self.end.done():
            self.end.set_result(code)


class Hub:
    """The process's streams, and how many each person and network address has."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._subscribers: set[Subscriber] = set()
        self._position = Position(0, 0)
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._open: Counter[str] = Counter()
        self._checked = 0.0

    @contextmanager
    def place(self, key: str, limit: int) -> Iterator[bool]:
        """Take one of `limit` places of `key` for the block; False when all are taken."""
        free = self._open[key] < limit
        self._open[key] += 1
        try:
            yield free
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    async def join(self, subscriber: Subscriber) -> Position:
        """Hand events to the subscriber from now on; returns the position from which on it gets them."""
        async with self._turn:
            if not self._subscribers:
                self._position = await store.horizon(self._services.engine)
            self._subscribers.add(subscriber)
            return self._position

    def leave(self, subscriber: Subscriber) -> None:
        """It gets nothing more."""
        self._subscribers.discard(subscriber)

    @property
    def position(self) -> Position:
        """Everything before it has been handed out."""
        return self._position

    async def run(self) -> None:
        """Read and hand out until cancelled. Without streams it rests."""
        ears = asyncio.create_task(listen(self._services.settings.database_url, self._wake, CHANNEL))
        try:
            while True:
                self._wake.clear()
                pause = POLL_SECONDS
                try:
                    pause = await self._look()
                except DATABASE_TROUBLE as error:
                    log.warning("stream_waits", error=first_line(error), next=trying_again(RETRY))
                except Exception:
                    log.exception("stream_broken")
                # Not wait_for: Python 3.11's forgets that it was cancelled when the wake comes at the same moment.
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            ears.cancel()

    async def _look(self) -> float:
        """One pass; returns after how many seconds to look again if nothing wakes us."""
        if not self._subscribers:
            return POLL_SECONDS
        async with self._turn:
            found = await store.news(self._services.engine, self._position)
            for event in found.events:
                self._hand_out(event)
            self._position = found.position
        await self._end_with_sessions()
        return SOON_SECONDS if found.more_soon else POLL_SECONDS

    def _hand_out(self, event: StoredEvent) -> None:
        for subscriber in self._subscribers:
            if subscriber.user_id == event.user_id:
                subscriber.offer(event)

    async def _end_with_sessions(self) -> None:
        """Close streams whose session was revoked or whose user was suspended."""
        now = time.monotonic()
        if now - self._checked < self._services.settings.stream_check_seconds:
            return
        self._checked = now
        present = list(self._subscribers)  # they come and go while the database answers
        over = await store.ended(self._services.engine, [one.session_id for one in present])
        for subscriber in present:
            if subscriber.session_id in over:
                subscriber.close(codes.SIGNED_OUT)
