"""Compiles no more of a changed tree than the next tests use, with a compiler that stays warm."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.evm.build import Build, BuildError

ENDURANCE = 60  # questions to one process: its memory only grows


class Solc:
    """One compiler process, begun anew from time to time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._asked = 0

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Raises BuildError when the sources are no program, or make no sense to the compiler at all."""
        if self._process is None or self._asked >= ENDURANCE:
            self.close()
            command = ["node", str(Path(__file__).with_name("solc.js"))]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            self._asked = 0
        self._asked += 1
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the compiler was started without pipes")
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise BuildError("the compiler ended")
        answer: dict[str, Any] = json.loads(line)
        errors = [error for error in answer.get("errors", []) if error["severity"] == "error"]
        if errors:
            raise BuildError("\n".join(error["formattedMessage"] for error in errors))
        return answer

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class ChangedBuild(Build):
    """A tree with one changed file. Sources that nobody asked for yet are stood in for by the unchanged programs, in the
    cache that the tests read: they use only what was asked for."""

    def __init__(self, root: Path, solc: Solc, unchanged: dict[str, Path]) -> None:
        super().__init__(root)
        self._warm = solc
        names = [path.relative_to(root).as_posix() for path in self._sources()]
        self._files = {name: self.cache / self._cache_name(name) for name in names}
        self.stale = {name for name, file in self._files.items() if not file.exists()}
        self._open = set(self.stale)
        for name in self._open:
            shutil.copy(unchanged[name], self._files[name])

    def compile(self, wanted: Iterable[str]) -> dict[str, Path]:
        """Compile what of these sources is stale; where the programs are."""
        self.compiled = sorted(self._open.intersection(wanted))
        for name in self.compiled:
            self._files[name].unlink()
        if self.compiled:
            self._compile(self._files)
        self._open.difference_update(self.compiled)
        return {name: self._files[name] for name in self.compiled}

    def forget(self) -> None:
        """Leave nothing of the change in the cache."""
        for name in self.stale:
            self._files[name].unlink(missing_ok=True)

    def _solc(self, question: dict[str, Any]) -> dict[str, Any]:
        return self._warm.ask(question)

    def _forget_oldest(self, in_use: set[Path]) -> None:
        """The tree goes as a whole."""
