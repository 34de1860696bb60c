"""A release goes out and comes back; what fails on the way leaves people where they are. The container engine is played."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.processes import ROOT

NEW = "registry.example/tombola:v2"
DOCKER = """#!/bin/sh
# docker compose --project-directory FOLDER --profile blue --profile green …: writes down what it is asked and with which images.
shift 7
echo "$* | ${TOMBOLA_IMAGE:-} | $(grep -o 'api-[a-z]*' "$FOLDER/nginx/live/upstream.conf" | tail -1)" >> "$FOLDER/asked"
case "$*" in $FAILS) echo "it failed" >&2; exit 1 ;; esac
"""


class Machine:
    """A folder with the compose files, blue live with v1, and a `docker` that notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "deploy" / "compose" / "nginx", folder / "nginx")
        (folder / ".env").write_text(
            "CHAIN_ID=137\nCOMPOSE_PROFILES=blue,replica\nTOMBOLA_BLUE=registry.example/tombola:v1\n"
        )
        (folder / "docker").write_text(DOCKER)
        (folder / "docker").chmod(0o755)

    def run(self, *arguments: str, fails: str = "nothing") -> subprocess.CompletedProcess[str]:
        script = [sys.executable, str(ROOT / "deploy" / "bluegreen.py"), "--folder", str(self.folder)]
        env = {"PATH": f"{self.folder}:{os.environ['PATH']}", "FOLDER": str(self.folder), "FAILS": fails}
        command: Sequence[str] = [*script, "--drain", "0", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    @property
    def live(self) -> str:
        return self.run("--status").stdout.strip()

    def asked(self) -> list[str]:
        """What docker was asked since the last time: words, image, colour that was live."""
        path = self.folder / "asked"
        lines = path.read_text().splitlines()
        path.unlink()
        return [line.replace("--detach --no-deps --wait --wait-timeout 180 ", "") for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_release__in_order__people_move_when_it_is_ready__and_back(machine: Machine) -> None:
    assert machine.live == "blue"
    done = machine.run(NEW)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.asked() == [
        f"up listener | {NEW} | api-blue",
        f"run --rm --no-deps migrate | {NEW} | api-blue",
        f"up api-green | {NEW} | api-blue",
        f"exec -T nginx nginx -t | {NEW} | api-green",
        f"exec -T nginx nginx -s reload | {NEW} | api-green",
        f"up worker | {NEW} | api-green",
        f"up sender | {NEW} | api-green",
        f"up keeper | {NEW} | api-green",
        f"stop api-blue | {NEW} | api-green",
    ]
    remembered = (machine.folder / ".env").read_text().splitlines()
    kept = {"CHAIN_ID=137", f"TOMBOLA_GREEN={NEW}", f"TOMBOLA_IMAGE={NEW}", "COMPOSE_PROFILES=green,replica"}
    assert kept <= set(remembered)
    assert machine.run("--back").returncode == 0
    assert machine.live == "blue"
    asked = machine.asked()
    assert [line for line in asked if "listener" in line or "migrate" in line] == []
    assert asked[0] == "up api-blue | registry.example/tombola:v1 | api-green"
    assert "COMPOSE_PROFILES=blue,replica" in (machine.folder / ".env").read_text().splitlines()
    assert asked[-1] == "stop api-green | registry.example/tombola:v1 | api-blue"


@pytest.mark.parametrize(
    ("fails", "last"),
    [
        ("run*migrate", f"run --rm --no-deps migrate | {NEW} | api-blue"),
        ("up*api-green", f"stop api-green | {NEW} | api-blue"),
        ("exec*-t", f"stop api-green | {NEW} | api-blue"),
    ],
)
def test_release__a_step_fails__people_stay__nothing_is_remembered(
    machine: Machine, fails: str, last: str
) -> None:
    before = (machine.folder / ".env").read_text()
    done = machine.run(NEW, fails=fails)
    assert (done.returncode, "it failed" in done.stderr) == (1, True)
    assert machine.asked()[-1] == last
    assert machine.live == "blue"
    assert (machine.folder / ".env").read_text() == before


def test_back__nobody_knows_the_image__says_so(machine: Machine) -> None:
    done = machine.run("--back")
    assert (done.returncode, "TOMBOLA_GREEN" in done.stderr) == (1, True)
    assert machine.live == "blue"
