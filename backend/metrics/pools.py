"""Connections to PostgreSQL: how many there may be, are used and are waited for."""

from __future__ import annotations

import time
import weakref
from collections import Counter as Counts
from collections.abc import Iterable
from typing import Any

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

WAITED = Histogram(
    "tombola_pool_wait_seconds",
    "Until a connection was had",
    ["pool"],
    buckets=(0.001, 0.01, 0.1, 1, 10),
)
TIMEOUTS = Counter("tombola_pool_timeouts", "Times no connection was had in time", ["pool"])
_GAUGES = {
    "tombola_pool_size": "Connections there may be",
    "tombola_pool_used": "Connections in use",
    "tombola_pool_waiting": "Who waits for one",
}
_pools: weakref.WeakSet[MeasuredPool] = weakref.WeakSet()


class MeasuredPool(AsyncAdaptedQueuePool):
    """`pool_logging_name` of its engine is its label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = str(self.logging_name or "other")
        self.waiting = 0
        _pools.add(self)

    def _do_get(self) -> ConnectionPoolEntry:
        """The pool's own, measured: it calls itself again where another one was quicker."""
        began = time.perf_counter()
        self.waiting += 1
        try:
            found = super()._do_get()
        except PoolTimeoutError:
            TIMEOUTS.labels(self.label).inc()
            raise
        finally:
            self.waiting -= 1
        WAITED.labels(self.label).observe(time.perf_counter() - began)
        return found


class _Pools(Collector):
    """Reads the pools when a scrape asks."""

    def describe(self) -> Iterable[Metric]:
        """Every gauge without values."""
        return [GaugeMetricFamily(name, text, labels=["pool"]) for name, text in _GAUGES.items()]

    def collect(self) -> Iterable[Metric]:
        """Sums over the pools of a label."""
        sums: dict[str, Counts[str]] = {name: Counts() for name in _GAUGES}
        for pool in list(_pools):
            numbers = (pool.size(), pool.checkedout(), pool.waiting)
            for name, number in zip(_GAUGES, numbers, strict=True):
                sums[name][pool.label] += number
        for name, text in _GAUGES.items():
            family = GaugeMetricFamily(name, text, labels=["pool"])
            for label, number in sums[name].items():
                family.add_metric([label], number)
            yield family


REGISTRY.register(_Pools())
