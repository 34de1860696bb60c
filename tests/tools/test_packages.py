"""Where a program of the system is taken from, and what is said where there is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tools import packages
from tools.packages import NGINX


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without programs; the folder is on PATH."""
    monkeypatch.delenv("NGINX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "FOLDERS", str(tmp_path))
    return tmp_path


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_none__installed_where_the_system_lets_us__else_a_sentence(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert packages.main(lambda one: one.ensure(lambda name: False)) == 1
    assert "set NGINX=/path/to/it" in capsys.readouterr().err
    assert NGINX.ensure(lambda name: bool(program(nowhere / name))) == nowhere / "nginx"


def test_named__that_one_or_a_sentence(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(nowhere / "nginx")
    monkeypatch.setenv("NGINX", str(nowhere / "other"))
    with pytest.raises(packages.MissingError, match="is no program; correct or unset it"):
        NGINX.find()
    monkeypatch.setenv("NGINX", str(program(nowhere / "other")))
    assert NGINX.find() == nowhere / "other"
