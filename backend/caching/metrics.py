"""What the cache did, for Prometheus."""

from __future__ import annotations

from typing import Literal

from prometheus_client import Counter, Gauge

How = Literal["hit", "shared", "computed", "waited", "uncached", "not_modified"]
"""Where an answer came from: this process's memory, Redis, the database, somebody else's computation, the database
because nothing may be kept; or there was nothing to send, because the client had it.
"""

ANSWERS = Counter(
    "tombola_cache_answers", "Answers of reads that are kept, by where they came from", ["read", "how"]
)
ENTRIES = Gauge("tombola_cache_entries", "Answers kept in this process")
BYTES = Gauge("tombola_cache_bytes", "Memory they take, roughly")
REDIS_FAILURES = Counter("tombola_cache_redis_failures", "Times Redis could not be asked for an answer")
