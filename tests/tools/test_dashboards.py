"""`python -m tools.dashboards` asks what the panels ask, and says which have no data."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml

from tools.dashboards import system
from tools.dashboards.panels import check, dashboards
from tools.dashboards.picture import page


class Prometheus(BaseHTTPRequestHandler):
    """Answers query_range in Prometheus' words: a rising line, or nothing for what `silent` names."""

    silent: tuple[str, ...] = ()

    def do_GET(self) -> None:
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        points = [[time.time() - 60 + n, str(n)] for n in range(60)]
        series = {"metric": {"__name__": "x", "job": "api", "state": "<b>"}, "values": points}
        is_silent = any(word in asked["query"][0] for word in self.silent)
        body = json.dumps({"data": {"result": [] if is_silent else [series]}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def prometheus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Prometheus, "silent", ())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_check__a_panel_without_data_is_named(
    prometheus: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(prometheus) == 0
    assert "Every panel has data." in capsys.readouterr().out
    monkeypatch.setattr(Prometheus, "silent", ("listener_lag_blocks", "tombola_backup", "tombola_throttled"))
    assert check(prometheus) == 1
    said = capsys.readouterr().out
    assert [line.split()[:3] for line in said.splitlines() if "NO DATA" in line] == [
        ["tombola-chain", "Blocks", "behind"]
    ]
    assert "1 panels have no data." in said


def test_page__draws_each_panel_with_its_data(prometheus: str) -> None:
    for uid, board in dashboards().items():
        text = page(prometheus, uid)
        assert text.count("<div class=panel") == len(board["panels"])
        charts = [panel for panel in board["panels"] if panel["type"] == "timeseries"]
        assert text.count("<polyline") == sum(len(panel["targets"]) for panel in charts)
        assert "<b>" not in text


def test_system__every_process_has_a_port_and_a_job() -> None:
    jobs = {job["job_name"] for job in yaml.safe_load(system.CONFIG.read_text())["scrape_configs"]}
    assert set(system.PORTS) == jobs - {"node"}
    assert len(set(system.PORTS.values())) == len(system.PORTS)
