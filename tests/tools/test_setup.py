"""Set-up finds a suitable Python, complains in one sentence, and repeats only what is due."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import interpreter, node
from tools.setup.errors import SetupError
from tools.setup.interpreter import Interpreter, choose, probe
from tools.setup.steps import Step

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, name: str, script: str) -> Path:
    """An executable shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python_that_is(folder: Path, name: str, version: str, has_venv: bool = True) -> Path:
    """A program that answers set-up's question as a Python of `version` would."""
    return program(folder, name, f"printf '%s\\n' {folder / name} {version} {has_venv}")


def test_probe__this_python__knows_version_and_venv() -> None:
    found = probe(sys.executable)
    assert found is not None
    assert found.version == sys.version_info[:2]
    assert found.has_venv


def test_probe__broken_shim__is_none(tmp_path: Path) -> None:
    assert probe(str(program(tmp_path, "python3.12", "exit 127"))) is None


def test_choose__asked_for_old_python__says_which_are_needed(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"is Python 3\.10 .*; Tombola needs 3\.11, 3\.12 or 3\.13\."):
        choose(str(python_that_is(tmp_path, "python3", "3.10")))


def test_choose__asked_for_new_python__says_which_are_needed(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"is Python 3\.14"):
        choose(str(python_that_is(tmp_path, "python3", "3.14")))


def test_choose__asked_for_nothing_that_starts__says_so() -> None:
    with pytest.raises(SetupError, match="PY=/no/such/python does not start"):
        choose("/no/such/python")


def test_choose__python_without_venv__names_the_package(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"apt-get install python3\.12-venv"):
        choose(str(python_that_is(tmp_path, "python3", "3.12", has_venv=False)))


def test_choose__own_python_too_old__takes_another_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = python_that_is(tmp_path, "python3", "3.9")
    python_that_is(tmp_path, "python3.13", "3.13")
    wanted = python_that_is(tmp_path, "python3.11", "3.11")
    monkeypatch.setattr(sys, "executable", str(old))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "none"))
    assert choose(None) == Interpreter(str(wanted), (3, 11), True)


def test_choose__only_uv_has_one__takes_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = python_that_is(tmp_path, "python3", "3.9")
    managed = tmp_path / "uv" / "cpython-3.12.9-linux-x86_64-gnu" / "bin"
    managed.mkdir(parents=True)
    wanted = python_that_is(managed, "python3", "3.12")
    monkeypatch.setattr(sys, "executable", str(old))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    assert choose(None).path == str(wanted)


def test_choose__none_anywhere__tries_uv_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = python_that_is(tmp_path, "python3", "3.9")
    program(tmp_path, "uv", f'echo "$@" >> {tmp_path}/asked; exit 1')
    monkeypatch.setattr(sys, "executable", str(old))
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "none"))
    with pytest.raises(SetupError, match=r"needs Python 3\.11, 3\.12 or 3\.13, and this is Python 3\.9"):
        choose(None)
    assert (tmp_path / "asked").read_text() == f"python install {interpreter.PREFERRED[0]}\n"


def test_node__too_old__says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "node", "echo v18.19.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"v18\.19\.0, too old; install Node 20 or newer"):
        node.check_node()


def test_node__missing__says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="Node is not on PATH"):
        node.check_node()


def test_node__no_npm__says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "node", "echo v22.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="npm is not on PATH"):
        node.check_node()


def test_anvil__neither_npm_nor_path__says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="install Foundry"):
        node.check_anvil(tmp_path)


def test_make_setup__no_such_python__one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "setup", "PY=python-of-nobody"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "There is no python-of-nobody on PATH; Tombola needs Python 3.11, 3.12 or 3.13." in done.stdout


@pytest.fixture
def cleaner(tmp_path: Path) -> Path:
    """A folder with nothing but the Makefile, to clean in."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def _clean(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in ("STATE", "STATE_DIR")}
    return subprocess.run(
        ["make", "clean", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("arguments", "name"), [((), ".tombola"), (("STATE_DIR=my state",), "my state")])
def test_make_clean__state__goes_only_when_asked_for(
    cleaner: Path, arguments: tuple[str, ...], name: str
) -> None:
    for folder in (".tombola", "my state"):
        (cleaner / folder).mkdir()
        (cleaner / folder / "supervisor.lock").touch()

    assert _clean(cleaner, *arguments).returncode == 0
    assert (cleaner / name).exists()

    done = _clean(cleaner, "STATE=1", *arguments)
    assert done.returncode == 0, done.stderr
    kept = {".tombola", "my state"} - {name}
    assert {path.name for path in cleaner.iterdir() if path.is_dir()} == kept
    assert _clean(cleaner, "STATE=1", *arguments).returncode == 0


def test_make_clean__somebody_elses_folder__is_left_alone(cleaner: Path) -> None:
    letters, built = cleaner / "letters", cleaner / ".build"
    letters.mkdir()
    built.mkdir()
    (letters / "a.txt").write_text("Dear Ana")

    done = _clean(cleaner, "STATE=1", "STATE_DIR=letters")

    assert done.returncode != 0
    assert "letters is no state folder of Tombola: nothing was removed." in done.stderr
    assert (letters / "a.txt").exists()
    assert built.exists()


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which steps run instead of in the checkout."""
    monkeypatch.setattr("tools.setup.steps.ROOT", tmp_path)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.txt").write_text("one")
    return tmp_path


def counting_step(workshop: Path, script: str = "echo done >> built") -> Step:
    return Step("building", lambda: [["sh", "-c", script]], ["source"], ["built"], "stamps/build")


def builds(workshop: Path) -> int:
    return len((workshop / "built").read_text().splitlines())


def test_step__unchanged__is_skipped(workshop: Path) -> None:
    counting_step(workshop).run()
    counting_step(workshop).run()
    assert builds(workshop) == 1


def test_step__input_changed__runs_again(workshop: Path) -> None:
    counting_step(workshop).run()
    (workshop / "source" / "a.txt").write_text("two")
    counting_step(workshop).run()
    assert builds(workshop) == 2


def test_step__output_removed__runs_again(workshop: Path) -> None:
    counting_step(workshop).run()
    (workshop / "built").unlink()
    counting_step(workshop).run()
    assert builds(workshop) == 1


def test_step__command_fails__shows_its_words_and_runs_again(workshop: Path) -> None:
    with pytest.raises(SetupError, match=r"building failed \(exit code 7\)[^\n]*\n    no disk"):
        counting_step(workshop, "echo no disk; exit 7").run()
    counting_step(workshop).run()
    assert builds(workshop) == 1


def test_step__program_missing__says_so(workshop: Path) -> None:
    step = Step("building", lambda: [["no-such-program"]], [], [], "stamps/build")
    with pytest.raises(SetupError, match="no-such-program does not start"):
        step.run()
