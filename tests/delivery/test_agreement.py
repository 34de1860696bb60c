"""What several files of deploy/ and the services' own code say of one thing is the same."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from backend.server import LINGER_SECONDS, STOP_SECONDS
from backend.settings import Settings
from tests.backend.fleet import write_certificate
from tests.support.processes import ROOT
from tools import packages
from tools.ports import free_port

DEPLOY = ROOT / "deploy"
COMPOSE, NGINX = DEPLOY / "compose", DEPLOY / "nginx"
INSIDE = Path("/etc/nginx")
DRAIN = Settings.model_construct(environment="production", drain_seconds=None).drain
END = DRAIN + LINGER_SECONDS + STOP_SECONDS
"""How long an API process may take from SIGTERM on, in seconds."""


def read(path: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / path).read_text()))


def manifests() -> Iterator[dict[str, Any]]:
    for folder in ("base", "backup"):
        for name in read(f"kubernetes/{folder}/kustomization.yaml")["resources"]:
            yield from yaml.safe_load_all((DEPLOY / "kubernetes" / folder / name).read_text())


def seconds(name: str, text: str) -> float:
    """The one value of a setting that is written as `name 2s` or `name=2s`."""
    (value,) = set(re.findall(rf"\b{name}[ =](\d+)s", text))
    return float(value)


def test_nginx_of_compose__is_the_one_that_the_rolling_restart_runs__and_nginx_takes_it(
    tmp_path: Path,
) -> None:
    service = read("compose/compose.yml")["services"]["nginx"]
    there = {}
    for volume in service["volumes"]:
        source, target, *_ = volume.split(":")
        if source.startswith("."):
            there[Path(target).relative_to(INSIDE)] = (COMPOSE / source).resolve()
    assert there.pop(Path("tombola/tombola.conf")) == NGINX / "tombola.conf"
    assert there.pop(Path("tombola/proxy.conf")) == NGINX / "proxy.conf"
    own = {name: path.read_text() for name, path in there.items() if path.is_file()}
    assert list(own) == [Path("nginx.conf")]
    assert not re.search(r"\b(server|location|upstream|map)\b", own[Path("nginx.conf")])
    policies = [re.sub(r"server [\w.-]+:\d+", "server X", _bare(path)) for path in _upstreams()]
    assert [sorted(set(one.splitlines())) for one in policies] == [sorted(set(policies[0].splitlines()))] * 2

    for name, path in [*there.items(), (Path("tombola"), NGINX)]:
        copy = shutil.copytree if path.is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(path, tmp_path / name, **({"dirs_exist_ok": True} if path.is_dir() else {}))
    shutil.copytree(there[Path("tombola/live")], tmp_path / "tombola" / "live", dirs_exist_ok=True)
    write_certificate(tmp_path / "tombola")
    targets = [one["target"] for one in service["secrets"]]
    assert [one for one in targets if not (tmp_path / Path(one).relative_to(INSIDE)).exists()] == []
    (tmp_path / "mime.types").touch()
    for path in tmp_path.rglob("*.conf"):
        text = path.read_text().replace(f"{INSIDE}/", f"{tmp_path}/").replace("api-blue", "127.0.0.1")
        text = re.sub(r"/var/cache/nginx|/run(?=/nginx.pid)", str(tmp_path), text)
        path.write_text(re.sub(r"listen \d+", lambda _: f"listen 127.0.0.1:{free_port()}", text))
    command = [packages.NGINX.ensure(), "-t", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
    taken = subprocess.run(command, capture_output=True, text=True, check=False)
    assert taken.returncode == 0, taken.stderr


def _upstreams() -> list[Path]:
    return [NGINX / "live" / "upstream.conf", COMPOSE / "nginx" / "live" / "upstream.conf"]


def _bare(path: Path) -> str:
    return re.sub(r"^\s*(#.*)?\n|^\s+", "", path.read_text(), flags=re.MULTILINE)


def test_prometheus__finds_every_process_where_compose_and_kubernetes_have_it() -> None:
    config = read("prometheus/prometheus.yml")
    lookups = [one["dns_sd_configs"][0] for one in config["scrape_configs"]]
    lookups += [one["dns_sd_configs"][0] for one in config["alerting"]["alertmanagers"]]
    ports = {one["names"][0]: one["port"] for one in lookups}
    processes = {"api", "worker", "sender", "keeper", "listener"}
    assert ports.keys() == processes | {"node-exporter", "alertmanager"}
    (port,) = {ports[name] for name in processes}

    services = read("compose/compose.yml")["services"]
    inside = {name: one for name, one in services.items() if "inside" in one.get("networks", ())}
    assert "prometheus" in inside
    known = set(inside)
    for one in inside.values():
        if isinstance(one["networks"], dict):
            known |= set((one["networks"]["inside"] or {}).get("aliases", ()))
    assert ports.keys() <= known
    for name in (*processes - {"api"}, "api-blue", "api-green"):
        told = services[name]["environment"]
        assert told["METRICS_PORT"] == str(port), name
        assert name.startswith("api") or f":{port}/" in told["HEALTH_URL"], name

    objects = list(manifests())
    headless = {
        one["metadata"]["name"]: one
        for one in objects
        if one["kind"] == "Service" and one["spec"].get("clusterIP") == "None"
    }
    pods = {
        tuple(one["spec"]["selector"]["matchLabels"].items()): one["spec"]["template"]["spec"]["containers"]
        for one in objects
        if one["kind"] == "Deployment"
    }
    assert headless.keys() == processes | {"node-exporter"}
    for name, one in headless.items():
        (way,) = one["spec"]["ports"]
        containers = pods[tuple(one["spec"]["selector"].items())]
        named = {way["name"]: way["containerPort"] for one in containers for way in one.get("ports", ())}
        assert way["port"] == named[way["targetPort"]] == ports[name]
    open_ones = {
        one["metadata"]["name"]: [way["port"] for rule in one["spec"]["ingress"] for way in rule["ports"]]
        for one in objects
        if one["kind"] == "NetworkPolicy" and "metrics" in one["metadata"]["name"]
    }
    assert open_ones == {"tombola-metrics": [port], "tombola-backup-metrics": [ports["node-exporter"]]}
    for name in ("settings.env", "listener.env"):
        assert f"METRICS_PORT={port}\n" in (DEPLOY / "kubernetes" / "example" / name).read_text()


def test_time_outs__a_process_may_end_before_it_is_killed__and_nginx_notices_before() -> None:
    for path in _upstreams():
        assert 0 < seconds("fail_timeout", path.read_text()) < DRAIN, path
        assert 0 < seconds("keepalive_timeout", path.read_text()) < DRAIN, path
    assert seconds("proxy_read_timeout", (NGINX / "proxy.conf").read_text()) > max(
        Settings.model_fields["stream_heartbeat_seconds"].default,
        Settings.model_fields["statement_seconds"].default,
    )
    for name, service in read("compose/compose.yml")["services"].items():
        if "TOMBOLA" in service["image"]:
            assert float(service["stop_grace_period"].removesuffix("s")) > END, name
    for one in manifests():
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        before = pod["containers"][0].get("lifecycle", {}).get("preStop", {"exec": {"command": ["0"]}})
        patience = pod["terminationGracePeriodSeconds"] - float(before["exec"]["command"][-1])
        assert patience > END, one["metadata"]["name"]
