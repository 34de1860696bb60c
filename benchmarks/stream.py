"""Benchmark of the event stream: `python -m benchmarks.stream [--clients N] [--events N]`.

Real WebSocket clients of other processes listen to one raffle on loopback, at one API process and then at two. A block
with a purchase is committed to the mirror; measured is how long after the commit began each client has the event.
Beside it the floor: a bare `websockets` server that sends the same bytes to the same clients when it is told to, with
no database, no topics and no tasks of each stream. Printed too: how long connecting takes, memory for each client, and
the processor time of servers and clients for each event. All share the machine: its load is printed as well.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.migrate import migrate
from benchmarks.api import environment
from tests.backend.reads.facts import ChainOfFacts, address, registry_document
from tests.backend.reads.stories import raffle_created, tickets_bought
from tests.support.processes import Process
from tools.ports import free_port
from tools.run.postgres import DatabaseUris, Postgres

CLIENTS, EVENTS, CLIENT_PROCESSES = 2_000, 20, 2
PATIENCE = 120.0
Happen = Callable[[int], Awaitable[None]]
"""Makes event `number` happen."""


@dataclass
class Measured:
    """Of one arrangement; milliseconds after an event began to the time each client had it."""

    name: str
    connecting: float = 0.0
    delays: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    memory_kib: float = 0.0
    server_ms: float = 0.0
    client_ms: float = 0.0

    def percentile(self, part: float) -> float:
        """Of all deliveries."""
        return sorted(self.delays)[int(len(self.delays) * part)]

    def line(self) -> str:
        """A row of the table."""
        return (
            f"{self.name:<28} {self.connecting:>7.1f} {self.percentile(0.5):>7.0f} {self.percentile(0.95):>7.0f}"
            f" {statistics.median(self.last):>7.0f} {self.memory_kib:>8.0f} {self.server_ms:>9.0f} {self.client_ms:>9.0f}"
        )


class Clients:
    """Processes full of clients."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    async def lines(self) -> list[dict[str, object]]:
        """The next line of each."""
        outputs = [each.stdout for each in self._processes if each.stdout is not None]
        async with asyncio.timeout(PATIENCE):
            return [json.loads(line) for line in await asyncio.gather(*(one.readline() for one in outputs))]

    @property
    def pids(self) -> list[int]:
        return [each.pid for each in self._processes]


@asynccontextmanager
async def other(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of `benchmarks.stream_clients`."""
    command = [sys.executable, "-m", "benchmarks.stream_clients", *map(str, arguments)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=2**24)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


def cpu_ms(pids: Sequence[int]) -> float:
    """Processor time these have used."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times) * 1_000)


def resident_kib(pids: Sequence[int]) -> float:
    """Memory of these."""
    return float(sum(psutil.Process(pid).memory_info().rss for pid in pids) / 1024)


class Bench:
    """Clients, events, and what was measured of each arrangement."""

    def __init__(self, clients: int, events: int) -> None:
        self._clients, self._events = clients, events
        self._next = 0
        self.text = ""

    async def run(self, name: str, ports: Sequence[int], servers: Sequence[int], happen: Happen) -> Measured:
        """Connect everybody, let events happen one after the other."""
        measured, before = Measured(name), resident_kib(servers)
        async with AsyncExitStack() as stack:
            count = self._clients // CLIENT_PROCESSES
            starting = [other("clients", count, *ports) for _ in range(CLIENT_PROCESSES)]
            clients = Clients([await stack.enter_async_context(each) for each in starting])
            measured.connecting = max(float(str(line["seconds"])) for line in await clients.lines())
            measured.memory_kib = (resident_kib(servers) - before) / self._clients
            used, theirs = cpu_ms(servers), cpu_ms(clients.pids)
            for number in range(self._next, self._next + self._events):
                began = time.time()
                await happen(number)
                for line in await clients.lines():
                    self.text = str(line["text"])
                    times = line["times"]
                    if not isinstance(times, list) or line["event"] != number:
                        raise RuntimeError(f"event {number} was due, {line['event']} came")
                    measured.delays += [(at - began) * 1_000 for at in times]
                self._next = number + 1
                measured.last.append(max(measured.delays[-self._clients :]))
            measured.server_ms = (cpu_ms(servers) - used) / self._events
            measured.client_ms = (cpu_ms(clients.pids) - theirs) / self._events
        return measured


class InMirror:
    """Makes an event happen by a block with a purchase."""

    def __init__(self, facts: ChainOfFacts) -> None:
        self._facts = facts

    async def __call__(self, number: int) -> None:
        await asyncio.to_thread(self._facts.block, tickets_bought(number, 1, address(0xB0), number))


class OnFloor:
    """Makes an event happen by telling the bare server to send what the API sent."""

    def __init__(self, server: asyncio.subprocess.Process, text: str) -> None:
        self._server, self._text = server, text

    async def __call__(self, number: int) -> None:
        before, _, after = self._text.partition('"first_ticket":"')
        if self._server.stdin is not None:
            line = f'{before}"first_ticket":"{number}"{after.partition(chr(34))[2]}\n'
            self._server.stdin.write(line.encode())
            await self._server.stdin.drain()


async def measure(uris: DatabaseUris, folder: Path, clients: int, events: int) -> list[Measured]:
    """One API process, two, and the floor."""
    found, bench, facts = [], Bench(clients, events), ChainOfFacts(uris.listener)
    settings = environment(uris, folder, registry_document())
    facts.block(raffle_created())
    for count in (1, 2):
        ports = [free_port() for _ in range(count)]
        async with AsyncExitStack() as stack:
            processes = [
                stack.enter_context(
                    Process([sys.executable, "-m", "backend", "api"], {**settings, "PORT": str(port)})
                )
                for port in ports
            ]
            for process, port in zip(processes, ports, strict=True):
                await asyncio.to_thread(process.wait_for_http, f"http://127.0.0.1:{port}/healthz", 120)
            pids = [process.pid for process in processes]
            found.append(await bench.run(f"{count} of our API", ports, pids, InMirror(facts)))
    facts.close()
    port = free_port()
    async with other("floor", port) as server:
        if server.stdout is not None:
            await server.stdout.readline()
        found.append(
            await bench.run("floor: bare websockets", [port], [server.pid], OnFloor(server, bench.text))
        )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--events", type=int, default=EVENTS)
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < asked.clients + 500:
        sys.exit(
            f"{asked.clients} clients need as many open files; this shell may have {most}: raise `ulimit -Hn`."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = Path(tempfile.mkdtemp(prefix="tombola-bench-"))
    server = Postgres(folder / "data")
    server.start()
    try:
        uris = server.create_database("bench")
        migrate(uris.backend)
        found = asyncio.run(measure(uris, folder, asked.clients, asked.events))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{asked.clients} clients, {asked.events} events to all of them; load {os.getloadavg()[0]:.1f}")
    print(
        f"{'':<28} {'connect':>7} {'p50':>7} {'p95':>7} {'last':>7} {'KiB each':>8} {'server ms':>9} {'client ms':>9}"
    )
    print(f"{'':<28} {'s':>7} {'ms':>7} {'ms':>7} {'ms':>7} {'':>8} {'per event':>9} {'per event':>9}")
    for each in found:
        print(each.line())
    floor = found[-1]
    for each in found[:-1]:
        print(
            f"{each.name}: {each.percentile(0.5) / floor.percentile(0.5):.1f} × the floor's p50,"
            f" {each.percentile(0.95) / floor.percentile(0.95):.1f} × its p95,"
            f" {each.server_ms / floor.server_ms:.1f} × its processor time"
        )


if __name__ == "__main__":
    main()
