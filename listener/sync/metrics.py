"""What the listener measures (docs/listener-metrics.md). Counted once per span or request, never per event;
what already stands somewhere is read when a scrape asks, in the scrape's own thread.
"""

import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from listener import __version__
from listener.chain.feed import Feed
from listener.chain.provider import Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark, Facts, Tip
from listener.pulse import Pulse

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_DEPTHS = (1, 2, 3, 5, 8, 13, 21, 34, 64, 128, 256)
_MOST_TABLES = 200  # tables with a series of their own; what is mirrored into others counts as "other"


@dataclass
class State:
    """Where the listener stands. Times are Unix time in seconds, 0 before the first."""

    leads: bool = False
    tip: Tip | None = None
    cursor: BlockMark | None = None
    committed_at: float = 0.0
    looked_at: float = 0.0
    providers: Sequence[Provider] = field(default_factory=list)
    feeds: Sequence[Feed] = field(default_factory=list)

    @property
    def lag_blocks(self) -> int | None:
        """Blocks between cursor and head; None while unknown."""
        tip, cursor = self.tip, self.cursor
        return None if tip is None or cursor is None else max(0, tip.head.number - cursor.number)


class Metrics:
    """One set of metrics, on a registry of its own so that tests can make several."""

    def __init__(self, chain_id: int = 0) -> None:
        self.registry = CollectorRegistry()
        self.state = State()
        self.pulse = Pulse()
        self.chain_id = chain_id
        self._events = self._counter("events", "Events mirrored")
        self._rows = self._counter("rows", "Rows written to a table", "table")
        self._problems = self._counter("problems", "Events recorded in mirror.problem", "kind")
        self._spans = self._counter("spans", "Spans of blocks committed")
        self._commits = self._histogram("commit_duration_seconds", "Writing and committing one span")
        self._reorgs = self._histogram("reorg_depth_blocks", "Blocks dropped by a rollback", buckets=_DEPTHS)
        self._answers = self._histogram(
            "rpc_duration_seconds", "One request, by its first call", "provider", "method"
        )
        self.retries = self._counter("retries", "Times answers did not agree and were read again")
        self.head_to_commit = self._histogram(
            "head_to_commit_seconds", "From learning of a new head to its rows being visible"
        )
        self.spans_in_flight = Gauge(
            "listener_spans_in_flight", "Spans fetched ahead of the writer", registry=self.registry
        )
        for kind in ("altered", "undecodable"):
            self._problems.labels(kind)
        self._tables: set[str] = set()
        self.registry.register(_View(self))
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"listener_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, *labels: str, buckets: Sequence[float] = _SECONDS
    ) -> Histogram:
        return Histogram(f"listener_{name}", text, labels, registry=self.registry, buckets=buckets)

    def watch(self, pool: RpcPool) -> None:
        """Measure the requests of this pool."""
        self.state.providers = pool.providers
        for provider in pool.providers:
            provider.observers.append(self._answered)

    def _answered(self, provider: str, method: str, seconds: float) -> None:
        self._answers.labels(provider, method).observe(seconds)

    def leads(self, feeds: Sequence[Feed]) -> None:
        """This process became the writer; `feeds` announce blocks to it."""
        self.state.feeds, self.state.leads = feeds, True

    def stands_by(self) -> None:
        """This process is not the writer (any more): what it knew of the mirror says nothing now."""
        self.state.leads, self.state.feeds = False, ()
        self.state.tip = self.state.cursor = None

    def looked(self, tip: Tip) -> None:
        """The chain was looked at."""
        self.state.tip, self.state.looked_at = tip, time.time()

    def stands_at(self, cursor: BlockMark) -> None:
        """Where the mirror stands."""
        self.state.cursor = cursor

    def committed(self, facts: Facts, seconds: float) -> None:
        """A span was committed; it took so long."""
        self.state.committed_at = time.time()
        self._commits.observe(seconds)
        self._spans.inc()
        self._events.inc(facts.events)
        for table, rows in facts.rows.items():
            self._rows.labels(self._label(table)).inc(len(rows))
        for problem in facts.problems:
            self._problems.labels(problem.kind).inc()

    def rolled_back(self, fork: BlockMark, depth: int) -> None:
        """The mirror went back to block `fork`, `depth` blocks."""
        self.state.cursor = fork
        self._reorgs.observe(depth)

    def _label(self, table: str) -> str:
        if table not in self._tables:
            if len(self._tables) >= _MOST_TABLES:
                return "other"
            self._tables.add(table)
        return table

    def health(self) -> dict[str, Any]:
        """The role of this process, and for the writer where the mirror stands."""
        state = self.state
        cursor, tip = state.cursor, state.tip
        if not state.leads:
            return {"role": "standby"}
        return {
            "role": "leader",
            "cursor_block": None if cursor is None else cursor.number,
            "head_block": None if tip is None else tip.head.number,
            "lag_blocks": state.lag_blocks,
            "last_commit_age_seconds": round(time.time() - state.committed_at, 1)
            if state.committed_at
            else None,
        }


