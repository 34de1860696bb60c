"""The check that finds stale generated files."""

from pathlib import Path

import pytest

from tools import generated


def test_difference__file_as_generated__nothing(tmp_path: Path) -> None:
    path = tmp_path / "schema.d.ts"
    path.write_text("export interface Raffle {}\n")
    assert generated.difference(path, "export interface Raffle {}\n") == []


def test_difference__stale_or_missing__shows_lines_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "schema.d.ts"
    assert "+new" in generated.difference(path, "new\n")
    path.write_text("same\nold\n")
    lines = generated.difference(path, "same\nnew\n")
    assert ("-old" in lines, "+new" in lines) == (True, True)
    assert path.read_text() == "same\nold\n"


def test_main__stale_file__exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "index.ts"
    path.write_text("old\n")
    monkeypatch.setattr(generated, "FILES", {"abi": (path, lambda: "new\n")})
    assert generated.main(["abi"]) == 1
    assert "+new" in capsys.readouterr().out


def test_main__contracts_not_compiled__says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generated, "COMPILED", tmp_path / "missing.json")
    assert generated.main(["abi"]) == 1
    assert "make setup" in capsys.readouterr().out
