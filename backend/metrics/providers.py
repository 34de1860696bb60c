"""What is asked of the chain's providers. Their names are `RPC_URLS` without paths and keys."""

from __future__ import annotations

import weakref
from collections import Counter as Counts
from collections.abc import Iterable

from prometheus_client import REGISTRY, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from listener.chain.rpc import RpcPool

ASKED = Histogram(
    "tombola_rpc_duration_seconds",
    "One request to a provider of the chain, failed ones too, by its first call",
    ["provider", "method"],
    buckets=(0.01, 0.1, 0.5, 2.5, 10),
)
_ERRORS = ("tombola_rpc_errors", "Requests to a provider that failed, by why")
_watched: weakref.WeakSet[RpcPool] = weakref.WeakSet()


def watch(pool: RpcPool) -> None:
    """Measure the requests of this pool."""
    _watched.add(pool)
    for provider in pool.providers:
        provider.observers.append(_asked)


def _asked(provider: str, method: str, seconds: float) -> None:
    ASKED.labels(provider, method).observe(seconds)


class _Errors(Collector):
    """Reads what the providers count themselves, when a scrape asks."""

    def describe(self) -> Iterable[Metric]:
        """The counter without values."""
        return [CounterMetricFamily(*_ERRORS, labels=["provider", "kind"])]

    def collect(self) -> Iterable[Metric]:
        """Sums over the pools."""
        sums: Counts[tuple[str, str]] = Counts()
        for pool in list(_watched):
            for provider in pool.providers:
                for kind, count in dict(provider.errors).items():
                    sums[provider.name, kind] += count
        family = CounterMetricFamily(*_ERRORS, labels=["provider", "kind"])
        for key, count in sums.items():
            family.add_metric(list(key), count)
        yield family


REGISTRY.register(_Errors())
