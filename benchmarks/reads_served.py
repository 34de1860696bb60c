"""Benchmark of reads over HTTP: `python -m benchmarks.reads_served [--seconds N] [--block SECONDS] [--rate N] [--replica]`.

One API process as in production, a node, and the database of `benchmarks.reads` (10,000 raffles, one of them with
1,000,000 entries, and so on), to which blocks are added meanwhile as the listener adds them. Requests arrive 200 times a
second whatever the answers take and are timed from when they were due. They are a mix of what the pages ask (see
`benchmarks.reads_traffic`), half of what was answered before with `If-None-Match`, four of five for the few things that
are talked about. A balance is cached but for the first request in two seconds, for which the node is asked.

Printed: p50, p95 and p99 in milliseconds, of all and of each kind, beside the aims, and the processor time of the API and of
PostgreSQL for each request; the floor, `/healthz` at the same rate, as ratio; and the same with CACHE_MEGABYTES=0.
With `--replica` each of the two is measured again with a streaming standby for the reads, which runs on the same machine
and streams during all of them.
Other work on the machine lengthens the former much and the latter somewhat.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from backend.migrate import migrate
from backend.wallets.balances import KEEP_SECONDS as BALANCES_KEPT
from benchmarks.access import CREDENTIALS
from benchmarks.api import environment
from benchmarks.processor import Machine
from benchmarks.reads_data import build
from benchmarks.reads_traffic import Traffic, Writer
from tests.backend.reads.facts import registry_document
from tests.backend.standby_kit import Standby
from tests.support.anvil import Anvil
from tests.support.postgres import temporary_postgres
from tests.support.processes import Process
from tools.ports import free_port

SECONDS, RATE, BLOCK_SECONDS, WARM_UP, FLOOR_SECONDS = 30, 200, 2.0, 5, 10
AIM_MS, BALANCE_AIM_MS = 50.0, 20.0
COUNTED = {
    "tombola_cache_answers_total": "how",
    "tombola_reads_total": "target",
    "tombola_replica_passed_over_total": "why",
}
"""By which label."""


@dataclass
class Times:
    """Milliseconds by kind of request; of what the API and PostgreSQL used, seconds of processor time."""

    of: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    api: float = 0.0
    postgres: float = 0.0
    standby: float = 0.0
    balance_until: float = 0.0  # what the API answers is kept until then

    def p(self, kind: str, part: float) -> float:
        """A percentile."""
        times = sorted(self.of[kind])
        return times[int(len(times) * part)]


async def at_a_rate(rate: int, seconds: int, ask: Callable[[float], Awaitable[None]]) -> None:
    """Start requests evenly; each is told when it was due."""
    started, running = time.perf_counter(), []
    for number in range(rate * seconds):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(ask(due)))  # type: ignore[arg-type]
    await asyncio.gather(*running)


async def measure(
    http: aiohttp.ClientSession, machine: Machine, options: argparse.Namespace, traffic: Traffic
) -> Times:
    """The mix, once it is warm."""
    times = Times()

    async def ask(due: float) -> None:
        path, headers = traffic.next()
        try:
            kind = await answered(path, headers)
        except (aiohttp.ClientError, TimeoutError):
            kind = "no answer"
        if path == "/wallet":
            is_cached = due < times.balance_until
            kind = "cached balance" if is_cached else "balance the node is asked for"
            if not is_cached:
                times.balance_until = due + BALANCES_KEPT
        for name in ("all", kind):
            times.of[name].append((time.perf_counter() - due) * 1_000)

    async def answered(path: str, headers: dict[str, str]) -> str:
        async with http.get(f"/api/v1{path}", headers=headers) as answer:
            await answer.read()
            if "ETag" in answer.headers:
                traffic.seen[path] = answer.headers["ETag"]
            return f"{answer.status}"

    await at_a_rate(options.rate, WARM_UP, ask)
    times.of.clear()
    before = machine.spent()
    await at_a_rate(options.rate, options.seconds, ask)
    times.api, times.postgres, times.standby = machine.since(before)
    return times


async def measure_floor(http: aiohttp.ClientSession, machine: Machine, rate: int) -> Times:
    """A route that does nothing."""
    times = Times()

    async def ask(due: float) -> None:
        async with http.get("/healthz") as answer:
            await answer.read()
        times.of["all"].append((time.perf_counter() - due) * 1_000)

    before = machine.spent()
    await at_a_rate(rate, FLOOR_SECONDS, ask)
    times.api, times.postgres, times.standby = machine.since(before)
    return times


def show(name: str, times: Times, floor: Times) -> None:
    """One line for each kind."""
    for kind in sorted(times.of):
        p50, p95, p99 = (times.p(kind, part) for part in (0.5, 0.95, 0.99))
        aim = BALANCE_AIM_MS if kind == "cached balance" else AIM_MS
        line = f"{name + ', ' + kind:36} {len(times.of[kind]):6,} {p50:8.1f} {p95:8.1f} {p99:8.1f}"
        ratio = p95 / floor.p("all", 0.95)
        line += f" {ratio:8.1f}   < {aim:g}{'' if p95 < aim else ' ✗'}"
        if kind == "all":
            count = len(times.of[kind]) / 1_000
            line += f"   CPU ms: API {times.api / count:.1f}, PostgreSQL {times.postgres / count:.1f}"
            line += f", standby {times.standby / count:.1f}" if times.standby else ""
        print(line, flush=True)


def show_metrics(port: int) -> None:
    """Where answers came from, which server computed them, and why the primary did although there is a replica."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    for name, label in COUNTED.items():
        found: dict[str, float] = defaultdict(float)
        for line in lines:
            if line.startswith(f"{name}{{"):
                found[line.split(f'{label}="')[1].split('"')[0]] += float(line.rsplit(" ", 1)[1])
        total = sum(found.values())
        if total:
            print(
                "   " + ", ".join(f"{one} {count / total:.0%}" for one, count in sorted(found.items())),
                flush=True,
            )


