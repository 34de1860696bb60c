"""`make chaos`: seed after seed until KILLS=2000 sender processes were killed, then the tables for docs/reliability.md.

What was done is written to `.build/chaos.json` after every seed; started again, or after Ctrl-C, the run goes on from
there. It starts anew when the sender or this test changed. `--seed N` plays one seed and shows what it did.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from tests.chaos.lab import LANES, run_seeds
from tests.chaos.report import Tally
from tests.chaos.run import Outcome
from tests.support.postgres import temporary_postgres

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".build" / "chaos.json"
FOLDERS = ("backend/sender", "backend/intents", "backend/migrations", "listener/chain", "tests/chaos")


class Progress:
    """What was done so far, on disk after every seed."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path, self.fingerprint = path, fingerprint
        known = json.loads(path.read_text()) if path.exists() else {}
        if known.get("fingerprint") != fingerprint:
            known = {}
        self.done: set[int] = set(known.get("done", ()))
        self.problems: dict[str, str] = known.get("problems", {})
        self.seconds: float = known.get("seconds", 0.0)
        self.tally = Tally.load(known.get("tally", {}))

    def add(self, outcome: Outcome, seconds: float) -> None:
        """Note a seed; `seconds` since the last one was."""
        self.done.add(outcome.seed)
        self.tally.add(outcome)
        self.seconds = round(self.seconds + seconds, 1)
        if outcome.problem:
            self.problems[str(outcome.seed)] = outcome.problem
        content = {
            "fingerprint": self.fingerprint,
            "done": sorted(self.done),
            "problems": self.problems,
            "seconds": self.seconds,
            "tally": self.tally.plain(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps(content, indent=1))
        draft.replace(self.path)


def fingerprint() -> str:
    """Changes with the sender and with this test."""
    digest = sha256()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=2_000, help="stop at so many kills in total")
    parser.add_argument("--minutes", type=float, help="stop after so long in any case")
    parser.add_argument("--lanes", type=int, default=LANES, help="seeds at once")
    parser.add_argument("--seed", type=int, help="play this one alone, and note nothing")
    parser.add_argument("--fresh", action="store_true", help="forget what was done before")
    options = parser.parse_args(arguments)
    for quiet in ("aiohttp.server", "aiohttp.access"):
        logging.getLogger(quiet).setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.seed is not None:
        return _alone(options.seed)
    if options.fresh:
        STATE.unlink(missing_ok=True)
    progress = Progress(STATE, fingerprint())
    print(f"{progress.tally.kills:,} of {options.kills:,} kills are done.", flush=True)
    stopped = _run(progress, options)
    print(
        f"\n{progress.tally.tables()}\n\n{progress.seconds / 60:.0f} minutes, {options.lanes} seeds at a time."
    )
    for seed, problem in sorted(progress.problems.items()):
        print(f"\nseed {seed}: {problem}\nAgain: python -m tests.chaos --seed {seed}")
    if stopped:
        print("Stopped before the end; `make chaos` goes on from here.")
        return 130
    return 1 if progress.problems else 0


def _alone(seed: int) -> int:
    outcomes: list[Outcome] = []
    with temporary_postgres() as postgres:
        asyncio.run(run_seeds([seed], postgres, 1, tell=outcomes.append))
    (outcome,) = outcomes
    print(outcome.problem or "The oracle is content.")
    print(f"{outcome.fault}; {dict(outcome.happened)}; {dict(outcome.deaths)}; {dict(outcome.ends)}")
    return 1 if outcome.problem else 0


def _run(progress: Progress, options: Any) -> bool:
    """Run seeds until there are enough kills; whether it was stopped before."""
    began = last = time.monotonic()
    limit = None if options.minutes is None else began + options.minutes * 60

    def in_time() -> bool:
        return limit is None or time.monotonic() < limit

    def left() -> Iterator[int]:
        for seed in count():
            if progress.tally.kills >= options.kills or not in_time():
                return
            if seed not in progress.done:
                yield seed

    def tell(outcome: Outcome) -> None:
        nonlocal last
        now = time.monotonic()
        progress.add(outcome, now - last)
        last = now
        end = "FAILED" if outcome.problem else "exact"
        shown = f"seed {outcome.seed:>4}  {outcome.fault:<28} {end:<7}{outcome.seconds:>5.0f} s"
        print(f"{shown}  {progress.tally.kills:>6,} kills", flush=True)

    try:
        with temporary_postgres() as postgres:
            asyncio.run(run_seeds(left(), postgres, options.lanes, tell=tell, restarts=True))
    except KeyboardInterrupt:
        return True
    return bool(progress.tally.kills < options.kills)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
