"""What is left to say when mutants have been tried."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
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


def explained(path: Path = EXPLAINED) -> dict[str, str]:
    """Why no test can notice a mutant, by its id."""
    return {str(key): str(reason) for key, reason in tomllib.loads(path.read_text()).items()}


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
    yield f"{'file':48} {'tried':>6} {'killed':>7} {'explained':>10}"
    for file in sorted({each.mutant.file for each in tried}):
        yield _line(file, [each for each in tried if each.mutant.file == file], reasons)
    yield _line("all", tried, reasons)


def _line(title: str, tried: Sequence[Tried], reasons: Mapping[str, str]) -> str:
    known = sum(each.survived and each.mutant.id in reasons for each in tried)
    killed = sum(not each.survived for each in tried)
    return f"{title:48} {len(tried):>6} {killed:>7} {known:>10}  {score(tried):.1%}"
