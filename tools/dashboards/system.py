"""The local system with every process measured, and a Prometheus that scrapes it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from tools.run.options import parse
from tools.run.processes import Cast
from tools.run.service import Service
from tools.run.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"
FIRST_PORT = 9464
PORTS = {name: FIRST_PORT + n for n, name in enumerate(("api", "worker", "sender", "keeper", "listener"))}


class MeasuredCast(Cast):
    """Gives each process a port for its metrics."""

    def _service(self, name: str, command: list[str], env: Mapping[str, str], **how: object) -> Service:
        if name == "listener":
            command = [*command, "--metrics-port", str(PORTS[name])]
        elif name in PORTS:
            env = {**env, "METRICS_PORT": str(PORTS[name])}
        return super()._service(name, command, env, **how)


def run(arguments: Sequence[str], prometheus: str, prometheus_port: int) -> None:
    """`make run` with metrics and Prometheus until Ctrl-C. Raises RunError, OSError."""
    options = parse(arguments)
    with _prometheus(prometheus, options.state.parent / f"{options.state.name}-prometheus", prometheus_port):
        Supervisor(options, MeasuredCast).run()


@contextmanager
def _prometheus(program: str, folder: Path, port: int) -> Iterator[None]:
    """Deployed configuration and alerts, but targets of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load(CONFIG.read_text())
    config["rule_files"] = [str(CONFIG.with_name("alerts.yml"))]
    config["scrape_configs"] = [
        {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
        for name, port in PORTS.items()
    ]
    del config["alerting"]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    command = [
        program,
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
