"""One changed tree after the other: does it compile, is it another program, and which test notices?"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

from tests.evm.build import Build, BuildError
from tools.mutation.compiler import ChangedBuild, Solc
from tools.mutation.sites import Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("backend", "benchmarks", "contracts", "deployments", "listener", "scripts", "tests", "tools")
FILES = ("ape-config.yaml", "pyproject.toml", "package.json", "foundry.toml")
LINKED = (".venv", "node_modules", "frontend")
METADATA = re.compile(r"a2646970667358221220[0-9a-f]{64}")
LEAST_TIME = 60.0  # seconds a run may take at least; above it three times what the unchanged tree takes

Outcome = Literal["killed", "survived", "no program", "same program"]


@dataclass(frozen=True)
class Judge:
    """A file of tests, how long it takes on the unchanged contracts, and which sources of contracts it uses."""

    path: str
    digest: str
    seconds: float
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    by: str = ""
    seconds: float = 0.0


class Worktree:
    """A copy of the repository to break."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.solc = folder, Solc()

    @classmethod
    def create(cls, folder: Path) -> "Worktree":
        """Copy what contracts and their tests need; compiled contracts are taken over."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ignored = shutil.ignore_patterns("__pycache__", ".cache", "*.egg-info")
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        for name in LINKED:
            (folder / name).symlink_to((ROOT / name).resolve())
        built = ROOT / ".build"
        shutil.copytree(built, folder / ".build", ignore=shutil.ignore_patterns("mutants", "forge"))
        return cls(folder)

    @cached_property
    def unchanged(self) -> dict[str, Path]:
        """Where the programs of every source are, before anything is changed."""
        build = Build(self.folder)
        build.artifacts  # noqa: B018  compiles what is not in the cache
        names = [path.relative_to(self.folder).as_posix() for path in build._sources()]
        return {name: build.cache / build._cache_name(name) for name in names}

    def pytest(self, arguments: Sequence[str], limit: float, **environment: str) -> tuple[int | None, str]:
        """Run tests; their exit code (None: not done in time) and what pytest wrote."""
        nothing_else = ("-p", "no:ape_test", "-p", "no:cacheprovider", "-q", "--tb=no")
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *nothing_else, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, ""
        return process.returncode, output

    def profile(self, path: str) -> Judge:
        """Run one test file unchanged, and note what it uses. Raises RuntimeError when it does not pass."""
        record = self.folder / ".build" / f"{Path(path).stem}.json"
        started = time.monotonic()
        code, output = self.pytest(["-p", "tools.mutation.record", path], 900, MUTATION_RECORD=str(record))
        if code != 0:
            raise RuntimeError(f"{path} does not pass on the unchanged contracts:\n{output[-2000:]}")
        seconds = time.monotonic() - started
        used = tuple(source for source in json.loads(record.read_text()) if source in self.unchanged)
        return Judge(path, digest(self.folder / path), round(seconds, 1), used)

    def test(self, mutant: Mutant, source: str, files: Sequence[Judge]) -> Result:
        """The fate of one mutant; the tree is whole again afterwards."""
        started = time.monotonic()
        target = self.folder / mutant.file
        unchanged = self.unchanged
        target.write_text(mutant.apply(source))
        build = ChangedBuild(self.folder, self.solc, unchanged)
        try:
            outcome, by = self._run(build, files)
            return Result(outcome, by, round(time.monotonic() - started, 1))
        except BuildError:
            return Result("no program")
        finally:
            build.forget()
            target.write_text(source)

    def _run(self, build: ChangedBuild, files: Sequence[Judge]) -> tuple[Outcome, str]:
        differs = False
        for group in (files[:1], files[1:]):
            compiled = build.compile({name for file in group for name in file.sources})
            differs = differs or any(
                program(path) != program(self.unchanged[name]) for name, path in compiled.items()
            )
            if not differs or not group:
                continue
            limit = max(LEAST_TIME, 3 * sum(file.seconds for file in group))
            code, output = self.pytest(["-x", "-rfE", *(file.path for file in group)], limit)
            if code is None:
                return "killed", f"{group[0].path}: not done after {limit:.0f} s"
            if code == 1:
                noticed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
                return "killed", noticed[1] if noticed else group[0].path
            if code != 0:
                raise RuntimeError(f"pytest ended with {code}:\n{output[-2000:]}")
        return ("survived" if differs else "same program"), ""


def program(path: Path) -> str:
    """The code of a source's contracts, without the hash of the source."""
    artifacts = json.loads(path.read_text())
    return METADATA.sub("", json.dumps([artifact["code"] for artifact in artifacts.values()]))


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]


def concerned(file: str, files: Sequence[Judge], closures: dict[str, set[str]]) -> list[Judge]:
    """The tests that use a contract into whose source `file` is imported: first those named after it, then quick ones."""
    words = Path(file).stem.lower(), Path(file).parent.name

    def rank(test: Judge) -> tuple[bool, bool, float]:
        name = Path(test.path).stem.replace("_", "")
        return words[0] not in name, words[1] not in name, test.seconds

    used = [test for test in files if any(file in closures.get(name, ()) for name in test.sources)]
    return sorted(used, key=rank)
