"""Gauges that are measured together: a scrape gets all values of one look, or none once the look is too old."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Values = Mapping[str, Mapping[tuple[str, ...], float]]
"""By gauge, by its labels' values."""


class Snapshot(Collector):
    """Says nothing rather than what was true long ago: an alert on a value that is missing can be written."""

    def __init__(
        self,
        gauges: Mapping[str, tuple[str, tuple[str, ...]]],
        lasts: float,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        """`gauges`: text and labels by name. `lasts`: seconds after which a look says nothing any more."""
        self._gauges = gauges
        self._lasts = lasts
        self._taken: tuple[float, Values] = (0.0, {})
        registry.register(self)

    def take(self, values: Values) -> None:
        """In place of the look before; raises LookupError for a gauge that was not declared."""
        unknown = sorted(set(values) - set(self._gauges))
        if unknown:
            raise LookupError(f"there are no gauges {', '.join(unknown)}")
        self._taken = (time.monotonic(), values)

    def describe(self) -> Iterable[Metric]:
        """Every gauge without values."""
        for name, (text, labels) in self._gauges.items():
            yield GaugeMetricFamily(name, text, labels=labels)

    def collect(self) -> Iterable[Metric]:
        """The last look."""
        at, values = self._taken
        is_fresh = time.monotonic() - at <= self._lasts
        for name, (text, labels) in self._gauges.items():
            family = GaugeMetricFamily(name, text, labels=labels)
            for key, value in values.get(name, {}).items() if is_fresh else ():
                family.add_metric(list(key), value)
            yield family
