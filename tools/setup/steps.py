"""A step of set-up: a command that is skipped while what it reads is unchanged."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Sequence

from tools.setup.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
FIRST_LINES = 15
LAST_LINES = 25
SKIPPED_FOLDERS = {"node_modules", "dist", "__pycache__", ".cache", "coverage"}

Command = Sequence[str]


@dataclass
class Step:
    """`commands` make `outputs` from `inputs`; `key` adds what is not a file (the interpreter's version)."""

    title: str
    commands: Callable[[], Sequence[Command]]
    inputs: Sequence[str]
    outputs: Sequence[str]
    stamp: str
    key: str = ""
    folder: str = "."
    env: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Do the step where it is due, with a line about it. Raises SetupError when a command fails."""
        fingerprint = self._fingerprint()
        if self._is_done(fingerprint):
            return
        print(f"… {self.title}", flush=True)
        started = time.monotonic()
        for command in self.commands():
            _execute(command, ROOT / self.folder, self.env, self.title)
        # A step may write what it reads (a generated source): remember how it is afterwards.
        self._stamp_path().write_text(json.dumps(self._fingerprint()))
        print(f"✓ {self.title} {time.monotonic() - started:.1f} s", flush=True)

    def _is_done(self, fingerprint: str) -> bool:
        try:
            remembered = json.loads(self._stamp_path().read_text())
        except (OSError, ValueError):
            return False
        return bool(remembered == fingerprint) and all((ROOT / output).exists() for output in self.outputs)

    def _stamp_path(self) -> Path:
        path = ROOT / self.stamp
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self.key.encode())
        for path in sorted(_files(self.inputs)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def _files(inputs: Sequence[str]) -> set[Path]:
    found = set()
    for name in inputs:
        path = ROOT / name
        if path.is_file():
            found.add(path)
        for folder, folders, files in os.walk(path):
            folders[:] = [each for each in folders if each not in SKIPPED_FOLDERS]
            found.update(Path(folder) / file for file in files)
    return found


def _execute(command: Command, folder: Path, env: dict[str, str], title: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SetupError(f"{title}: {command[0]} does not start: {error}.") from error
    if done.returncode != 0:
        raise SetupError(
            f"{title} failed (exit code {done.returncode}): {' '.join(command)}\n{_excerpt(done.stdout)}"
        )


def _excerpt(output: str) -> str:
    """The first and the last lines: some tools say the reason first, others last."""
    lines = ["    " + line for line in output.rstrip().split("\n")]
    if len(lines) > FIRST_LINES + LAST_LINES:
        lines[FIRST_LINES:-LAST_LINES] = ["    […]"]
    return "\n".join(lines)
