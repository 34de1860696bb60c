"""The generated clients, as integrators get them: installed packages, and the programs of docs/clients.md as they stand."""

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.flow.places import api_of
from tests.flow.system import System
from tests.support.processes import Process
from tools.clients import FRONTEND, build, examples


@pytest.fixture(scope="module")
def packages(system: System, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tmp_path_factory.mktemp("clients") / "built", system.get("/openapi.json"))


@pytest.fixture
def settings(system: System) -> dict[str, str]:
    """What the guide's programs ask of their environment: Ana's key, which may read and wish, and her pass phrase."""
    ana, api = system.people["ana"], api_of(system, "ana")
    api.request("POST", "/step-up", json={"method": "password", "password": ana["password"]})
    wanted = {"name": "Guide", "scopes": ["read", "intents"], "expires_in_days": 1}
    key = str(api.request("POST", "/api-keys", json=wanted)["key"])
    return {"TOMBOLA_URL": system.url, "TOMBOLA_KEY": key, "TOMBOLA_PASSWORD": ana["password"]}


def python_program(folder: Path, wheel: Path) -> list[str | Path]:
    """The guide's Python, with the wheel installed beside it and nothing else of this repository."""
    uv = Path(sys.executable).with_name("uv")
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", sys.executable]
    subprocess.run([*install, "--target", folder / "site", wheel], check=True)
    (folder / "guide.py").write_text(examples("python"))
    return ["env", f"PYTHONPATH={folder / 'site'}", sys.executable, "-P", "guide.py"]


def typescript_program(folder: Path, package: Path) -> list[str | Path]:
    """The guide's TypeScript without its types, with the package where npm unpacks it."""
    modules = folder / "node_modules"
    with tarfile.open(package) as archive:
        archive.extractall(modules, filter="data")
    (modules / "package").rename(modules / "tombola-client")
    (modules / "openapi-fetch").symlink_to(FRONTEND / "node_modules" / "openapi-fetch")
    bare = "require('typescript').transpile(require('fs').readFileSync(0, 'utf8'), {target: 'es2022', module: 'esnext'})"
    command = ["node", "-p", bare]
    guide = subprocess.run(
        command, cwd=FRONTEND, input=examples("ts"), text=True, capture_output=True, check=True
    )
    (folder / "guide.mjs").write_text(guide.stdout)
    return ["node", "guide.mjs"]


def own_transfers(system: System) -> list[Any]:
    """Ana's wishes to send one wei to herself."""
    return [
        one
        for one in api_of(system, "ana").get("/intents?limit=100")["items"]
        if one["params"].get("amount") == "1"
    ]


def told_by(program: list[str | Path], folder: Path, settings: dict[str, str]) -> list[str]:
    """Its lines; it has to end well."""
    running = Process(program, env=settings, cwd=folder)
    assert running.wait(timeout=60) == 0, running.text
    return running.text.splitlines()


def test_guide__both_clients__do_and_tell_the_same(
    system: System, packages: tuple[Path, Path], settings: dict[str, str], tmp_path: Path
) -> None:
    raffles = system.get("/raffles?limit=100")["items"]
    contest = system.get("/contests?state=completed&limit=1")["items"][0]
    bundle = system.get(f"/contests/{contest['id']}/bundle")
    expected = [
        f"I am {system.people['ana']['email']}.",
        *(f"Raffle {one['id']}, {one['title']}: {one['tickets_sold']} sold" for one in raffles),
        "A transfer of 1, the same: True",
        "422 idempotency_key_reused",
        "422 invalid_input: body.transfer.amount",
        f"{bundle['title']}: {len(bundle['leaves'])} entries under {bundle['root']}",
        "0 passkeys",
        "By key: 403 scope_missing",
    ]
    assert len(raffles) > 2, "more than a page"
    before = len(own_transfers(system))
    wheel, package = packages
    for make, file in ((python_program, wheel), (typescript_program, package)):
        folder = tmp_path / make.__name__
        folder.mkdir()
        told = told_by(make(folder, file), folder, settings)
        assert [line.replace("same: true", "same: True") for line in told] == expected, make.__name__
    assert len(own_transfers(system)) == before + 2, (
        "each client's wish was accepted once, although it was sent twice"
    )
