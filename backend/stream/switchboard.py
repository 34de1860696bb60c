"""Who listens to what: each event finds its listeners by topic, without a look at all the others."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from backend.stream import messages
from backend.stream.chain_feed import ChainEvent
from backend.stream.messages import Told
from backend.stream.position import Place
from backend.stream.store import StoredEvent
from backend.stream.subscriber import Subscriber
from backend.stream.topics import BLOCKS, ME
from listener.mirror.reads.happenings import Standing


class Switchboard:
    """The subscribers by their topics, and `me` by person."""

    def __init__(self) -> None:
        self._people: dict[UUID, dict[Subscriber, None]] = {}
        self._topics: dict[str, dict[Subscriber, None]] = {}
        self._public: dict[Subscriber, int] = {}

    @property
    def has_people(self) -> bool:
        """Whether anybody waits for events of their own."""
        return bool(self._people)

    @property
    def has_public(self) -> bool:
        """Whether anybody waits for what happens on chain."""
        return bool(self._public)

    def connect(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        """It gets what happens from now on."""
        for topic in topics:
            if topic in subscriber.topics:
                continue
            subscriber.topics[topic] = None
            self._listeners(subscriber, topic)[subscriber] = None
            if topic != ME:
                self._public[subscriber] = self._public.get(subscriber, 0) + 1

    def disconnect(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        """It gets nothing more of these."""
        for topic in [each for each in topics if each in subscriber.topics]:
            listeners = self._listeners(subscriber, topic)
            del subscriber.topics[topic], listeners[subscriber]
            if not listeners:
                self._forget(subscriber, topic)
            if topic != ME:
                self._public[subscriber] -= 1
                if not self._public[subscriber]:
                    del self._public[subscriber]

    def _listeners(self, subscriber: Subscriber, topic: str) -> dict[Subscriber, None]:
        if topic != ME:
            return self._topics.setdefault(topic, {})
        if subscriber.access is None:
            raise ValueError("nobody has no events of their own")
        return self._people.setdefault(subscriber.access.user_id, {})

    def _forget(self, subscriber: Subscriber, topic: str) -> None:
        if topic != ME:
            del self._topics[topic]
        elif subscriber.access is not None:
            del self._people[subscriber.access.user_id]

    def tell_person(self, event: StoredEvent) -> None:
        """One of somebody's own events."""
        listeners = self._people.get(event.user_id) if event.user_id is not None else None
        if listeners:
            told = messages.event(event)
            for subscriber in listeners:
                subscriber.offer(told)

    def tell_fact(self, event: ChainEvent) -> None:
        """A fact, once to each, with those of its topics that one has. Its JSON is made once for all with the same."""
        matched: dict[Subscriber, tuple[str, ...]] = {}
        for topic in event.topics:
            for subscriber in self._topics.get(topic, ()):
                matched[subscriber] = (*matched.get(subscriber, ()), topic)
        made: dict[tuple[str, ...], Told] = {}
        for subscriber, topics in matched.items():
            if topics not in made:
                made[topics] = messages.happened(event.place, event.happening, topics)
            subscriber.offer(made[topics])

    def tell_void(self, place: Place, from_block: int) -> None:
        """A reorganisation, to everybody who listens to the chain."""
        for subscriber in self._public:
            subscriber.offer(messages.rolled_back(place, from_block, subscriber.public))

    def tell_head(self, place: Place, standing: Standing, *, rolled_back: bool) -> None:
        """How far the mirror is."""
        told = messages.head(place, standing, rolled_back)
        for subscriber in self._topics.get(BLOCKS, ()):
            subscriber.offer(told)
