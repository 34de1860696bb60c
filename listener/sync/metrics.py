"""Prometheus metrics of the listener, served on `--metrics-port`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from listener.chain.rpc import RpcPool
from listener.mirror.batch import Facts


class Metrics:
    """One set of metrics, on a registry of its own so that tests can make several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.cursor = self._gauge("cursor_block", "Last block mirrored")
        self.head = self._gauge("head_block", "Newest block of the chain")
        self.final = self._gauge("finalized_block", "Last final block of the chain")
        self.lag = self._gauge("lag_blocks", "Blocks the mirror is behind the chain")
        self.leads = self._gauge("leads", "1 while this process is the writer, 0 while it stands by")
        self.events = self._counter("events", "Events mirrored")
        self.problems = self._counter("problems", "Events recorded in mirror.problem")
        self.spans = self._counter("spans", "Spans committed")
        self.forks = self._counter("forks", "Rollbacks to a fork")
        self.retries = self._counter("retries", "Times answers did not agree and were read again")

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"listener_{name}", text, registry=self.registry)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(f"listener_{name}", text, registry=self.registry)

    def serve(self, port: int) -> None:
        """Answer on `port` at /metrics, in a thread of its own."""
        start_http_server(port, registry=self.registry)

    def tip(self, head: int, final: int, cursor: int) -> None:
        """Record where chain and mirror are."""
        self.head.set(head)
        self.final.set(final)
        self.cursor.set(cursor)
        self.lag.set(max(0, head - cursor))

    def committed(self, facts: Facts, pool: RpcPool) -> None:
        """Record a committed span."""
        self.events.inc(facts.events)
        self.problems.inc(len(facts.problems))
        self.spans.inc()
