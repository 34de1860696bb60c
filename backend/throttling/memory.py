"""Sliding windows in this process's memory.

The storage in memory that the library `limits` has looks at every client again for each request, in threads.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from time import monotonic

from backend.throttling.rules import Count, Rule

MOST_CLIENTS = 50_000


class Memory:
    """When each client was counted under each rule, as far back as the rule looks.

    Under each rule the `MOST_CLIENTS` that were counted last are known.
    """

    def __init__(self) -> None:
        self._counted: dict[Rule, OrderedDict[str, deque[float]]] = {}

    def hit(self, rule: Rule, key: str) -> Count:
        """Count a request of `key` where the rule allows one more."""
        times = self._recent(rule, key)
        is_allowed = len(times) < rule.limit
        if is_allowed:
            clients = self._counted.setdefault(rule, OrderedDict())
            clients[key] = times
            clients.move_to_end(key)
            times.append(monotonic())
            if len(clients) > MOST_CLIENTS:
                clients.popitem(last=False)
        return self._count(rule, times, is_allowed)

    def look(self, rule: Rule, key: str) -> Count:
        """Where `key` stands; counts nothing."""
        times = self._recent(rule, key)
        return self._count(rule, times, is_allowed=len(times) < rule.limit)

    def _recent(self, rule: Rule, key: str) -> deque[float]:
        clients = self._counted.get(rule)
        times: deque[float] | None = clients.get(key) if clients else None
        if times is None:
            return deque()
        while times and times[0] <= monotonic() - rule.seconds:
            times.popleft()
        return times

    def _count(self, rule: Rule, times: deque[float], is_allowed: bool) -> Count:
        seconds = times[0] + rule.seconds - monotonic() if times else 0.0
        return Count(rule, is_allowed, rule.limit - len(times), max(1, math.ceil(seconds)))
