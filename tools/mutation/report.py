"""What is left to say when mutants have been tried."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.sites import Mutant
from tools.mutation.trial import Result

EXPLAINED = Path(__file__).with_name("explained.toml")
AIM = 0.95


@dataclass(frozen=True)
class Tried:
    mutant: Mutant
    result: Result

    @property
    def survived(self) -> bool:
        return self.result.outcome == "survived"

    @property
    def late(self) -> bool:
        """Killed by no failing test: the tests did not end in three times their time."""
        return self.result.outcome == "killed" and ": not done after " in self.result.by


@dataclass(frozen=True)
class Explanation:
    """Why no test can notice a change, and the line that this was said about."""

    file: str
    line: str
    why: str

    def holds(self, mutant: Mutant, source: str) -> bool:
        """Whether the change is still one of that line."""
        return self.file == mutant.file and self.line == mutant.line(source)


def explanations(path: Path = EXPLAINED) -> dict[str, Explanation]:
    """Every explanation by the id of its change."""
    return {number: Explanation(**entry) for number, entry in tomllib.loads(path.read_text()).items()}


def explained(
    known: Mapping[str, Explanation], mutants: Iterable[Mutant], sources: Mapping[str, str]
) -> dict[str, str]:
    """Why no test can notice a mutant, by its id: the explanations that are not stale."""
    return {
        mutant.id: known[mutant.id].why
        for mutant in mutants
        if mutant.id in known and known[mutant.id].holds(mutant, sources[mutant.file])
    }


def score(tried: Sequence[Tried]) -> float:
    """The part that was killed, explained survivors not left out."""
    return sum(not each.survived for each in tried) / len(tried) if tried else 1.0


def passes(tried: Sequence[Tried], reasons: Mapping[str, str]) -> bool:
    """At least the aim is killed, and each survivor is explained."""
    return score(tried) >= AIM and all(each.mutant.id in reasons for each in tried if each.survived)


def lines(tried: Sequence[Tried], sources: Mapping[str, str], reasons: Mapping[str, str]) -> Iterator[str]:
    """Survivors as differences, then the score of every file and of all."""
    for each in tried:
        if each.survived:
            yield f"── survived: {each.mutant.id} ({each.mutant.kind}, {each.mutant.function})"
            yield each.mutant.diff(sources[each.mutant.file])
            yield f"   {reasons.get(each.mutant.id, 'NOT EXPLAINED')}\n"
    yield f"{'file':48} {'tried':>6} {'killed':>7} {'in time':>8} {'explained':>10}"
    for file in sorted({each.mutant.file for each in tried}):
        yield _line(file, [each for each in tried if each.mutant.file == file], reasons)
    yield _line("all", tried, reasons)


def _line(title: str, tried: Sequence[Tried], reasons: Mapping[str, str]) -> str:
    known = sum(each.survived and each.mutant.id in reasons for each in tried)
    killed = sum(not each.survived for each in tried)
    in_time = sum(not each.survived and not each.late for each in tried)
    return f"{title:48} {len(tried):>6} {killed:>7} {in_time:>8} {known:>10}  {score(tried):.1%}"
