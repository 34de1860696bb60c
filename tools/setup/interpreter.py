"""Finding a Python that the locked dependencies install on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tools.setup.errors import SetupError

OLDEST = (3, 11)
NEWEST = (3, 13)
# 3.12 and 3.11 first: on them every dependency has a wheel.
PREFERRED = ("3.12", "3.11", "3.13")
RANGE = "3.11, 3.12 or 3.13"

_PROBE = (
    "import importlib.util as u, sys; "
    "print(sys.executable, '%d.%d' % sys.version_info[:2], "
    "all(u.find_spec(m) for m in ('venv', 'ensurepip')), sep='\\n')"
)


class Interpreter(NamedTuple):
    """A Python that was started once to see what it is."""

    path: str
    version: tuple[int, int]
    has_venv: bool

    @property
    def name(self) -> str:
        return f"Python {self.short_version} ({self.path})"

    @property
    def short_version(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"

    @property
    def suits(self) -> bool:
        return OLDEST <= self.version <= NEWEST


def probe(command: str) -> Interpreter | None:
    """Start `command` and read its version; None when it is missing or broken (a pyenv shim)."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        answer = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, timeout=30, check=True)
        executable, version, has_venv = answer.stdout.split("\n")[:3]
        major, minor = version.split(".")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(executable, (int(major), int(minor)), has_venv == "True")


def choose(wanted: str | None) -> Interpreter:
    """The interpreter to build the environment with. Raises SetupError when there is none.

    `wanted` is what the person asked for with PY=...: that one or none. Otherwise the interpreter this runs
    on where it suits, then others on PATH, then uv's, then one that uv downloads.
    """
    if wanted is not None:
        return _accept(wanted)
    here = probe(sys.executable)
    if here is not None and here.suits and here.has_venv:
        return here
    found = _other(here)
    if found is not None:
        return found
    raise SetupError(_nothing_found(here))


def _accept(wanted: str) -> Interpreter:
    interpreter = probe(wanted)
    if interpreter is None:
        raise SetupError(f"PY={wanted} does not start; give a Python {RANGE}.")
    if not interpreter.suits:
        raise SetupError(f"PY={wanted} is {interpreter.name}; Tombola needs {RANGE}.")
    if not interpreter.has_venv:
        raise SetupError(_no_venv(interpreter))
    return interpreter


def _other(here: Interpreter | None) -> Interpreter | None:
    candidates = ["python" + version for version in PREFERRED] + _managed_by_uv()
    for command in candidates:
        found = probe(command)
        if found is not None and found.suits and found.has_venv:
            return found
    return _download_with_uv() if here is None or not here.suits else None


def _managed_by_uv() -> list[str]:
    folder = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    return [
        str(path) for version in PREFERRED for path in sorted(folder.glob(f"cpython-{version}*/bin/python3"))
    ]


def _download_with_uv() -> Interpreter | None:
    uv = shutil.which("uv")
    if uv is None:
        return None
    print(f"No Python {RANGE} here; asking uv for one.", flush=True)
    installed = subprocess.run([uv, "python", "install", PREFERRED[0]], capture_output=True, text=True)
    if installed.returncode != 0:
        return None
    found = subprocess.run([uv, "python", "find", PREFERRED[0]], capture_output=True, text=True)
    return probe(found.stdout.strip()) if found.returncode == 0 else None


def _nothing_found(here: Interpreter | None) -> str:
    if here is not None and here.suits:
        return _no_venv(here)
    mine = f"this is {here.name}" if here is not None else "this Python does not start"
    return (
        f"Tombola needs Python {RANGE}, and {mine}; install one of them (python.org, your system's packages, "
        "or uv from https://docs.astral.sh/uv, with which set-up gets it by itself) and run again, with "
        "PY=/path/to/python3.12 where it is not on PATH."
    )


def _no_venv(interpreter: Interpreter) -> str:
    return (
        f"{interpreter.name} lacks the venv module; install it (Debian, Ubuntu: apt-get install "
        f"python{interpreter.short_version}-venv) or choose another Python with PY=/path/to/python."
    )
