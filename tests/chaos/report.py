"""What many seeds came to, as tables: fault × times × result, and where senders died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.chaos.plan import ALL_FAULTS


class Tally:
    """Sums over seeds; `plain` and `load` are its JSON form."""

    def __init__(self) -> None:
        self.seeds: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.attempts = 0

    def add(self, outcome: Any) -> None:
        """Note one seed."""
        self.seeds[outcome.fault] += 1
        self.failed[outcome.fault] += bool(outcome.problem)
        self.happened += outcome.happened
        self.deaths += outcome.deaths
        self.ends += outcome.ends
        self.attempts += outcome.attempts

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.deaths.items() if name.startswith("SIGKILL"))

    @property
    def intents(self) -> int:
        return sum(self.ends.values())

    def plain(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def load(cls, known: dict[str, Any]) -> Tally:
        tally = cls()
        for name, value in known.items():
            setattr(tally, name, value if isinstance(value, int) else Counter(value))
        return tally

    def tables(self) -> str:
        """Markdown, for docs/reliability.md."""
        return "\n\n".join([self._summary(), self._faults(), self._deaths()])

    def _summary(self) -> str:
        ends = ", ".join(f"{count:,} {state}" for state, count in sorted(self.ends.items()))
        lost = (
            "nothing lost, nothing doubled"
            if not +self.failed
            else f"{sum(self.failed.values())} seeds FAILED"
        )
        return (
            f"{sum(self.seeds.values()):,} seeds, {self.kills:,} kills, {self.intents:,} intents ({ends}), "
            f"{self.attempts:,} signed transactions: {lost}."
        )

    def _faults(self) -> str:
        rows = []
        for fault in ALL_FAULTS:
            if self.seeds[fault]:
                times = f"{self.happened[fault]:,}" if fault in self.happened else "–"
                failed = self.failed[fault]
                result = f"{failed} FAILED" if failed else "exact"
                rows.append((fault, times, str(self.seeds[fault]), result))
        cancelled = self.happened["cancelled by its owner"]
        restarts = self.happened["Postgres restarts"]
        rows.append(("cancelled by its owner, beside all these", f"{cancelled:,}", "all", "exact"))
        if restarts:
            rows.append(("Postgres restarts, beside all these", f"{restarts:,}", "all", "exact"))
        return _table(("fault", "times", "seeds", "oracle"), rows)

    def _deaths(self) -> str:
        rows = [(name, f"{count:,}") for name, count in sorted(self.deaths.items())]
        return _table(("end of a sender", "times"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
