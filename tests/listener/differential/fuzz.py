"""Seeds 0 to SEEDS of the differential test in two processes: `make fuzz-listener`, SEEDS=20000.

After each part what was done is written to `.build/fuzz-listener.json`; started again, or after Ctrl-C, the run goes
on from there. It starts anew when the listener or this test changed, because what was tried then says nothing about
what is there now. Every seed is compared with what the chain says, one in four with a fresh mirror as well.
"""

import argparse
import asyncio
import json
import multiprocessing
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from hashlib import sha256
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from tests.listener.differential.lab import LANES, run_seeds
from tests.support.postgres import temporary_postgres

ROOT = Path(__file__).resolve().parents[3]
STATE = ROOT / ".build" / "fuzz-listener.json"
FOLDERS = (ROOT / "listener", Path(__file__).parent)
PART = 100  # seeds
FRESH_EVERY = 4
SAY_EVERY = 10.0  # seconds


class Progress:
    """What was done so far, on disk after every part."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path, self.fingerprint = path, fingerprint
        known = json.loads(path.read_text()) if path.exists() else {}
        if known.get("fingerprint") != fingerprint:
            known = {}
        self.parts: set[int] = set(known.get("parts", ()))
        self.failed: dict[str, str] = known.get("failed", {})
        self.seconds: float = known.get("seconds", 0.0)

    @property
    def seeds(self) -> int:
        return len(self.parts) * PART

    def add(self, part: int, failed: dict[int, str], seconds: float) -> None:
        """Note a part that is done; `seconds` since the last one was."""
        self.parts.add(part)
        self.failed |= {str(seed): problem for seed, problem in failed.items()}
        self.seconds = round(self.seconds + seconds, 1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        fields = ("fingerprint", "parts", "failed", "seconds")
        content = {name: getattr(self, name) for name in fields} | {"parts": sorted(self.parts)}
        draft.write_text(json.dumps(content, indent=1))
        draft.replace(self.path)

    def line(self) -> str:
        speed = self.seeds / self.seconds if self.seconds else 0.0
        return f"{self.seeds:>8,} seeds, {speed:.1f} a second, {len(self.failed)} failed"


def fingerprint() -> str:
    """Changes with the listener and with this test."""
    digest = sha256()
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def work(parts: "Queue[int | None]", results: "Queue[tuple[int, Any]]", lanes: int) -> None:
    """A worker process: run parts on a PostgreSQL of its own until there is none left."""
    part = -1
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # asyncio ends its tasks at SIGINT.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with temporary_postgres() as postgres:
            while (following := parts.get()) is not None:
                part = following
                seeds = range(part * PART, (part + 1) * PART)
                results.put((part, asyncio.run(run_seeds(seeds, postgres, lanes, fresh_every=FRESH_EVERY))))
    except KeyboardInterrupt:
        pass
    except BaseException:
        results.put((part, traceback.format_exc()))


def results_of(parts: Sequence[int], workers: int, lanes: int) -> Iterator[tuple[int, dict[int, str]]]:
    """Run these parts; each as it is done with its failed seeds."""
    context = multiprocessing.get_context("spawn")
    waiting: Queue[int | None] = context.Queue()
    results: Queue[tuple[int, Any]] = context.Queue()
    for part in [*parts, *[None] * workers]:
        waiting.put(part)
    processes = [context.Process(target=work, args=(waiting, results, lanes)) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        for _ in parts:
            part, found = results.get()
            if isinstance(found, str):
                raise RuntimeError(f"a worker broke in part {part}:\n{found}")
            yield part, found
    finally:
        waiting.cancel_join_thread()
        for process in processes:
            process.terminate()  # the end of a worker that has parts left; it stops its servers
        for process in processes:
            process.join(30)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.listener.differential.fuzz", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--seeds", type=int, default=20_000, help="stop at so many seeds in total")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--lanes", type=int, default=LANES, help="seeds at once in each process")
    parser.add_argument("--fresh", action="store_true", help="forget what was done before")
    options = parser.parse_args(arguments)
    if options.fresh:
        STATE.unlink(missing_ok=True)
    progress = Progress(STATE, fingerprint())
    left = [part for part in range(-(-options.seeds // PART)) if part not in progress.parts]
    print(f"{len(left) * PART:,} seeds to run, {progress.seeds:,} are done.", flush=True)
    code = _run(progress, left, options.workers, options.lanes) if left else 0
    print(progress.line())
    return code or (1 if progress.failed else 0)


def _run(progress: Progress, left: Sequence[int], workers: int, lanes: int) -> int:
    last = said = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for part, failed in results_of(left, workers, lanes):
            now = time.monotonic()
            progress.add(part, failed, now - last)
            last = now
            for seed, problem in sorted(failed.items()):
                print(f"\nseed {seed}: {problem}\n", flush=True)
            if now - said > SAY_EVERY:
                said = now
                print(progress.line(), flush=True)
    except KeyboardInterrupt:
        print("Stopped; `make fuzz-listener` goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
