"""Benchmark of signing in and of reads: `python -m benchmarks.access [--seconds N]`.

One API process on a PostgreSQL of its own, asked over HTTP: sign-ins one after the other, with the password hashing of
production; then a cached balance alone; then signed-in reads that arrive 200 times a second whatever the answers
take, with 20 changes of a profile a second beside them. Each is timed from when it was due, so that neither a slow
answer nor a late client hides anything. Printed: p50 and p95 in milliseconds beside the aims, and the processor time
of the API for each request, which other work on the machine changes least; then the client's own, and the load.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from backend.migrate import migrate
from benchmarks.api import environment
from tests.backend import stubs
from tests.support.processes import Process
from tools.ports import free_port
from tools.run.postgres import Postgres

SECONDS, SIGN_INS, BALANCES, RATE, READS_PER_CHANGE = 5, 20, 200, 200, 10
CREDENTIALS = {"email": "ada@example.org", "password": "correct horse battery staple"}
READS = ("/credits", "/me", "/sessions", "/intents")


async def timed(
    http: aiohttp.ClientSession, method: str, path: str, body: object = None, due: float | None = None
) -> float:
    """Milliseconds of one request that succeeds, from now or from when it was due."""
    started = time.perf_counter() if due is None else due
    async with http.request(method, f"/api/v1{path}", json=body) as answer:
        await answer.read()
        if not answer.ok:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
    return (time.perf_counter() - started) * 1_000


async def at_a_rate(http: aiohttp.ClientSession, seconds: int) -> list[float]:
    """Reads started evenly, `RATE` a second, and changes beside them; the times of the reads."""
    started, reads, changes = time.perf_counter(), [], []
    for number in range(RATE * seconds):
        due = started + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reads.append(asyncio.create_task(timed(http, "GET", READS[number % len(READS)], due=due)))
        if number % READS_PER_CHANGE == 0:
            changes.append(
                asyncio.create_task(timed(http, "PATCH", "/me", {"display_name": f"Ada {number}"}))
            )
    await asyncio.gather(*changes)
    return list(await asyncio.gather(*reads))


@dataclass
class Table:
    """Prints what was measured; `api` is the process whose time counts."""

    api: psutil.Process
    used: float = 0.0

    def start(self) -> None:
        """From here on."""
        self.used = self._seconds()

    def show(self, name: str, times: list[float], aim: float) -> None:
        """One line, of what happened since the start."""
        each = (self._seconds() - self.used) * 1_000 / len(times)
        times.sort()
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        missed = "" if p95 < aim else " ✗"
        print(f"{name:34} {len(times):6,} {p50:8.1f} {p95:8.1f} {each:8.1f}   < {aim:g}{missed}")

    def _seconds(self) -> float:
        spent = self.api.cpu_times()
        return float(spent.user + spent.system)


async def measure(url: str, table: Table, seconds: int) -> None:
    """Print the table."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        await timed(http, "POST", "/users", CREDENTIALS)
        print(f"{'':34} {'count':>6} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8}   aim of p95")
        table.start()
        table.show(
            "sign-in", [await timed(http, "POST", "/sessions", CREDENTIALS) for _ in range(SIGN_INS)], 300
        )
        async with http.post("/api/v1/sessions", json=CREDENTIALS) as answer:
            http.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        table.start()
        table.show("cached balance", [await timed(http, "GET", "/credits") for _ in range(BALANCES)], 20)
        table.start()
        own = time.process_time()
        table.show(f"signed-in reads, {RATE} a second", await at_a_rate(http, seconds), 50)
        print(f"the client itself took {(time.process_time() - own) / seconds:.0%} of one core for these")


def main() -> None:
    """Start an API and measure it."""
    parser = argparse.ArgumentParser(description="Benchmark signing in and reads.")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    seconds = parser.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="tombola-access-"))
    server = Postgres(folder / "data")
    try:
        server.start()
        uris = server.create_database("access")
        migrate(uris.backend)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
        with Process(
            [sys.executable, "-m", "backend", "api"],
            env={**environment(uris, folder, stubs.registry()), "PORT": str(port)},
        ) as api:
            api.wait_for_http(f"{url}/healthz", timeout=120)
            asyncio.run(measure(url, Table(psutil.Process(api.pid)), seconds))
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