def run(
    name: str, env: dict[str, str], servers: list[int | None], writer: Writer, options: argparse.Namespace
) -> None:
    """One API process, measured. `servers`: process ids of PostgreSQL, the primary's first."""
    port, metrics = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    ports = {"PORT": str(port), "METRICS_PORT": str(metrics)}
    with Process([sys.executable, "-m", "backend", "api"], env={**env, **ports}) as api:
        api.wait_for_http(f"{url}/healthz", timeout=120)
        primary, standby = (None if pid is None else psutil.Process(pid) for pid in servers)
        assert primary is not None
        machine = Machine(psutil.Process(api.pid), primary, standby)
        times, floor = asyncio.run(_session(url, machine, writer, options))
        show(name, times, floor)
        show(f"{name}, /healthz", floor, floor)
        show_metrics(metrics)


async def _session(
    url: str, machine: Machine, writer: Writer, options: argparse.Namespace
) -> tuple[Times, Times]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http:
        async with http.post("/api/v1/users", json=CREDENTIALS) as answer:
            assert answer.status in (201, 409), await answer.text()
        async with http.post("/api/v1/sessions", json=CREDENTIALS) as answer:
            http.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        floor = await measure_floor(http, machine, options.rate)
        writing = asyncio.create_task(writer.write(options.block))
        try:
            times = await measure(http, machine, options, Traffic())
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        return times, floor


def main() -> None:
    """Build the database and measure, with what is kept and without."""
    parser = argparse.ArgumentParser(description="Benchmark reads over HTTP.")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--block", type=float, default=BLOCK_SECONDS, help="seconds between blocks")
    parser.add_argument("--rate", type=int, default=RATE, help="requests a second")
    parser.add_argument("--replica", action="store_true", help="and the same with a standby for the reads")
    options = parser.parse_args()
    with temporary_postgres() as server, Anvil(block_time=options.block) as node, ExitStack() as stack:
        uris = server.create_database("served")
        build(uris.listener)
        migrate(uris.backend)
        standby = Standby(server, uris) if options.replica else None
        if standby is not None:
            stack.callback(standby.server.stop)
            standby.catch_up()
        writer = Writer(uris.listener)
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; a block every {options.block:g} s"
        )
        print(f"{options.rate} requests a second for {options.seconds} s")
        print(f"{'':36} {'count':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'÷ floor':>8}   aim of p95")
        folder = Path(tempfile.mkdtemp(prefix="tombola-served-"))
        try:
            env = environment(uris, folder, registry_document(), node.url)
            servers = [server.pid, None if standby is None else standby.server.pid]
            for name, more in {"kept": {}, "nothing kept": {"CACHE_MEGABYTES": "0"}}.items():
                run(name, {**env, **more}, servers, writer, options)
                if standby is not None:
                    there = {"READ_DATABASE_URL": standby.uris.backend}
                    run(f"{name}, replica", {**env, **more, **there}, servers, writer, options)
        finally:
            writer.close()
            shutil.rmtree(folder)
        print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
