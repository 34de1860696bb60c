"""`make mutants`, or `python -m tools.mutation [--count 120] [--seed 1] [--workers 2] [--only WORD …] [--list]`.

With `--only` a file gets as many changes as in a run of all files, so that parts make the same whole. Results are kept in
`.build/mutants/results.json` and taken over while the changed file is as it was and so is the test that killed the
mutant (for a survivor: every test that was run). Ctrl-C loses nothing.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.evm.build import Build
from tools.mutation import report
from tools.mutation.choice import in_turn, quotas
from tools.mutation.sites import Finder, Mutant
from tools.mutation.trial import ROOT, Judge, Result, Worktree, concerned, digest
from tools.natspec import sources, syntax_trees

FOLDER = ROOT / ".build" / "mutants"
# Not tests of behaviour: trees, layouts and sizes would not notice, gas would notice everything.
NO_JUDGES = {"test_trees.py", "test_gas.py", "test_sizes.py", "test_storage_layout.py"}
NOT_COUNTED = ("no program", "same program")


class Memory:
    """What earlier runs found out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def result(self, mutant: Mutant, source: str, files: Sequence[Judge]) -> Result | None:
        kept = self._kept.get(mutant.id)
        if kept is None or kept["source"] != source:
            return None
        result = Result(**kept["result"])
        known = kept["tests"]
        if result.outcome == "survived" and known != {test.path: test.digest for test in files}:
            return None
        killer = result.by.partition("::")[0].partition(": ")[0]
        now = {test.path: test.digest for test in files}
        if result.outcome == "killed" and now.get(killer) != known.get(killer):
            return None
        return result

    def keep(self, mutant: Mutant, source: str, files: Sequence[Judge], result: Result) -> None:
        tests = {test.path: test.digest for test in files}
        with self._lock:
            self._kept[mutant.id] = {"source": source, "tests": tests, "result": asdict(result)}
            self._save()

    def profile(self, path: str, state: str) -> Judge | None:
        kept = self._kept.get(path)
        if kept is None or kept.pop("state", None) != state:
            return None
        self._kept[path] = {**kept, "state": state}
        return Judge(**{**kept, "sources": tuple(kept["sources"])})

    def keep_profile(self, test: Judge, state: str) -> None:
        with self._lock:
            self._kept[test.path] = {**asdict(test), "state": state}
            self._save()

    def _save(self) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self._kept, indent=1))
        draft.replace(self.path)


def candidates() -> tuple[dict[str, str], dict[str, list[Mutant]]]:
    """Sources, and all mutants by file."""
    contents = {str(path.relative_to(ROOT)): path.read_text() for path in sources()}
    trees = syntax_trees(contents)
    found = {name: Finder(name, contents[name], tree).mutants() for name, tree in trees.items()}
    return contents, {name: mutants for name, mutants in found.items() if mutants}


def profiles(tree: Worktree, memory: Memory, without: Sequence[str]) -> list[Judge]:
    """Every test file with its time and what it uses. Raises RuntimeError when a test fails with nothing changed."""
    folder = tree.folder / "tests" / "contracts"
    files = [path for path in sorted(folder.glob("test_*.py")) if path.name not in {*NO_JUDGES, *without}]
    names = [path.relative_to(tree.folder).as_posix() for path in files]
    code, output = tree.pytest(["-x", "-rfE", *names], 900)
    if code != 0:
        raise RuntimeError(f"tests fail on the unchanged contracts:\n{output[-2000:]}")
    shared = "".join(digest(path) for path in sorted(folder.glob("*.py")) if path not in files)
    found = []
    for name, path in zip(names, files, strict=True):
        state = sha256(f"{shared}{digest(path)}".encode()).hexdigest()
        test = memory.profile(name, state)
        if test is None:
            test = tree.profile(name)
            memory.keep_profile(test, state)
            print(f"   {test.seconds:6.1f} s  {name}", flush=True)
        found.append(test)
    return [test for test in found if test.sources]


class Trials:
    """Tries the mutants of all files with some workers, each in a tree of its own."""

    def __init__(
        self,
        contents: dict[str, str],
        trees: Sequence[Worktree],
        memory: Memory,
        tests: Sequence[Judge],
        seed: int,
    ) -> None:
        self.contents, self.memory, self.seed = contents, memory, seed
        self._trees: SimpleQueue[Worktree] = SimpleQueue()
        for tree in trees:
            self._trees.put(tree)
        self.tests = tests
        build = Build(ROOT)
        self._closures = {name: build._closure(name) for name in trees[0].unchanged}
        self._done, self._started = 0, time.monotonic()

    def of_file(self, mutants: Sequence[Mutant], quota: int) -> Iterator[report.Tried]:
        """`quota` mutants that are another program; those that are none do not count."""
        counted = 0
        for mutant in in_turn(mutants, self.seed):
            if counted == quota:
                return
            result = self.one(mutant)
            if result.outcome not in NOT_COUNTED:
                counted += 1
                yield report.Tried(mutant, result)

    def one(self, mutant: Mutant) -> Result:
        source = self.contents[mutant.file]
        files = concerned(mutant.file, self.tests, self._closures)
        result = self.memory.result(mutant, source, files)
        if result is None:
            tree = self._trees.get()
            try:
                result = tree.test(mutant, source, files)
            finally:
                self._trees.put(tree)
            self.memory.keep(mutant, source, files, result)
            self._say(mutant, result)
        return result

    def _say(self, mutant: Mutant, result: Result) -> None:
        self._done += 1
        words = f"{mutant.id} {mutant.kind:18} {result.outcome:12} {result.seconds:5.1f} s  {mutant.file}"
        print(f"{time.monotonic() - self._started:6.0f} s  {self._done:4}  {words} {result.by}", flush=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1, help="which changes are chosen")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="files whose path contains one")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="test files not to run")
    parser.add_argument("--list", action="store_true", help="say how many changes there are, and end")
    options = parser.parse_args(arguments)
    contents, found = candidates()
    if options.list:
        print("\n".join(f"{len(mutants):5} {name}" for name, mutants in found.items()))
        return 0
    wanted = quotas({name: len(mutants) for name, mutants in found.items()}, options.count)
    files = [name for name in found if not options.only or any(word in name for word in options.only)]
    Build(ROOT).artifacts  # noqa: B018  compiled once, taken over by every tree
    FOLDER.mkdir(parents=True, exist_ok=True)
    trees = [Worktree.create(FOLDER / f"tree-{number}") for number in range(options.workers)]
    memory = Memory(FOLDER / "results.json")
    trials = Trials(contents, trees, memory, profiles(trees[0], memory, options.without), options.seed)
    with ThreadPoolExecutor(options.workers) as pool:
        groups = pool.map(lambda name: list(trials.of_file(found[name], wanted[name])), files)
        tried = [each for group in groups for each in group]
    known = report.explanations()
    reasons = report.explained(known, (mutant for mutants in found.values() for mutant in mutants), contents)
    print("\n".join(report.lines(tried, contents, reasons)))
    print("".join(f"stale explanation: {number}\n" for number in known.keys() - reasons.keys()), end="")
    return 0 if report.passes(tried, reasons) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
