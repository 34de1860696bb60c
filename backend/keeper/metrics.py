"""What the keeper sees and does, for Prometheus. `kind` is that of its intents, such as keeper_raffle_finalise."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable

from prometheus_client import Counter, Gauge

from backend.keeper.scan import Push

DUE = Gauge("tombola_keeper_due", "Pushes that were due at the last look", ["kind"])
LATE = Gauge("tombola_keeper_late_seconds", "Since when this keeper sees the oldest of them due; 0: none is")
PUSHES = Counter("tombola_keeper_pushes", "Intents recorded for what was due", ["kind"])
LOOKED = Gauge("tombola_keeper_looked_timestamp_seconds", "Unix time of the last look that succeeded")
FAILED = Counter("tombola_keeper_failures", "Looks that failed, by why", ["why"])
for _why in ("chain", "database", "broken"):
    FAILED.labels(_why)  # an increase from 0 is one


class Lateness:
    """Since when each thing is due, as this process saw it; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}
        self._kinds: set[str] = set()

    def saw(self, due: Iterable[Push]) -> None:
        """A look found these."""
        now, pushes = self._clock(), list(due)
        self._since = {push.key: self._since.get(push.key, now) for push in pushes}
        counts = Counts(push.kind for push in pushes)
        self._kinds |= set(counts)
        for kind in self._kinds:
            DUE.labels(kind).set(counts[kind])
        LATE.set(now - min(self._since.values(), default=now))
        LOOKED.set_to_current_time()
