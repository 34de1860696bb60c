"""Writes docs/metrics.md from the metrics that the processes register: `python -m tools.metrics_page`.

The listener's are in docs/listener-metrics.md, which a test of its own keeps true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "metrics.md"
LISTENER_PAGE = ROOT / "docs" / "listener-metrics.md"
PROCESSES = {
    "api": "backend.app",
    "sender": "backend.sender.process",
    "worker": "backend.jobs.process",
    "keeper": "backend.keeper.process",
}
ALL = tuple(PROCESSES)
_ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}

FILLED_BY: dict[str, tuple[str, ...]] = {
    "tombola_http": ("api",),
    "tombola_throttled": ("api",),
    "tombola_requests": ("api",),
    "tombola_reads": ("api",),
    "tombola_replica": ("api",),
    "tombola_streams": ("api",),
    "tombola_mirror": ("api",),
    "tombola_certificates": ("api",),
    "tombola_cache": ("api",),
    "tombola_payment_events": ("api",),
    "tombola_payment_credits": ("worker",),
    "tombola_stripe_failures": ("api", "worker"),
    "tombola_sender": ("sender",),
    "tombola_transactions": ("sender",),
    "tombola_gas_paid": ("sender",),
    "tombola_keeper": ("keeper",),
    "tombola_pool": ALL,
    "tombola_rpc": ALL,
    "tombola_": ("worker",),
}
"""Which processes fill a metric, by the longest beginning of its name. Others may serve it, empty or 0."""


@dataclass(frozen=True)
class Served:
    """One metric: `series` are the names that queries use."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str

    @property
    def series(self) -> tuple[str, ...]:
        """Names in PromQL."""
        return tuple(self.name + ending for ending in _ENDINGS[self.kind])

    @property
    def filled_by(self) -> tuple[str, ...]:
        """Processes."""
        beginning = max((one for one in FILLED_BY if self.name.startswith(one)), key=len)
        return FILLED_BY[beginning]


TEXTFILE = (
    Served("tombola_backup_timestamp_seconds", "gauge", (), "When the newest backup was finished, Unix time"),
    Served("tombola_backup_bytes", "gauge", (), "Its size"),
)
"""Of node_exporter's textfile collector: the backup command writes them beside the backup."""


def registered() -> list[Served]:
    """Every metric of the backend's processes, by name."""
    for module in PROCESSES.values():
        import_module(module)
    for module in import_module("backend.jobs.process").TASKS:
        import_module(module)
    found = [one for collector in list(REGISTRY._collector_to_names) for one in _served(collector)]
    return sorted(found, key=lambda one: one.name)


def _served(collector: object) -> Iterator[Served]:
    families: list[Metric] = list(getattr(collector, "describe", list)())
    for family in families:
        if family.name.startswith("tombola_"):
            owner = collector if isinstance(collector, MetricWrapperBase) else family
            labels: tuple[str, ...] = tuple(vars(owner)["_labelnames"])
            yield Served(family.name, family.type, labels, family.documentation)


def listeners() -> list[Served]:
    """The listener's, as its page says."""
    rows = re.findall(
        r"^\| `(listener_\w+)` \| (\w+) \|(.*?)\| (.*) \|$", LISTENER_PAGE.read_text(), re.MULTILINE
    )
    return [
        Served(
            name.removesuffix("_total") if kind == "counter" else name,
            kind,
            tuple(re.findall(r"(?:^|, )`(\w+)`", re.sub(r":(?: `\w+`,?)+", ",", labels.strip()))),
            text,
        )
        for name, kind, labels, text in rows
    ]


def page() -> str:
    """The whole page."""
    rows = [
        f"| `{_shown(one)}` | {one.kind} | {_ticked(one.labels)} | {', '.join(one.filled_by)} | {one.text} |"
        for one in registered()
    ]
    files = [f"| `{one.name}` | {one.kind} | | `backup` | {one.text} |" for one in TEXTFILE]
    return "\n".join([_HEAD, *rows, *files, "", _TAIL])


def _shown(one: Served) -> str:
    return one.name + ("_total" if one.kind == "counter" else "")


def _ticked(labels: tuple[str, ...]) -> str:
    return ", ".join(f"`{label}`" for label in labels)


_HEAD = """# Metrics

Written by `python -m tools.metrics_page` from the metrics that the processes register; a test fails when this page is
older than they are.

Each process serves `/metrics`, and [`/health`](resilience.md#probes), where `METRICS_PORT` says
([settings](operating.md#processes-and-settings)); the listener's are on [a page of their own](listener-metrics.md).
There is no password: keep the ports inside your network. [The alerts and their runbooks](runbooks/README.md),
[Grafana's dashboards](../deploy/grafana) and [Prometheus' configuration](../deploy/prometheus) use these and no others.

- No label has values that outsiders choose: a request counts under its route's template, never its path, and one that
  no route took under `none`. A test walks through all of them.
- What the worker says of the whole system (jobs, intents, wallets, books, funds) it reads from the database every 15
  seconds, however often it is scraped; several workers say the same, so take `max`. After a minute without the
  database it says nothing any more: no number is older than that. Funds are read from the chain once a minute by the
  job `read_platform`.
- Mail that waits is `tombola_jobs{task="deliver_mail"}`, webhooks `tombola_jobs{task="deliver_webhook"}`: each has a
  job. A dead letter is a job in the state `failed`. Mails that bounce after they were taken come back as mails, to
  `MAIL_FROM`: nothing here counts them.
- A histogram `x` is queried as `x_bucket`, `x_sum` and `x_count`. Amounts of money are in the smallest unit, rounded
  as floating point numbers are.
- The local oracle (`python -m tools.oracle`) is a tool for one machine and serves none: what it does shows in
  `tombola_vrf_balance` and in draws that end.

| metric | kind | labels | filled by | meaning |
|---|---|---|---|---|"""

_TAIL = """`backup` writes its two into a file for node_exporter's textfile collector: a command that ends has no port to be
scraped at.

## Looking at them
`deploy/prometheus/prometheus.yml` finds the processes by name (DNS) on port 9464, which each gets as `METRICS_PORT`,
and loads `alerts.yml`. `deploy/grafana/provisioning` gives Grafana the data source and the dashboards of
`deploy/grafana`. Alerts have a `severity`: `page` (wake somebody), `ticket` (the next working day) or `heartbeat` (it
always comes; whoever gets it no longer wakes somebody). `alertmanager.yml` sends each to an address, which you fill in,
groups what comes together, and keeps back what follows from something that was told. Alerts link to their runbook on the
site that `make docs` builds: where you serve it is the external label `docs` in `prometheus.yml`.

```sh
promtool check config deploy/prometheus/prometheus.yml     # Debian: apt install prometheus
promtool test rules deploy/prometheus/alerts_test.yml      # each alert: when it fires and when it does not
python -m tools.alerts_told amtool alertmanager            # who is told (Debian: prometheus-alertmanager)
python -m tools.dashboards run                             # `make run` with metrics, and Prometheus on port 9090
python -m tools.dashboards check                           # has every panel of every dashboard data there?
```

![The overview, drawn without Grafana from what Prometheus answered](dashboards.png)

The picture is `check --picture docs/dashboards.png`: Grafana's layout and Prometheus' data of a local system, drawn by
`tools/dashboards/picture.py`. Its listener stood still for two and a half minutes: *Processes that answer*
shows it, and `MirrorStandsStill` and `ProcessMissing` fired.
"""


if __name__ == "__main__":
    PAGE.write_text(page())
