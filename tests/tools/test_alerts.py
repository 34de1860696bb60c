"""Alerts, dashboards and runbooks ask for metrics, labels and buckets that the processes really serve."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import Histogram

from backend.metrics.system import JOB_STATES, OPEN_STATES
from listener.sync.metrics import Metrics
from tests.support.processes import ROOT
from tests.tools.promql import Expression, parse
from tools.alerts_told import FIRING
from tools.metrics_page import TEXTFILE, Served, listeners, registered

PROMETHEUS, GRAFANA, RUNBOOKS = ROOT / "deploy/prometheus", ROOT / "deploy/grafana", ROOT / "docs/runbooks"
TOLD_BY = {"page", "ticket", "heartbeat"}
"""Receivers of alertmanager.yml, by severity."""
SECTIONS = ["What it means", "How to see it", "What to do", "When it is over"]
GIVEN = {"job", "instance"}  # by Prometheus itself
OWN = {
    "up": (),
    "process_cpu_seconds_total": (),
    "process_start_time_seconds": (),
    "process_resident_memory_bytes": (),
    "process_open_fds": (),
    "process_max_fds": (),
}
VALUES = {
    "status": {f"{number}xx" for number in range(1, 6)},
    "outcome": {
        "done",
        "again",
        "failed",
        "made",
        "too_long",
        "succeeded",
        "reverted",
        "sent",
        "no_recipient",
    }
    | {"refused", "taken", "unreachable"},
    "by": {"sender", "people"},
    "state": {*OPEN_STATES, *JOB_STATES.values(), "answers", "behind", "away"},
    "role": {"user", "keeper", "treasury"},
}
"""Values that expressions compare with, by label."""


RUNBOOK = re.compile(r"\{\{ \$externalLabels\.docs \}\}/runbooks/([\w-]+)\.html")
"""The site has a page for each of docs/runbooks: tests/delivery/test_docs.py."""


def groups() -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]:
        yield from group["rules"]


def rules() -> list[dict[str, Any]]:
    return [rule for rule in groups() if "alert" in rule]


def recorded() -> dict[str, str]:
    return {rule["record"]: rule["expr"] for rule in groups() if "record" in rule}


def runbook(rule: dict[str, Any]) -> Path:
    found = RUNBOOK.fullmatch(rule["annotations"]["runbook_url"])
    assert found, rule
    return RUNBOOKS / f"{found[1]}.md"


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(GRAFANA.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            yield f"{path.stem}: {panel['title']}", panel


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression with where it stands."""
    for rule in groups():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for name, panel in panels():
        for target in panel["targets"]:
            yield name, target["expr"]
    for path in sorted(RUNBOOKS.glob("*.md")):
        for block in re.findall(r"```promql\n(.*?)```", path.read_text(), re.DOTALL):
            for line in block.splitlines():
                yield path.name, line
    for case in yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]:
        for series in case["input_series"]:
            yield "alerts_test.yml", series["series"]


@cache
def known() -> dict[str, Served]:
    """Every series by its name in queries."""
    return {series: one for one in (*registered(), *listeners(), *TEXTFILE) for series in one.series} | {
        name: Served(name, "gauge", labels, "")
        for name, labels in (*OWN.items(), *((name, ()) for name in recorded()))
    }


@cache
def buckets() -> dict[str, set[str]]:
    """Upper bounds of each histogram, as `le` has them."""
    registries: tuple[CollectorRegistry, ...] = (REGISTRY, Metrics().registry)
    return {
        collector._name: {str(float(bound)) for bound in collector._upper_bounds} | {"+Inf"}
        for registry in registries
        for collector in registry._collector_to_names
        if isinstance(collector, Histogram)
    }


def faults_of(expression: Expression) -> list[str]:
    """What it asks for that nobody serves."""
    faults, labels_of_all = [], set(GIVEN)
    jobs = {job["job_name"] for job in scraped()}
    for name, matchers in expression.asked:
        served = known().get(name)
        if served is None:
            faults.append(f"nobody serves {name}")
            continue
        labels = {*served.labels, *GIVEN, *(["le"] if name.endswith("_bucket") else [])}
        labels_of_all |= labels
        for label, sign, value in matchers:
            if label not in labels:
                faults.append(f"{name} has no label {label}")
            allowed = buckets().get(served.name, set()) if label == "le" else VALUES.get(label)
            allowed = jobs if label == "job" else allowed
            if (
                allowed is not None
                and not set(value.split("|") if sign in ("=~", "!~") else [value]) <= allowed
            ):
                faults.append(f"{name} has no {label}={value}")
    faults += [f"nothing has the label {label}" for label in sorted(expression.groups - labels_of_all)]
    return faults


def scraped() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())[
        "scrape_configs"
    ]
    return found


