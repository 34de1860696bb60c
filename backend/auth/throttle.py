"""A brake on guessing: counts events per key in a sliding window, in this process's memory."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

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

    def is_used_up(self, key: str) -> bool:
        """Whether the key has had all events of its window."""
        return len(self._recent(key)) >= self._limit

    def check(self, key: str, limit: int | None = None) -> None:
        """Raise TooManyAttempts when the key has used up its window (or `limit`, where it is smaller)."""
        bound = self._limit if limit is None else min(limit, self._limit)
        events = self._recent(key)
        if len(events) >= bound:
            seconds = max(1, round(events[-bound] + self._window - self._clock()))
            raise TooManyAttempts(
                f"Too many attempts; try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
            )

    def record(self, key: str) -> None:
        """Count one event."""
        self._events.setdefault(key, deque()).append(self._clock())
        self._events.move_to_end(key)
        while len(self._events) > MAX_KEYS:
            self._events.popitem(last=False)

    def _recent(self, key: str) -> deque[float]:
        events = self._events.get(key, deque())
        while events and events[0] <= self._clock() - self._window:
            events.popleft()
        return events


class SignInFailures:
    """Wrong passwords, counted so that guessing is slow and nobody can keep the owner out.

    `per_address`: failures that one network may have for one account. `per_account`: failures of all networks
    for one account; from then on a network is refused after its first. A network that has not failed is never
    refused: the owner's right password always counts.
    """

    def __init__(
        self,
        per_address: int,
        per_account: int,
        window: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._of_address = Throttle(per_address, window, clock)
        self._of_account = Throttle(per_account, window, clock)

    def check(self, account: str, network: str) -> None:
        """Raise TooManyAttempts when this network has failed too often for this account."""
        is_attacked = self._of_account.is_used_up(account)
        self._of_address.check(f"{account} {network}", limit=1 if is_attacked else None)

    def record(self, account: str, network: str) -> None:
        """Count one wrong password."""
        self._of_account.record(account)
        self._of_address.record(f"{account} {network}")


def network_of(host: str | None) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    if host is None:
        return "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address.packed, 64), strict=False))
