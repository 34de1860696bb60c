"""Where nginx is taken from, and what is said where there is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tools import nginx


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without nginx; the folder is on PATH."""
    monkeypatch.delenv("NGINX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(nginx, "FOLDERS", str(tmp_path))
    return tmp_path


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_none__installed_where_the_system_lets_us__else_a_sentence(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nginx.main(lambda: nginx.ensure_nginx(lambda name: False)) == 1
    assert "set NGINX=/path/to/it" in capsys.readouterr().err
    assert nginx.ensure_nginx(lambda name: bool(program(nowhere / name))) == nowhere / "nginx"


def test_named__that_one_or_a_sentence(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(nowhere / "nginx")
    monkeypatch.setenv("NGINX", str(nowhere / "other"))
    with pytest.raises(nginx.NginxError, match="is no program; correct or unset it"):
        nginx.find_nginx()
    monkeypatch.setenv("NGINX", str(program(nowhere / "other")))
    assert nginx.find_nginx() == nowhere / "other"
