"""Benchmark of the listener: `python -m benchmarks.listener [--quick] [--long]`.

A generated chain of more than 200,000 events is served by a process of its own; the real `python -m listener run`
mirrors it into a fresh embedded PostgreSQL. Printed: events per second from process start to exit, CPU-seconds and peak
memory of the listener, as a ratio to the run without latency; the floor (the same bytes fetched and thrown away;
fetched, decoded and thrown away); what slower and stricter providers cost; live latency (block mined to NOTIFY
received). Server, PostgreSQL and listener share the machine.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.listener_chain import CHILDREN, FACTORY, RAFFLE, REGISTRY, TOPICS
from benchmarks.listener_live import follow
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from listener.mirror.batch import Facts
from listener.mirror.schema import tables_of
from listener.sync.decode import Decoder
from listener.sync.routes import Routes
from listener.sync.wire import Header, Log, quantity
from tests.support.postgres import temporary_postgres
from tools.run.postgres import DatabaseUris, Postgres

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
_FLOOR_SPAN = 80  # blocks; below the server's limit of 10,000 logs


@dataclass(frozen=True)
class Served:
    """A running benchmark chain."""

    url: str
    events: int
    head: int


@contextmanager
def served(blocks: int, *arguments: str) -> Iterator[Served]:
    """The chain's server, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.listener_chain", "--blocks", str(blocks), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        facts = json.loads(line)
        yield Served(f"http://127.0.0.1:{facts['port']}", facts["events"], facts["head"])
    finally:
        process.terminate()
        process.wait()


async def _floor(chain: Served, decode: bool) -> float:
    """Seconds to fetch the chain's logs and headers (and decode them), everything thrown away."""
    registry = parse_registry(REGISTRY)
    routes = Routes(registry, tables_of(registry))
    for _, creation in routes.creating_tables():
        for child in CHILDREN:
            routes.create(creation, child, 0)
    decoder, started = Decoder(routes), time.perf_counter()
    wanted = {"address": [RAFFLE, FACTORY, *CHILDREN], "topics": [list(TOPICS.values())]}
    gate = asyncio.Semaphore(6)
    async with RpcPool([chain.url]) as pool:

        async def span(first: int, last: int) -> None:
            async with gate:
                blocks = [("eth_getBlockByNumber", (quantity(n), False)) for n in range(first, last + 1)]
                headers, logs = await asyncio.gather(
                    pool.batch(blocks, result=Header),
                    pool.call(
                        "eth_getLogs",
                        ({**wanted, "fromBlock": quantity(first), "toBlock": quantity(last)},),
                        result=list[Log],
                    ),
                )
                if decode:
                    facts = Facts(first, last)
                    decoder.decode(facts, logs, {header.number: header.mark() for header in headers})

        starts = range(1, chain.head + 1, _FLOOR_SPAN)
        await asyncio.gather(*(span(n, min(n + _FLOOR_SPAN - 1, chain.head)) for n in starts))
    return time.perf_counter() - started


@dataclass(frozen=True)
class Run:
    """One run of the listener."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    rows: int


def mirror(chain: Served, uris: DatabaseUris, registry: Path) -> Run:
    """Run the real program until the head is committed."""
    arguments = ["run", "--registry", str(registry), "--rpc-url", chain.url, "--until-block", str(chain.head)]
    command = [sys.executable, "-m", "listener", *arguments, "--database-url", uris.listener]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LOG_LEVEL": "warning"})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"the listener ended with {process.returncode}")
    with psycopg.connect(uris.superuser) as db:
        names = [row[0] for row in db.execute("SELECT DISTINCT table_name FROM mirror.source").fetchall()]
        rows = sum(
            (db.execute(f"SELECT count(*) FROM mirror.{n}".encode()).fetchone() or (0,))[0] for n in names
        )
    if rows != chain.events:
        raise RuntimeError(f"{rows} rows of {chain.events} events")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, rows)


@dataclass(frozen=True)
class Case:
    """A provider to mirror from, by the arguments of the chain's server."""

    title: str
    arguments: tuple[str, ...] = ()
    runs: int = RUNS


CASES = (
    Case("50 ms of latency", ("--latency", "0.05")),
    Case("5 % answered 429", ("--refused", "0.05")),
    Case(
        "50 ms, 100 blocks a range, 10 calls a batch",
        ("--latency", "0.05", "--most-blocks", "100", "--most-calls", "10"),
    ),
    Case("50 ms, no batches", ("--latency", "0.05", "--most-calls", "1"), 1),
)


