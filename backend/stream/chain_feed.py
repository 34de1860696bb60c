"""What happened on chain, followed in the mirror once for all streams of this process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.mirror import MirrorNotReady, open_snapshot
from backend.stream import topics
from backend.stream.position import START, Place
from listener.mirror.reads import happenings
from listener.mirror.reads.happenings import Happening, Standing

PAGE = 500
"""Facts of one read."""
RECENT = 2_000
"""Facts in memory: whoever comes back gets what they missed from there, and thousands who do ask the database nothing.
Who missed more is told to read the state anew.
"""


@dataclass(frozen=True)
class ChainEvent:
    """A fact, its place, and everything it can be listened to by."""

    place: Place
    happening: Happening
    topics: tuple[str, ...]


@dataclass
class Look:
    """What is new, in this order: what is void from a block on, facts after `base`, the head. `more`: look again at
    once.
    """

    base: Place = START
    void_from: int | None = None
    events: list[ChainEvent] = field(default_factory=list)
    head: Standing | None = None
    more: bool = False


@dataclass(frozen=True)
class Missed:
    """What somebody missed who was at another place: `base` is the last one that still stands."""

    base: Place
    void_from: int | None = None
    events: Sequence[ChainEvent] = ()
    complete: bool = True


NOTHING = Missed(START)


class ChainFeed:
    """Where this process is on the chain. Everything up to `place` was handed out; `standing` is the head told last.

    One caller at a time for `look`, `missed` and `rest`.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._recent: list[ChainEvent] = []
        self._rollbacks = 0
        self._is_whole = False  # whether memory goes back to the first fact of all
        self.place = START
        self.standing: Standing | None = None
        self.follows = False

    def rest(self) -> None:
        """Nobody listens; begin at the newest fact when somebody does."""
        self.follows, self.place, self.standing = False, START, None
        self._recent = []

    async def look(self) -> Look:
        """Read on. Before there is a mirror nothing happens; when it is there (again), everything told is void."""
        try:
            async with open_snapshot(self._engine) as mirror:
                now = await happenings.standing(mirror.db)
                found = await self._read_on(mirror.db, now) if self.follows else None
                return found or await self._begin(mirror.db, now)
        except MirrorNotReady:
            self.rest()
            return Look()

    async def _begin(self, db: AsyncConnection, now: Standing) -> Look:
        """At the newest fact. Who listens already was told of another mirror, or of none."""
        self._recent = [_event(each) for each in await happenings.newest(db, RECENT)]
        self.place = self._recent[-1].place if self._recent else START
        self._is_whole = len(self._recent) < RECENT
        self._rollbacks, self.standing, self.follows = now.rollbacks, now, True
        return Look(self.place, void_from=0, head=now)

    async def _read_on(self, db: AsyncConnection, now: Standing) -> Look | None:
        """What is new since the last look; None when this is not the mirror we followed."""
        was = self.standing
        if was is None or now.rollbacks < self._rollbacks:
            return None
        if (now.hash, now.rollbacks) == (was.hash, self._rollbacks):
            return Look()
        void_from = None
        if now.rollbacks > self._rollbacks:
            shared = await happenings.shared_since(db, self._rollbacks)
            if shared is not None and shared < max(was.block, self.place.block):
                await self._go_back(db, shared)
                was, void_from = was.model_copy(update={"block": shared}), shared + 1
        elif now.block < was.block:
            return None
        found = await _stands(db, self.place, PAGE)
        if found is None:
            return None
        self._rollbacks = now.rollbacks
        look = Look(self.place, void_from, found[:PAGE], more=len(found) > PAGE)
        self._recent += look.events
        self._is_whole = self._is_whole and len(self._recent) <= RECENT
        self._recent = self._recent[-RECENT:]
        if look.events:
            self.place = look.events[-1].place
        self.standing = was if look.more else now
        look.head = None if look.more else now
        return look

    async def _go_back(self, db: AsyncConnection, shared: int) -> None:
        self._recent = [each for each in self._recent if each.place.block <= shared]
        self.place = self._recent[-1].place if self._recent else await _last_place(db, shared)

    def recent_after(self, place: Place) -> list[ChainEvent] | None:
        """The facts after a place, where memory goes back to it."""
        if place == self.place:
            return []
        if place == START:
            return [*self._recent] if self._is_whole else None
        index = bisect_left(self._recent, place.order, key=lambda each: each.place.order)
        if index < len(self._recent) and self._recent[index].place == place:
            return self._recent[index + 1 :]
        return None

    async def missed(self, after: Place) -> Missed:
        """What somebody missed since a place; it may be on a branch that is gone."""
        recent = self.recent_after(after)
        if recent is not None:
            return Missed(after, events=recent)
        try:
            async with open_snapshot(self._engine) as mirror:
                shared = await happenings.shared_with(mirror.db, after.block, after.branch)
                base = None if shared is None else await _last_place(mirror.db, shared)
        except MirrorNotReady:
            return Missed(self.place, complete=False)
        recent = None if base is None else self.recent_after(base)
        if base is None or shared is None or recent is None:
            return Missed(self.place, complete=False)
        return Missed(base, shared + 1, recent)


async def _last_place(db: AsyncConnection, up_to: int) -> Place:
    found = await happenings.newest(db, 1, up_to=up_to)
    return _place(found[0]) if found else START


async def _stands(db: AsyncConnection, place: Place, most: int) -> list[ChainEvent] | None:
    """Facts after a place, one more than `most` where there are more; None when the place is not there."""
    found = [_event(each) for each in await happenings.since(db, *place.order, most=most + 2)]
    if place == START:
        return found
    return found[1:] if found and found[0].place == place else None


def _event(happening: Happening) -> ChainEvent:
    return ChainEvent(_place(happening), happening, topics.of(happening))


def _place(happening: Happening) -> Place:
    return Place(happening.block, happening.log_index, happening.hash[2:10])
