"""A brake on guessing: counts events per key in a sliding window, in this process's memory."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from backend.errors import AppError

MAX_KEYS = 50_000


class TooManyAttempts(AppError):
    """Too many attempts in a short time; Retry-After says when to try again."""

    status = 429


class Throttle:
    """At most `limit` events per key in `window` seconds; the least recently used keys are forgotten."""

    def __init__(self, limit: int, window: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Raise TooManyAttempts when the key has used up its window."""
        now = self._clock()
        events = self._events.get(key)
        if events is None:
            return
        while events and events[0] <= now - self._window:
            events.popleft()
        if len(events) >= self._limit:
            seconds = max(1, round(events[0] + self._window - now))
            raise TooManyAttempts(
                f"Too many attempts; try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
            )

    def record(self, key: str) -> None:
        """Count one event."""
        self._events.setdefault(key, deque()).append(self._clock())
        self._events.move_to_end(key)
        while len(self._events) > MAX_KEYS:
            self._events.popitem(last=False)
