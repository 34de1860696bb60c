"""Benchmark of the read model: `python -m benchmarks.reads [--calls N | --explain] [name …]`.

Fills the real listener's tables (see `benchmarks.reads_data`), lets the listener's upkeep make indexes and sums, and
runs every read many times with other parameters each time. Printed: p50 and p95 in milliseconds, from the call to
the typed model, and processor time, beside the floor over the same connection: `SELECT 1`, and one row by primary
key. ✗ marks a p95 of 20 ms and more. Each call is in a snapshot of its own, as in the API, whose own statements do
not count.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.db import make_engine
from backend.mirror import open_snapshot
from benchmarks.reads_cases import CASES, Case
from benchmarks.reads_data import build
from benchmarks.reads_facts import HEAD
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.sql import fetch
from tests.support.postgres import temporary_postgres

CALLS, WARM_UP, LIMIT_MS = 200, 7, 20.0


async def _select_one(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await fetch(db, "SELECT 1")


async def _primary_key(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await fetch(
        db,
        "SELECT * FROM mirror.raffle_tickets_bought WHERE block_number = :block AND log_index = 1",
        block=random.randrange(190_001, HEAD),
    )


@dataclass(frozen=True)
class Took:
    """Milliseconds a read takes: percentiles of the time on the clock, and of the processor time of client and
    server together, which other work on the machine does not lengthen (they take turns: on a quiet machine both
    are nearly the same).
    """

    p50: float
    p95: float
    cpu50: float
    cpu95: float


async def _time(engine: AsyncEngine, case: Case, calls: int) -> Took:
    random, clock, cpu = Random(7), list[float](), list[float]()
    for _ in range(calls + WARM_UP):
        async with open_snapshot(engine) as mirror:
            server = await mirror.db.scalar(text("SELECT pg_backend_pid()"))
            ran, started = _cpu_seconds(server), time.perf_counter()
            await case(mirror.db, mirror.as_of, random)
            clock.append((time.perf_counter() - started) * 1_000)
            cpu.append((_cpu_seconds(server) - ran) * 1_000)
    clock, cpu = sorted(clock[WARM_UP:]), sorted(cpu[WARM_UP:])
    last = int(calls * 0.95)
    return Took(clock[calls // 2], clock[last], cpu[calls // 2], cpu[last])


def _cpu_seconds(server: int) -> float:
    """Processor time of this process and of the server's process with this id (Linux)."""
    return time.process_time() + int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9


class _Explaining:
    """A connection that prints the plan of each statement before running it."""

    def __init__(self, db: AsyncConnection) -> None:
        self._db = db

    async def execute(self, statement: Any, parameters: Any) -> Any:
        plan = await self._db.execute(text(f"EXPLAIN (ANALYZE, BUFFERS) {statement.text}"), parameters)
        print("\n".join(line for (line,) in plan), "\n")
        return await self._db.execute(statement, parameters)


async def explain(database_url: str, names: list[str]) -> None:
    """Print the plans of the reads with these names."""
    engine = make_engine(database_url, pool=1)
    try:
        for name, case in CASES.items():
            if any(wanted in name for wanted in names):
                async with open_snapshot(engine) as mirror:
                    await case(mirror.db, mirror.as_of, Random(7))  # what is read is in memory then
                    print(f"── {name}")
                    await case(cast(AsyncConnection, _Explaining(mirror.db)), mirror.as_of, Random(7))
    finally:
        await engine.dispose()


async def measure(database_url: str, names: list[str], calls: int) -> None:
    """Print the table."""
    engine = make_engine(database_url, pool=1)
    try:
        floor = await _time(engine, _select_one, calls)
        key = await _time(engine, _primary_key, calls)
        print(
            f"{'milliseconds':48} {'p50':>7} {'p95':>7} {'CPU p50':>8} {'CPU p95':>8}   CPU p50 ÷ SELECT 1, ÷ by key"
        )
        _show("floor: SELECT 1", floor)
        _show("floor: one row by primary key", key)
        for name, case in CASES.items():
            if not names or any(wanted in name for wanted in names):
                took = await _time(engine, case, calls)
                mark = " ✗" if took.p95 >= LIMIT_MS else ""
                _show(name, took, f"{took.cpu50 / floor.cpu50:6.1f} {took.cpu50 / key.cpu50:6.1f}{mark}")
    finally:
        await engine.dispose()


def _show(name: str, took: Took, more: str = "") -> None:
    print(
        f"{name:48} {took.p50:7.2f} {took.p95:7.2f} {took.cpu50:8.2f} {took.cpu95:8.2f}   {more}".rstrip(),
        flush=True,
    )


def main() -> None:
    """Build the database and measure."""
    parser = argparse.ArgumentParser(description="Benchmark the read model.")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--explain", action="store_true", help="print the plans of the named reads instead")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    with temporary_postgres() as postgres:
        uris = postgres.create_database("reads")
        for what, seconds in build(uris.listener).items():
            print(f"{what:46} {seconds:8.1f} s")
        if options.explain:
            asyncio.run(explain(uris.backend, options.names))
        else:
            asyncio.run(measure(uris.backend, options.names, options.calls))


if __name__ == "__main__":
    main()
