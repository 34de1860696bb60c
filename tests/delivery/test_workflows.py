"""GitHub's workflows: by their schema, with actions pinned to commits, few rights, and scripts that exist."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.delivery.schemas import refused
from tests.support.processes import ROOT
from tools.leaked_secrets import KINDS, KNOWN, find, main

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
LOOKS_LIKE = {
    "private key": "-----BEGIN PRIVATE KEY-----\n" + "A" * 64,
    "AWS access key": "AKIA" + "A1" * 8,
    "GitHub token": "ghp_" + "a" * 36,
    "Stripe key": "sk_live_" + "a1" * 12,
    "Stripe webhook secret": "whsec_" + "a" * 32,
    "Slack token": "xoxb-" + "1" * 24,
    "Google API key": "AIza" + "a" * 35,
    "npm token": "npm_" + "a" * 36,
    "PyPI token": "pypi-" + "a" * 64,
    "Vault token": "hvs." + "a" * 24,
    "signed token": ".".join(["eyJ" + "a" * 12, "eyJ" + "b" * 12, "c" * 24]),
    "password in a URL": "postgresql://backend:" + "hunter22" + "@db/tombola",
}


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def scripts(path: Path) -> list[str]:
    return [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]


def test_workflows__are_what_github_takes(tmp_path: Path) -> None:
    assert {path.stem for path in WORKFLOWS} == {"ci", "release", "security"}
    assert refused("github-workflows", WORKFLOWS) == ""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "runs-at:", 1))
    assert "runs-at" in refused("github-workflows", [wrong])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow__pins_actions__reads_only__and_ends(path: Path) -> None:
    text = path.read_text()
    uses = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs(path).items() if not 0 < job["timeout-minutes"] <= 90] == []
    assert "pull_request_target" not in text


def test_actions__have_one_commit_for_a_version() -> None:
    pins = {
        line.split("uses: ")[1]
        for path in WORKFLOWS
        for line in path.read_text().splitlines()
        if "uses:" in line
    }
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


def test_release__is_refused_before_anything_is_built_from_a_base_without_digest() -> None:
    steps = scripts(ROOT / ".github" / "workflows" / "release.yml")
    builds = [number for number, script in enumerate(steps) if "docker build" in script]
    assert builds
    assert steps.index("python3 deploy/docker/pin_bases.py --check") < min(builds)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow__runs_what_exists__and_nothing_that_others_write(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for script in scripts(path):
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)
        assert "${{" not in script, "a value from outside belongs into env"
        assert set(re.findall(r"\bmake ([a-z-]+)", script)) <= targets
        named = re.findall(r"(?:deploy|requirements|\.ci)/[\w./-]+", script)
        assert [name for name in named if not (ROOT / name).exists()] == []
        modules = re.findall(r"-m (tools\.\w+)", script)
        assert [name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").exists()] == []


def test_secrets__none_in_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out
    assert all((ROOT / name.split(": ")[0]).exists() for name in KNOWN)


def test_secrets__each_kind_is_seen__never_shown__examples_are_not(tmp_path: Path) -> None:
    assert LOOKS_LIKE.keys() == KINDS.keys()
    for kind, text in LOOKS_LIKE.items():
        found = list(find("a.py", f"x = 1\nkey = '{text}'\n".encode()))
        assert [(one.line, one.kind) for one in found] == [(2, kind)]
        assert text not in str(found)
        assert list(find("a.py", f"key = '{text}'  # example\n".encode())) == [] or "\n" in text
