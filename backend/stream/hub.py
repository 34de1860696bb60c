"""One reader per process for all its streams: woken by Postgres, it reads what is new once and hands it out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import structlog

from backend.process import DATABASE_TROUBLE, first_line, trying_again
from backend.sender.wake import listen
from backend.services import Services
from backend.stream import codes, store
from backend.stream.chain_feed import NOTHING, PAGE, RECENT, ChainFeed, Look, Missed
from backend.stream.metrics import OPEN
from backend.stream.position import Place, Position
from backend.stream.subscriber import Subscriber
from backend.stream.switchboard import Switchboard
from backend.stream.topics import ME
from listener.mirror.ddl import CHANNEL as MIRROR_CHANNEL
from listener.mirror.reads.happenings import Standing

log = structlog.get_logger(__name__)
CHANNEL = "app_events"
POLL_SECONDS = 1.0
SOON_SECONDS = 0.05
RETRY = 1.0
HANDFUL = 100
"""Facts handed out before the streams' own tasks run: a page of them is no sign of a slow reader."""


@dataclass(frozen=True)
class Joined:
    """From where on new topics' events are handed out, and what was missed on chain before."""

    position: Position | None = None
    place: Place | None = None
    standing: Standing | None = None
    missed: Missed = NOTHING


class Hub:
    """The process's streams, and how many each person and network address has."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._board = Switchboard()
        self._subscribers: set[Subscriber] = set()
        self._open: Counter[str] = Counter()
        self._checked = 0.0
        self._position = Position(0, 0)
        self._turn, self._wake = asyncio.Lock(), asyncio.Event()
        self.chain = ChainFeed(services.streaming)
        self._chain_turn, self._chain_wake = asyncio.Lock(), asyncio.Event()

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

    async def join(self, subscriber: Subscriber, topics: Sequence[str], after: Place | None = None) -> Joined:
        """Hand out events of these topics to the subscriber from now on. `after`: its last place on the chain.

        Whoever was handed a place by another process knows facts that are committed; so does our next look.
        """
        wanted = set(topics)
        wants_me, wants_chain = ME in wanted, bool(wanted - {ME})
        async with self._turn, self._chain_turn:
            if wants_me and not self._board.has_people:
                self._position = await store.horizon(self._services.streaming)
            if wants_chain and (not self.chain.follows or (after and self.chain.recent_after(after) is None)):
                await self._catch_up()
            missed = await self.chain.missed(after) if wants_chain and after else Missed(self.chain.place)
            self._subscribers.add(subscriber)
            OPEN.set(len(self._subscribers))
            self._board.connect(subscriber, topics)
            joined = Joined(self._position if wants_me else None)
            if wants_chain:
                joined = replace(joined, place=self.chain.place, standing=self.chain.standing, missed=missed)
            return joined

    def drop(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        """It gets nothing more of these topics."""
        self._board.disconnect(subscriber, topics)

    def leave(self, subscriber: Subscriber) -> None:
        """It gets nothing more."""
        self._subscribers.discard(subscriber)
        OPEN.set(len(self._subscribers))
        self._board.disconnect(subscriber, list(subscriber.topics))

    def reached(self, subscriber: Subscriber) -> tuple[Position | None, Place | None]:
        """Everything of its topics before these places has been handed out."""
        return (
            self._position if ME in subscriber.topics else None,
            self.chain.place if subscriber.public else None,
        )

    async def run(self) -> None:
        """Read and hand out until cancelled. Without streams it rests."""
        wakes = {CHANNEL: self._wake, MIRROR_CHANNEL: self._chain_wake}
        parts = (
            listen(self._services.settings.database_url, wakes),
            _follow(self._wake, self._people_turn),
            _follow(self._chain_wake, self._public_turn),
        )
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _people_turn(self) -> float:
        """One pass over people's own events; returns after how many seconds to look again if nothing wakes us."""
        await self._end_with_sessions()
        if not self._board.has_people:
            return POLL_SECONDS
        async with self._turn:
            found = await store.news(self._services.streaming, self._position)
            for event in found.events:
                self._board.tell_person(event)
            self._position = found.position
        return SOON_SECONDS if found.more_soon else POLL_SECONDS

    async def _public_turn(self) -> float:
        """The same over what happened on chain."""
        async with self._chain_turn:
            if not self._board.has_public:
                self.chain.rest()
                return POLL_SECONDS
            look = await self._look_at_chain()
        return 0.0 if look.more else POLL_SECONDS

    async def _catch_up(self) -> None:
        """Read on to where the mirror is, unless it is running away from us."""
        for _ in range(RECENT // PAGE):
            if not (await self._look_at_chain()).more:
                return

    async def _look_at_chain(self) -> Look:
        """Read on and hand out; the caller has the turn."""
        look = await self.chain.look()
        if look.void_from is not None:
            self._board.tell_void(look.base, look.void_from)
        for number, event in enumerate(look.events, 1):
            self._board.tell_fact(event)
            if number % HANDFUL == 0:
                await asyncio.sleep(0)
        if look.head is not None:
            self._board.tell_head(self.chain.place, look.head, rolled_back=look.void_from is not None)
        return look

    async def _end_with_sessions(self) -> None:
        """Close streams whose session was revoked or whose user was suspended."""
        now = time.monotonic()
        if now - self._checked < self._services.settings.stream_check_seconds:
            return
        self._checked = now
        # They come and go while the database answers.
        present = {one: one.access.session_id for one in self._subscribers if one.access is not None}
        over = await store.ended(self._services.streaming, present.values()) if present else set()
        for subscriber, session in present.items():
            if session in over:
                subscriber.close(codes.SIGNED_OUT)


async def _follow(wake: asyncio.Event, turn: Callable[[], Awaitable[float]]) -> None:
    """Take turns until cancelled, each as soon as we are woken or have waited as long as the one before said."""
    while True:
        wake.clear()
        pause = POLL_SECONDS
        try:
            pause = await turn()
        except DATABASE_TROUBLE as error:
            log.warning("stream_waits", error=first_line(error), next=trying_again(RETRY))
        except Exception:
            log.exception("stream_broken")
        # Not wait_for: Python 3.11's forgets that it was cancelled when the wake comes at the same moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await wake.wait()