def test_expressions__ask_only_for_what_is_served() -> None:
    every = list(expressions())
    assert len(every) > 200
    faults = {f"{where}: {fault}" for where, text in every for fault in faults_of(parse(text))}
    assert faults == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rate(tombola_nothing_total[5m])", "nobody serves tombola_nothing_total"),
        ("tombola_http_requests", "nobody serves tombola_http_requests"),
        ('tombola_jobs{colour="red"}', "tombola_jobs has no label colour"),
        ('tombola_jobs{state=~"waiting|lost"}', "tombola_jobs has no state=waiting|lost"),
        ("sum by (route) (tombola_jobs)", "nothing has the label route"),
        ('up{job="apis"}', "up has no job=apis"),
        (
            'tombola_http_request_duration_seconds_bucket{le="1"}',
            "tombola_http_request_duration_seconds_bucket has no le=1",
        ),
        (
            'listener_reorg_depth_blocks_bucket{le="33.0"}',
            "listener_reorg_depth_blocks_bucket has no le=33.0",
        ),
    ],
)
def test_expressions__faults_are_found(text: str, fault: str) -> None:
    assert faults_of(parse(text)) == [fault]


def test_words__name_labels_that_the_expression_leaves() -> None:
    shown = [(rule["alert"], rule["expr"], rule["annotations"]["summary"]) for rule in rules()]
    shown += [(name, t["expr"], t["legendFormat"]) for name, panel in panels() for t in panel["targets"]]
    for where, text, words in shown:
        expression = parse(text)
        whole = {label for name, _ in expression.asked for label in known()[name].labels} | GIVEN
        left = expression.groups - {"le"} or (set() if re.search(r"\b(sum|max|min)\b", text) else whole)
        # absent() keeps the labels that its selector names.
        left |= {label for _, matchers in expression.asked for label, sign, _ in matchers if sign == "="}
        assert set(re.findall(r"\{\{ ?(?:\$labels\.)?(\w+) ?\}\}", words)) <= left, where


def test_alerts__each_has_its_runbook_and_each_runbook_its_alert() -> None:
    assert len(rules()) > 25
    for rule in rules():
        page = runbook(rule)
        text = page.read_text()
        assert text.splitlines()[0] == f"# {rule['alert']}", page
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS, page
        assert all(part.strip() for part in re.split(r"^#.*$", text, flags=re.MULTILINE)[2:]), page
        assert rule["labels"]["severity"] in TOLD_BY
    named = {runbook(rule).name for rule in rules()}
    assert {path.name for path in RUNBOOKS.glob("*.md")} == {*named, "README.md"}
    index = (RUNBOOKS / "README.md").read_text()
    assert set(re.findall(r"^\| \[(\w+)\]", index, re.MULTILINE)) == {rule["alert"] for rule in rules()}


def test_runbooks__links_lead_somewhere() -> None:
    for path in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_alerts__each_is_tried_by_promtool() -> None:
    """`.ci/run` runs promtool; here: no alert is left out, firing and (in the first story) silent."""
    cases = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    fires = {
        name
        for case in cases
        for test in case.get("promql_expr_test", ())
        if test["exp_samples"]
        for name in re.findall(r'alertname="(\w+)"', test["expr"])
    }
    assert fires == {rule["alert"] for rule in rules()}
    silence = {"expr": 'ALERTS{alertname!="Watchdog"}', "eval_time": "2h", "exp_samples": []}
    assert cases[0]["promql_expr_test"][0] == silence


def test_dashboards__are_found_by_the_provisioning() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    seen = set()
    for path in GRAFANA.glob("*.json"):
        board = json.loads(path.read_text())
        assert board["uid"] == path.stem
        assert "tombola" in board["tags"]
        seen.add(board["title"])
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for panel in board["panels"]:
            assert panel["datasource"]["uid"] == source["uid"]
            assert panel["targets"]
    assert len(seen) == len(list(GRAFANA.glob("*.json"))) > 3


def test_prometheus__every_process_is_scraped() -> None:
    assert {"api", "worker", "sender", "keeper", "listener"} <= {job["job_name"] for job in scraped()}


def test_alertmanager__knows_every_severity__and_names_alerts_that_exist() -> None:
    """`.ci/run` asks amtool and an Alertmanager who is told of what (tools/alerts_told.py)."""
    told = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())
    assert {one["name"] for one in told["receivers"]} == TOLD_BY
    routes = {
        route["matchers"][0].removeprefix("severity = "): route["receiver"]
        for route in told["route"]["routes"]
    }
    assert routes == {name: name for name in TOLD_BY}
    matchers = [
        text
        for rule in told["inhibit_rules"]
        for text in (*rule["source_matchers"], *rule["target_matchers"])
        if text.startswith("alertname")
    ]
    named = {name for text in matchers for name in re.findall(r"\w+", text)} - {"alertname"}
    assert len(named) > 10
    assert named <= {rule["alert"] for rule in rules()}
    labels = {(labels["alertname"], labels["severity"]) for labels in FIRING.values()}
    assert labels <= {(rule["alert"], rule["labels"]["severity"]) for rule in rules()}