class Table:
    """Prints a line per measurement, each beside the first mirror run."""

    def __init__(self) -> None:
        self.plain: float | None = None
        print(f"{'':46} {'events/s':>10} {'seconds':>8} {'CPU-s':>6} {'peak MB':>8}  ratio", flush=True)

    def line(
        self, title: str, events: int, seconds: float, cpu_seconds: float, megabytes: float = 0.0
    ) -> None:
        speed, memory = events / seconds, f"{megabytes:.0f}" if megabytes else "-"
        ratio = f"{speed / self.plain:.2f}" if self.plain else ""
        print(
            f"{title:46} {speed:>10,.0f} {seconds:>8.2f} {cpu_seconds:>6.2f} {memory:>8}  {ratio}", flush=True
        )

    def run(self, title: str, run: "Run") -> None:
        if self.plain is None:
            self.plain = run.rows / run.seconds
        self.line(title, run.rows, run.seconds, run.cpu_seconds, run.peak_megabytes)


class Bench:
    """One PostgreSQL and one registry for all measurements."""

    def __init__(self, postgres: Postgres, registry: Path) -> None:
        self.postgres, self.registry, self.databases = postgres, registry, 0
        self.table = Table()

    def mirror(self, title: str, chain: Served, runs: int = RUNS) -> None:
        """The run with the median time, each into a database of its own."""
        found = []
        for _ in range(runs):
            self.databases += 1
            uris = self.postgres.create_database(f"bench_{self.databases}")
            found.append(mirror(chain, uris, self.registry))
        self.table.run(title, sorted(found, key=lambda run: run.seconds)[len(found) // 2])

    def floor(self, title: str, chain: Served, *, decode: bool) -> None:
        """What no mirror in one Python process can beat."""
        before = resource.getrusage(resource.RUSAGE_SELF)
        seconds = asyncio.run(_floor(chain, decode))
        after = resource.getrusage(resource.RUSAGE_SELF)
        self.table.line(title, chain.events, seconds, after.ru_utime - before.ru_utime)

    def live(self, blocks: int) -> None:
        """Mined to visible at the head, polled and announced."""
        for latency in ("0", "0.05"):
            for push in (False, True):
                with served(100, "--latency", latency) as chain:
                    self.databases += 1
                    uris = self.postgres.create_database(f"bench_{self.databases}")
                    found = follow(chain.url, uris.listener, self.registry, blocks, push=push)
                how = "announced" if push else "polled"
                title = f"mined to visible, {how}, {float(latency) * 1000:.0f} ms"
                print(f"{title:46} {found.shown()}", flush=True)

    def start(self) -> None:
        """From process start to exit with nothing to mirror: interpreter, imports, checks, tables."""
        with served(1, "--events-per-block", "1") as chain:
            uris = self.postgres.create_database("bench_start")
            runs = [mirror(chain, uris, self.registry) for _ in range(RUNS)]
        print(
            f"{'start and end, one block':46} {statistics.median(run.seconds for run in runs):.2f} s",
            flush=True,
        )


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(description="Benchmark the listener.")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the events, one run, no other providers"
    )
    parser.add_argument(
        "--long", action="store_true", help="5,100,000 events too: 90 seconds, for the memory"
    )
    given = parser.parse_args()
    blocks = 240 if given.quick else 2400
    with tempfile.TemporaryDirectory() as folder, temporary_postgres() as postgres:
        registry = Path(folder) / "registry.json"
        registry.write_text(json.dumps(REGISTRY))
        bench = Bench(postgres, registry)
        with served(blocks) as chain:
            print(
                f"{chain.events:,} events in {chain.head:,} blocks, {os.cpu_count()} cores; median of {RUNS} runs"
            )
            bench.mirror("mirror", chain, 1 if given.quick else RUNS)
            bench.floor("floor: fetch, throw away", chain, decode=False)
            bench.floor("floor: fetch, decode, throw away", chain, decode=True)
        bench.live(10 if given.quick else 60)
        for case in () if given.quick else CASES:
            with served(blocks, *case.arguments) as chain:
                bench.mirror(f"mirror, {case.title}", chain, case.runs)
        bench.start()
        if given.long:
            with served(blocks, "--rounds", "25") as chain:
                bench.mirror(f"mirror, {chain.events:,} events", chain, 1)


if __name__ == "__main__":
    main()