class _View(Collector):
    """What is read from the listener's state at each scrape."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        state = self._metrics.state
        labels = {
            "version": __version__,
            "python": platform.python_version(),
            "chain_id": str(self._metrics.chain_id),
        }
        info = GaugeMetricFamily("listener_build_info", "What runs here", labels=list(labels))
        info.add_metric(list(labels.values()), 1)
        yield info
        yield _gauge("leader", "1 while this process is the writer, 0 while it stands by", state.leads)
        if state.leads:
            yield from _place(state)
        yield _gauge(
            "last_commit_timestamp_seconds", "Unix time of this process's last commit", state.committed_at
        )
        yield _gauge("last_look_timestamp_seconds", "Unix time of its last look at the head", state.looked_at)
        yield from _providers(state.providers)
        yield from _feeds(state.feeds)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"listener_{name}", text, value=value)


def _place(state: State) -> Iterable[Metric]:
    """Chain and mirror, as far as they are known."""
    tip, cursor, lag = state.tip, state.cursor, state.lag_blocks
    if tip is not None:
        yield _gauge("head_block", "Newest block of the chain", tip.head.number)
        yield _gauge("finalized_block", "Last final block of the chain", tip.final)
        age = max(0.0, time.time() - tip.head.time)
        yield _gauge("head_age_seconds", "Wall clock minus the time of the newest block", age)
    if cursor is not None:
        yield _gauge("cursor_block", "Last block mirrored", cursor.number)
    if lag is not None:
        yield _gauge("lag_blocks", "Blocks the mirror is behind the chain", lag)
    if tip is not None and cursor is not None and cursor.time:
        behind = max(0, tip.head.time - cursor.time) if lag else 0
        yield _gauge("lag_seconds", "Time of the newest block minus time of the last one mirrored", behind)


def _providers(providers: Sequence[Provider]) -> Iterable[Metric]:
    errors = CounterMetricFamily("listener_rpc_errors", "Requests that failed", labels=["provider", "kind"])
    states = GaugeMetricFamily(
        "listener_rpc_state", "1 for the state the provider is in", labels=["provider", "state"]
    )
    for provider in providers:
        for kind, count in dict(provider.errors).items():
            errors.add_metric([provider.name, kind], count)
        for state in ("ready", "resting", "behind", "refused"):
            states.add_metric([provider.name, state], state == _state(provider))
    yield errors
    yield states


def _state(provider: Provider) -> str:
    if provider.is_refused:
        return "refused"
    if provider.ready_at > time.monotonic():
        return "resting"
    return "behind" if provider.is_behind else "ready"


def _feeds(feeds: Sequence[Feed]) -> Iterable[Metric]:
    subscribed = GaugeMetricFamily(
        "listener_push_subscribed", "1 while heads are announced", labels=["provider"]
    )
    notices = CounterMetricFamily("listener_push_notices", "Heads announced", labels=["provider"])
    losses = CounterMetricFamily("listener_push_losses", "Subscriptions lost", labels=["provider"])
    for feed in feeds:
        subscribed.add_metric([feed.name], feed.is_subscribed)
        notices.add_metric([feed.name], feed.notices)
        losses.add_metric([feed.name], feed.losses)
    if feeds:
        yield from (subscribed, notices, losses)
