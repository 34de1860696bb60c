"""Benchmark of the listener: `python -m benchmarks.listener [--quick]`.

A generated chain of more than 200,000 events is served by a process of its own; the real `python -m listener run` mirrors it
into a fresh embedded PostgreSQL. Printed: events per second from process start to exit, CPU-seconds and peak memory of the
listener, live latency (block mined to NOTIFY received), beside the floor: the same bytes fetched and thrown away; fetched,
decoded and thrown away. Server, PostgreSQL and listener share the machine.
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
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.listener_chain import CHILDREN, FACTORY, RAFFLE, REGISTRY, TOPICS
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from listener.mirror.batch import Facts
from listener.mirror.schema import tables_of
from listener.sync.decode import Decoder
from listener.sync.routes import Routes
from listener.sync.wire import Header, Log, quantity
from tests.support.postgres import temporary_postgres
from tools.run.postgres import Postgres

ROOT = Path(__file__).resolve().parents[1]
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


def mirror(chain: Served, postgres: Postgres, registry: Path, name: str) -> Run:
    """Run the real program until the head is committed."""
    uris = postgres.create_database(name)
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


def live_latency(chain: Served, uris_of: str, registry: Path, blocks: int) -> list[float]:
    """Seconds from a block being mined to its notice after the commit, for several blocks."""
    command = [sys.executable, "-m", "listener", "run", "--registry", str(registry), "--rpc-url", chain.url]
    process = subprocess.Popen(
        [*command, "--database-url", uris_of], cwd=ROOT, env={**os.environ, "LOG_LEVEL": "warning"}
    )
    found = []
    try:
        with psycopg.connect(uris_of, autocommit=True) as db:
            db.execute("LISTEN mirror")
            for number in range(blocks + 2):
                request = urllib.request.Request(f"{chain.url}/mine", method="POST")  # noqa: S310 - our own server
                with urllib.request.urlopen(request) as response:  # noqa: S310
                    mined = json.load(response)["number"]
                started = time.perf_counter()
                for notice in db.notifies(timeout=30):
                    if json.loads(notice.payload)["last_block"] >= mined:
                        break
                if number > 1:  # the first ones wait for the listener to start
                    found.append(time.perf_counter() - started)
                time.sleep(0.37)
    finally:
        process.terminate()
        process.wait()
    return found


def show(name: str, events: int, seconds: float, more: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:44} {events / seconds:>10,.0f} events/s   {seconds:6.2f} s   {more}", flush=True)


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(description="Benchmark the listener.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the events, no latency and 429 runs")
    quick = parser.parse_args().quick
    blocks = 240 if quick else 2400
    with tempfile.TemporaryDirectory() as folder, temporary_postgres() as postgres:
        registry = Path(folder) / "registry.json"
        registry.write_text(json.dumps(REGISTRY))
        cases: list[tuple[str, tuple[str, ...]]] = [("mirror, no latency", ())]
        if not quick:
            cases.append(("mirror, 50 ms of latency", ("--latency", "0.05")))
            cases.append(("mirror, 5 % answered 429", ("--refused", "0.05")))
        for number, (title, arguments) in enumerate(cases):
            with served(blocks, *arguments) as chain:
                if number == 0:
                    print(f"{chain.events:,} events in {chain.head:,} blocks, {os.cpu_count()} cores")
                    for name, decode in (
                        ("floor: fetch, throw away", False),
                        ("floor: fetch, decode, throw away", True),
                    ):
                        before = resource.getrusage(resource.RUSAGE_SELF)
                        seconds = asyncio.run(_floor(chain, decode))
                        after = resource.getrusage(resource.RUSAGE_SELF)
                        show(name, chain.events, seconds, f"{after.ru_utime - before.ru_utime:.2f} CPU-s")
                result = mirror(chain, postgres, registry, f"bench_{number}")
                more = f"{result.cpu_seconds:.2f} CPU-s, peak {result.peak_megabytes:.0f} MB"
                show(title, result.rows, result.seconds, more)
                if number == 0:
                    uris = postgres.create_database("bench_0")
                    times = sorted(live_latency(chain, uris.listener, registry, 10 if quick else 40))
                    p95 = times[int(len(times) * 0.95)]
                    print(
                        f"{'live: mined to visible':44} p50 {statistics.median(times) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"
                    )


if __name__ == "__main__":
    main()
