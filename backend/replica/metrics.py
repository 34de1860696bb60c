"""Which server answers reads, for Prometheus."""

from __future__ import annotations

from typing import Literal

from prometheus_client import Counter

from backend.metrics.snapshot import Snapshot

Why = Literal["left_alone", "older", "refused", "busy", "conflict", "failed"]
"""It is away or late; its mirror is not of the newest version; it would answer with a refusal; it has no free connection;
its replay had to end the statement; anything else went wrong.
"""

READS = Counter("tombola_reads", "Public reads computed, by the server that answered", ["target"])
PASSED_OVER = Counter(
    "tombola_replica_passed_over", "Reads that the primary answered although there is a replica", ["why"]
)
LAG = "tombola_replica_lag_seconds"
GAUGES = Snapshot(
    {LAG: ("Since when the primary has what the replica is not known to have; nothing without one", ())},
    lasts=10.0,
)
