"""Bodies in this process's memory, the least recently used ones dropped first."""

from __future__ import annotations

import time
from collections import OrderedDict

MOST_ENTRIES = 10_000
_LARGEST = 16  # an entry takes at most this part of all bytes
_OVERHEAD = 300  # bytes an entry takes beside its body, roughly


class Memory:
    """At most `most_bytes` and `most_entries`; each entry for as long as it was put."""

    def __init__(self, most_bytes: int, most_entries: int = MOST_ENTRIES) -> None:
        self._most_bytes, self._most_entries = most_bytes, most_entries
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> bytes | None:
        """The body, if it is there and not too old."""
        found = self._entries.get(key)
        if found is None:
            return None
        body, until = found
        if time.monotonic() >= until:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return body

    def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep a body, unless it is too large to be worth the others."""
        self._drop(key)
        if len(body) + _OVERHEAD > self._most_bytes // _LARGEST:
            return
        self._entries[key] = (body, time.monotonic() + seconds)
        self.bytes += len(body) + _OVERHEAD
        while self.bytes > self._most_bytes or len(self._entries) > self._most_entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self.bytes -= len(found[0]) + _OVERHEAD
