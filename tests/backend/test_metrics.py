"""METRICS_PORT: what Prometheus gets from each process, as it gets it."""

from __future__ import annotations

import json
import socket
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.settings import Settings, load_settings
from tests.support.anvil import Anvil, dev_account
from tests.support.processes import Process
from tools.metrics_page import registered
from tools.ports import free_port

PROCESSES = ("api", "sender", "worker", "keeper")
LOOPS = {
    "api": {"event loop"},
    "sender": {"event loop", "sender"},
    "worker": {"event loop", "default jobs", "webhooks jobs", "imports jobs", "fetches jobs"},
    "keeper": {"event loop", "keeper"},
}
ASKED = 'tombola_rpc_duration_seconds_count{method="eth_chainId"'


def start(name: str, settings: Settings, folder: Path, **env: str) -> Process:
    """`python -m backend <name>`, or the listener, on the database of the test."""
    key = folder / "keeper.key"
    if not key.exists():
        key.write_text(dev_account(8).private_key)
        key.chmod(0o600)
    known = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "KEEPER_KEY_FILE": str(key),
        "BEACON_URL": "http://127.0.0.1:1/chain",
        "PORT": str(free_port()),
    }
    command = ["listener", "run"] if name == "listener" else ["backend", name]
    return Process([sys.executable, "-m", *command], env={**known, **env})


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        content: bytes = response.read()
        return content.decode()


def turning(port: int) -> set[str]:
    """Loops that the process says it has, all of them in time."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as response:
        return set(json.loads(response.read())["loops"])


def served(port: int) -> set[str]:
    """Names of families, as `registered` has them."""
    return {family.name for family in text_string_to_metric_families(scrape(port))}


def test_every_process__serves_its_metrics(settings: Settings, chain: Anvil, tmp_path: Path) -> None:
    ports = {name: free_port() for name in PROCESSES}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(start(name, settings, tmp_path, METRICS_PORT=str(port)))
            for name, port in ports.items()
        }
        for name, process in processes.items():
            process.wait_for_http(f"http://127.0.0.1:{ports[name]}/metrics", 120)
            assert "process_cpu_seconds_total" in scrape(ports[name]), name
        for name, loops in LOOPS.items():
            processes[name].wait_until(
                lambda port=ports[name], loops=loops: loops <= turning(port), what=f"loops of {name}"
            )
        for name, process in processes.items():
            wanted = {one.name for one in registered() if name in one.filled_by}
            # A metric stands there as soon as what fills it is loaded.
            process.wait_until(
                lambda port=ports[name], wanted=wanted: wanted <= served(port), 60, what=f"metrics of {name}"
            )
        # What the worker reads from the database, and each process's connections and providers.
        said = {name: [f'tombola_pool_size{{pool="tombola {name}"}} 10.0', ASKED] for name in PROCESSES}
        said["worker"][1] = 'tombola_differences{kind="wallet_nonce"} 0.0'  # it asks the chain for jobs alone
        for name, lines in said.items():
            processes[name].wait_until(
                lambda port=ports[name], lines=lines: all(line in scrape(port) for line in lines),
                60,
                what=f"{lines} of {name}",
            )


def test_port_taken__says_so_and_ends(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("worker", settings, tmp_path, METRICS_PORT=str(port))
        assert process.wait() == 2, process.text
    assert process.text.strip().splitlines()[-1] == (
        f"METRICS_PORT {port} cannot be used: Address already in use. Each process on a machine needs its own."
    )


def test_empty__is_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("RPC_URLS", "http://127.0.0.1:1")
    monkeypatch.setenv("REGISTRY", str(settings.registry))
    monkeypatch.setenv("METRICS_PORT", "")
    assert load_settings().metrics_port is None
