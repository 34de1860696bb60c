"""What one stream tells, in order: what was missed, then what comes; nothing twice, nothing earlier later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

from backend.services import Services
from backend.stream import messages, store
from backend.stream.chain_feed import Missed
from backend.stream.hub import Hub, Joined
from backend.stream.messages import Change, Resume, Told
from backend.stream.position import Position
from backend.stream.subscriber import Subscriber
from backend.stream.topics import BLOCKS, ME, Chosen, TopicRefused, canonical, choose


class Conversation:
    """One subscriber's stream, whatever carries it: `begin`, then `tell`; `change` at any time between; `end`."""

    def __init__(self, hub: Hub, services: Services, subscriber: Subscriber) -> None:
        self._hub, self._services, self._subscriber = hub, services, subscriber
        self._chosen = Chosen()
        self._resume = Resume()
        self._joined = Joined()

    async def begin(self, asked: Sequence[str], resume: Resume | None) -> None:
        """Listen from now on."""
        self._chosen = choose(asked, (), is_signed_in=self._subscriber.access is not None)
        self._resume = resume or Resume()
        self._joined = await self._hub.join(self._subscriber, self._chosen.taken, self._resume.place)

    def end(self) -> None:
        """Listen no more."""
        self._hub.leave(self._subscriber)

    async def change(self, asked: Change) -> None:
        """Take topics on or give them up; the answer is told in its turn."""
        one = self._subscriber
        if asked.type == "unsubscribe":
            self._hub.drop(one, _known(asked.topics))
            one.offer(messages.topics(list(one.topics), None, None))
            return
        chosen = choose(asked.topics, one.topics, is_signed_in=one.access is not None)
        had_me, had_chain = ME in one.topics, bool(one.public)
        joined = await self._hub.join(one, chosen.taken)
        position, place = None if had_me else joined.position, None if had_chain else joined.place
        one.offer(messages.topics(list(one.topics), position, place))
        for told in (*_refusals(chosen), *_head(chosen, joined)):
            one.offer(told)

    async def tell(self) -> AsyncGenerator[Told, None]:
        """Everything to send, until the caller stops asking."""
        joined = self._joined
        position, complete = await self._own_place()
        missed = joined.missed
        place = missed.base if joined.place is not None else None
        yield messages.ready(self._chosen.taken, position, place, complete and missed.complete)
        for told in (*_refusals(self._chosen), *self._told_missed(missed), *_head(self._chosen, joined)):
            yield told
        if position is not None and joined.position is not None:
            async for told in self._own_missed(position, joined.position):
                yield told
            position = max(position, joined.position)
        async for told in self._live(position):
            yield told

    async def _own_place(self) -> tuple[Position | None, bool]:
        """Where to go on in one's own events, and whether nothing was lost before it."""
        live_from, after = self._joined.position, self._resume.position
        if live_from is None or after is None:
            return live_from, True
        if await store.is_known(self._services.streaming, after):
            return after, True
        return live_from, False

    async def _own_missed(self, after: Position, live_from: Position) -> AsyncGenerator[Told, None]:
        access = self._subscriber.access
        while access is not None and after < live_from:
            page = await store.missed(self._services.streaming, access.user_id, after, live_from)
            for found in page:
                yield messages.event(found)
            after = page[-1].position if len(page) == store.PAGE else live_from

    def _told_missed(self, missed: Missed) -> Iterable[Told]:
        had = [topic for topic in self._chosen.taken if topic != ME]
        if missed.void_from is not None:
            yield messages.rolled_back(missed.base, missed.void_from, had)
        for event in missed.events:
            matched = [topic for topic in event.topics if topic in had]
            if matched:
                yield messages.happened(event.place, event.happening, matched)

    async def _live(self, seen: Position | None) -> AsyncGenerator[Told, None]:
        """What comes; heartbeats when nothing does. `seen` may be ahead of us: another process told it."""
        while True:
            reached, place = self._hub.reached(self._subscriber)
            try:
                async with asyncio.timeout(self._services.settings.stream_heartbeat_seconds):
                    told = await self._subscriber.backlog.get()
            except TimeoutError:
                # Read before the wait: whatever is before it was handed out, and the backlog is empty.
                position = max(filter(None, (seen, reached))) if reached is not None else None
                yield messages.heartbeat(position, place)
                continue
            if told.position is None or seen is None or told.position > seen:
                yield told
            seen = told.position if seen is None else max(seen, told.position or seen)


def _refusals(chosen: Chosen) -> Iterable[Told]:
    return [messages.refused(asked, reason) for reason, asked in chosen.refused.items()]


def _head(chosen: Chosen, joined: Joined) -> Iterable[Told]:
    if BLOCKS in chosen.taken and joined.place is not None and joined.standing is not None:
        yield messages.head(joined.place, joined.standing, rolled_back=False)


def _known(asked: Iterable[str]) -> Iterable[str]:
    """What nobody can listen to nobody listens to."""
    for text in asked:
        try:
            yield canonical(text)
        except TopicRefused:
            continue
