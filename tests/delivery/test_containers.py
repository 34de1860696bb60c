"""The image and the compose file, as far as they can be tried without a container engine: docs/delivery.md says how far."""

import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.delivery.dockerfile import stages
from tests.delivery.schemas import refused
from tests.support.processes import ROOT
from tools.configuration.page import sections

DOCKER, COMPOSE = ROOT / "deploy" / "docker", ROOT / "deploy" / "compose"
EXACT = re.compile(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?(@sha256:[0-9a-f]{64})?")
OURS = {"HEALTH_URL"}
"""Told to the image, and no setting of the services."""


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((COMPOSE / "compose.yml").read_text()))


def run(*command: str | Path, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, **how)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What secrets.sh makes."""
    folder = tmp_path_factory.mktemp("delivery") / "secrets"
    assert run(COMPOSE / "secrets.sh", folder).returncode == 0
    return folder


def test_image__has_pinned_bases__no_root__exec_form__and_a_health_check() -> None:
    all_of_it = stages(DOCKER / "Dockerfile")
    assert [stage.base for stage in all_of_it if not EXACT.fullmatch(stage.base)] == []
    last = all_of_it[-1]
    assert last.all("USER") == ["10001:10001"]
    assert last.form("ENTRYPOINT") == ["/app/entrypoint.sh"]
    assert last.form("CMD") == ["backend", "api"]
    assert "/app/healthcheck.py" in last.all("HEALTHCHECK")[0]
    assert "pip install --no-cache-dir --require-hashes" in " ".join(all_of_it[1].all("RUN"))
    told = " ".join([*last.all("ENV"), *last.all("ARG")])
    assert not re.search(r"SECRET|PASSWORD|TOKEN|_KEY", told)


def test_image__gets_all_it_copies__and_what_it_copies_is_enough(tmp_path: Path) -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for stage in stages(DOCKER / "Dockerfile"):
        for sources, _ in stage.copied():
            for source in sources:
                assert (ROOT / source).exists()
                assert any(source.rstrip("/") == one or source.startswith(f"{one}/") for one in let_in), (
                    source
                )
    copied = [source for sources, _ in stages(DOCKER / "Dockerfile")[-1].copied() for source in sources]
    packages = {source.rstrip("/") for source in copied if source.endswith("/")}
    assert packages == {"backend", "listener"}
    others = {path.name for path in ROOT.iterdir() if path.is_dir()} - packages
    for package in packages:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            assert others.isdisjoint(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)), path
            assert set(re.findall(r"\bROOT / \"(\w+)\"", text)) <= {*packages, "frontend"}, path
    # The web app is built in a folder that has nothing else; only its tests may look further.
    web = ROOT / "frontend"
    for path in (*web.glob("*.ts"), *(web / "src").rglob("*.ts*")):
        named = re.findall(r"(?:from|import\(?) ['\"](\.[^'\"]+)", path.read_text())
        outside = [one for one in named if not (path.parent / one).resolve().is_relative_to(web)]
        assert outside == [] or ".test." in path.name, path
    listens = run(sys.executable, "-m", "listener", "--help", cwd=tmp_path, env={"PATH": os.environ["PATH"]})
    assert (listens.returncode, listens.stderr) == (0, "")


def test_image__has_all_that_the_services_import() -> None:
    done = run(sys.executable, "-m", "tests.delivery.runtime_only", cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "all there\n"), done.stderr


def test_compose__is_what_docker_takes__each_image_pinned__each_process_there(tmp_path: Path) -> None:
    assert refused("compose-spec", [COMPOSE / "compose.yml"]) == ""
    services = compose()["services"]
    assert {"postgres", "redis", "nginx", "prometheus", "grafana", "migrate", "keeper"} <= services.keys()
    for name in ("api-blue", "api-green", "worker", "sender", "listener"):
        assert services[name]["deploy"]["replicas"] == 2
    for name, service in services.items():
        assert service["image"].startswith("${TOMBOLA_") or EXACT.fullmatch(service["image"]), name
        assert service.keys() & {"read_only", "network_mode"} or name in {"postgres", "grafana"}, name
        assert set(service.get("depends_on", ())) <= services.keys()
    # nginx' own addresses, which the API believes, are not among those that are given to others.
    for name, place in services["nginx"]["networks"].items():
        (pool,) = compose()["networks"][name]["ipam"]["config"]
        address = ipaddress.ip_address(place["ipv4_address"])
        assert address in ipaddress.ip_network(pool["subnet"])
        assert address not in ipaddress.ip_network(pool["ip_range"])
        assert str(address) in services["api-blue"]["environment"]["FORWARDED_ALLOW_IPS"].split(",")
    wrong = tmp_path / "compose.yml"
    wrong.write_text((COMPOSE / "compose.yml").read_text().replace("replicas: 2", "replica: 2", 1))
    assert "replica" in refused("compose-spec", [wrong])


def test_compose__names_settings_variables_secrets_and_files_that_exist(secrets: Path) -> None:
    text, whole = (COMPOSE / "compose.yml").read_text(), compose()
    known = {one.name for settings in sections().values() for one in settings} | OURS
    for name, service in whole["services"].items():
        told = service.get("environment") or {}
        if "TOMBOLA" in service["image"]:
            assert told.keys() <= known, name
        for used in service.get("secrets", ()):
            assert (used if isinstance(used, str) else used["source"]) in whole["secrets"]
        files = [one.split(":")[0] for one in service.get("volumes", ())]
        assert [one for one in files if one.startswith("./") and not (COMPOSE / one).exists()] == []
    example = set(re.findall(r"^([A-Z_]+)=", (COMPOSE / ".env.example").read_text(), re.MULTILINE))
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) - {"HTTP_PORT", "HTTPS_PORT"} == example - {
        "COMPOSE_PROFILES"
    }
    made = {path.name for path in secrets.iterdir()} | {"tls_certificate", "tls_key", "backup_certificate"}
    assert {Path(one["file"]).name for one in whole["secrets"].values()} == made


def test_secrets__random__kept_when_asked_again__nobody_elses(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    again = run(COMPOSE / "secrets.sh", secrets)
    assert "made" not in again.stdout
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert len({before[name] for name in before if name.endswith(("_password", "_key", "_secret"))}) == 10
    assert not any(value.strip() and value in again.stdout for value in before.values())


def test_production_settings_of_compose__load__from_secrets_as_files(secrets: Path, tmp_path: Path) -> None:
    service = compose()["services"]["api-blue"]
    mounted, keys = tmp_path / "secrets", tmp_path / "keys"
    mounted.mkdir()
    keys.mkdir(mode=0o700)
    for one in service["secrets"]:
        shutil.copy(secrets / one["source"], mounted / one["target"])
    filled = {"CHAIN_ID": "137", "RPC_URLS": "https://x.example", "PUBLIC_URL": "https://t.example"}
    told = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda one: filled.get(one[1], ""), value).replace(
            "/run/keys", str(keys)
        )
        for name, value in service["environment"].items()
    }
    # The environment wins over a file.
    (mounted / "PUBLIC_URL").write_text("https://wrong.example")
    env = {**told, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    env |= {"SECRETS_DIR": str(mounted), "KEYS_DIR": str(keys)}
    done = run(DOCKER / "entrypoint.sh", "tests.delivery.shown_settings", cwd=ROOT, env=env)
    assert done.stderr == ""
    url = (secrets / "backend_database_url").read_text()
    assert json.loads(done.stdout) == {"database_url": url, "kms_mode": "600", "site": "https://t.example"}


def test_scripts__are_what_bash_takes() -> None:
    scripts = sorted((ROOT / "deploy").rglob("*.sh"))
    assert len(scripts) >= 6
    assert [path for path in scripts if run("bash", "-n", path).returncode != 0] == []


@pytest.mark.parametrize("fails", ["nothing", "backend restore"])
def test_restore__stops_all_that_writes_first__moves_nothing_that_was_not_restored(
    tmp_path: Path, fails: str
) -> None:
    # What a restore does is tested with a real server (tests/backend/test_restore.py); here, in which order.
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\nshift 11\necho "$*" >> {tmp_path}/asked\ncase "$*" in *"{fails}"*) exit 1 ;; esac\n'
    )
    docker.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = run(COMPOSE / "restore.sh", "2026-11-23T03:12:45Z", env=env)
    asked = [" ".join(line.split()) for line in (tmp_path / "asked").read_text().splitlines()]
    to = "/var/lib/postgresql/18/restored"
    before = [
        "stop",
        f"run --rm restore backend restore --at 2026-11-23T03:12:45Z --to {to} --files-to /files",
    ]
    assert asked[:2] == before
    if fails != "nothing":
        assert (done.returncode, asked) == (1, before)
        return
    assert done.returncode == 0
    put = asked.index("mv restored docker")
    assert asked[put + 1 :] == [
        "run --rm --entrypoint sh owners -euc rm -rf /replica/*",
        "up --detach --wait postgres redis listener",
        "run --rm --no-deps worker backend recover",
    ]


def test_pin_bases__adds_each_digest_once__tells_what_has_none(tmp_path: Path) -> None:
    for name in ("docker/Dockerfile", "docker/pin_bases.py", "compose/compose.yml"):
        (tmp_path / "deploy" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "deploy" / name, tmp_path / "deploy" / name)
    script = tmp_path / "deploy" / "docker" / "pin_bases.py"
    # The registry is not to be had here: this one knows a digest for every image.
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$1" = pull ] || echo "$4@sha256:{"ab" * 32}"\n')
    docker.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    before = run(sys.executable, script, "--check", env=env)
    assert (before.returncode, "python:3.12.12-slim-bookworm has no digest" in before.stdout) == (1, True)
    assert run(sys.executable, script, env=env).returncode == 0
    assert run(sys.executable, script, "--check", env=env).stdout == "Every image has its digest.\n"
    pinned = (tmp_path / "deploy" / "docker" / "Dockerfile").read_text()
    assert pinned.count(f"@sha256:{'ab' * 32}") == 4
    names = [stage.name for stage in stages(tmp_path / "deploy/docker/Dockerfile")]
    assert names == ["web", "packages", "backup", ""]
    docker.write_text("#!/bin/sh\necho no such image >&2; exit 1\n")
    shutil.copy(ROOT / "deploy/docker/Dockerfile", tmp_path / "deploy/docker/Dockerfile")
    away = run(sys.executable, script, env=env)
    assert (away.returncode, "no such image" in away.stderr) == (1, True)
