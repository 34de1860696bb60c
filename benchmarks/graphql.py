"""Benchmark of GraphQL: `python -m benchmarks.graphql [--count N]`.

Refusing heavy queries: in this process (from the text to the refusal), then over HTTP on this machine, beside the same
API's quickest POST that answers 200, a JSON body that is read and a JSON answer, with nothing asked of the database.
Then answering: 20 raffles with what they hold, beside the same by REST; and one query for what takes REST five requests.
Printed: p50 and p95 in milliseconds by the clock, and processor time, which other work on the machine changes least: of
each refusal in process its p95, marked ✗ where it is 5 ms and more; over HTTP the API's for each request, and ratios of
that. The load is printed, too.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from backend.graphql.checks import QueryInvalid, prepare
from backend.graphql.limits import QueryRefused
from backend.graphql.persisted import hash_of as sha256
from backend.graphql.schema import schema
from backend.migrate import migrate
from benchmarks.api import environment
from tests.backend.reads.facts import ChainOfFacts, address, hash_of, registry_document, shown
from tests.backend.reads.stories import (
    draw_finalised,
    draw_requested,
    raffle_created,
    tickets_bought,
    token_created,
    word_accepted,
)
from tests.support.processes import Process
from tools.ports import free_port
from tools.run.postgres import DatabaseUris, Postgres

COUNT, WARM_UP, AIM_MS = 300, 20, 5.0
TOKEN = address(0x70)
_BIG = "items { prizes { rank kind token symbol decimals amount tokenId claimed returned } }"
_DOUBLING = " ".join(
    f"fragment F{n} on Query {{ a: asOf {{ block }} ...F{n + 1} ...F{n + 1} }}" for n in range(30)
)
_SHARED = " ".join(f"p{n}: raffles(limit: {n + 1}) {{ ...P }}" for n in range(40))
_MANY = " ".join(f"a{n}: title" for n in range(100))
HEAVY = {
    "800 aliases": "{" + " ".join(f"a{n}: asOf {{ block }}" for n in range(800)) + "}",
    "wide: 700 fields": "{" + " ".join("a" for _ in range(700)) + "}",
    "deep: 400 levels": "{ raffles " * 400 + "{ id }" + " }" * 400,
    "deep: 30 levels": "{ raffle " * 30 + "{ id }" + " }" * 30,
    "fragments that double 30 times": "{ ...F0 } " + _DOUBLING + " fragment F30 on Query { asOf { block } }",
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "pages of lists": f"{{ a: raffles(limit: 100) {{ {_BIG} }} b: raffles(limit: 100) {{ {_BIG} }} }}",
    "130 reads": "{" + " ".join(f"a{n}: asOf {{ block }}" for n in range(130)) + "}",
    "40 pages that share 100 fields": f"{{ {_SHARED} }} fragment P on RafflePage {{ items {{ ...R }} }}"
    f" fragment R on Raffle {{ {_MANY} }}",
    "a year of hours": '{ raffle(id: "1") { analytics(span: "hour", since: "2026-01-01", until: "2026-02-01")'
    " { metrics { lines { points { at value } } } } } }",
}
LIST = """{ raffles(limit: 20) { items {
    id state title organiser paymentToken paymentSymbol ticketPrice closesAt minTickets maxTickets ticketsSold entries
    prizes { rank kind token symbol decimals amount tokenId claimed returned }
    draw { requestedBlock round revealAt n k seed finalisedAt }
    madePaymentToken { address name symbol decimals cap }
} nextCursor asOfBlock final } }"""
PAGE = (
    LIST.rstrip()[:-1]
    + """raffle(id: "40") {
    id title state entries(limit: 20) { items { buyer firstTicket count paid refunded } nextCursor }
    winners(limit: 20) { items { rank ticket buyer claimed paidTo } } }
    token(address: "TOKEN") { name symbol figures { supply holders } } }""".replace("TOKEN", shown(TOKEN))
)
Timed = Callable[[], Awaitable[None]]


def percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1_000, ordered[int(len(ordered) * 0.95)] * 1_000


def refuse(query: str, count: int) -> tuple[str, tuple[float, float], tuple[float, float]]:
    """Code, and p50 and p95 of refusing a query in this process: by the clock, and of processor time."""
    about, times, spent, code = schema(introspection=False), [], [], ""
    for _ in range(count + WARM_UP):
        started, ran = time.perf_counter(), time.thread_time()
        try:
            prepare(about, query, {}, None)
        except (QueryRefused, QueryInvalid) as refused:
            code = getattr(refused, "code", "query_invalid")
        spent.append(time.thread_time() - ran)
        times.append(time.perf_counter() - started)
    if not code:
        raise RuntimeError(f"was not refused: {query[:60]}")
    return code, percentiles(times), percentiles(spent)


class Api:
    """The process that is measured."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    async def show(self, name: str, once: Timed, count: int, beside: float | None = None) -> float:
        """Do something again and again, and print what it took; milliseconds of processor time for each."""
        for _ in range(WARM_UP):
            await once()
        times, before = [], self._seconds()
        for _ in range(count):
            started = time.perf_counter()
            await once()
            times.append(time.perf_counter() - started)
        each = (self._seconds() - before) * 1_000 / count
        p50, p95 = percentiles(times)
        print(f"{name:40} {p50:8.2f} {p95:8.2f} {each:8.2f}   {each / (beside or each):6.2f}", flush=True)
        return each

    def _seconds(self) -> float:
        spent = self._process.cpu_times()
        return float(spent.user + spent.system)


def tell(facts: ChainOfFacts) -> None:
    """40 raffles in tokens of the factory, one of them drawn."""
    facts.block(
        token_created(TOKEN),
        *(raffle_created(number, paymentToken=TOKEN) for number in range(1, 41)),
        *(tickets_bought(2 * n, 2, address(0xB000 + n), n, 40) for n in range(30)),
    )
    facts.block(draw_requested(60, 3, 40), number=101)
    facts.block(word_accepted(5, 40), draw_finalised(hash_of("seed"), 60, 3, 40, word=5))


async def over_http(url: str, api: Api, count: int) -> None:
    """Print what refusing and answering takes over HTTP."""
    async with aiohttp.ClientSession(url) as http:

        async def post(path: str, body: Any, is_refused: bool = False) -> None:
            async with http.post(f"/api/v1{path}", json=body) as answer:
                found = await answer.json()
                if answer.status != 200 or (found.get("errors") is not None) is not is_refused:
                    raise RuntimeError(f"{path} answered {answer.status}: {str(found)[:200]}")

        async def get(*paths: str) -> None:
            for path in paths:
                async with http.get(f"/api/v1{path}") as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{path} answered {answer.status}")

        # What is known to be missing needs no database: a body read, a hash looked up, an answer written.
        floor_body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        print(f"\n{'over HTTP':40} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8}   CPU ÷ floor")
        name = "floor: a POST that asks nothing"
        floor = await api.show(name, lambda: post("/graphql", floor_body, is_refused=True), count)
        for name, query in HEAVY.items():
            if len(query) < 15_000:
                await api.show(
                    name, partial(post, "/graphql", {"query": query}, is_refused=True), count, floor
                )

        one, five = "/raffles?limit=20", ("/raffles/40", "/raffles/40/entries", "/raffles/40/winners")
        token = (f"/tokens/{shown(TOKEN)}", f"/tokens/{shown(TOKEN)}/figures")
        sha = {"persistedQuery": {"version": 1, "sha256Hash": sha256(LIST)}}
        await post("/graphql", {"query": LIST, "extensions": sha})
        rows = (
            ("20 raffles and what they hold, REST", lambda: get(one, token[0])),
            ("the same by GraphQL", lambda: post("/graphql", {"query": LIST})),
            ("the same, known by its hash", lambda: post("/graphql", {"extensions": sha})),
            ("a page of six reads, REST", lambda: get(one, *five, *token)),
            ("the same by one query", lambda: post("/graphql", {"query": PAGE})),
        )
        print(f"\n{'answering':40} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8}   CPU ÷ REST")
        beside = None
        for name, once in rows:
            beside = None if name.endswith("REST") else beside
            each = await api.show(name, once, count, beside)
            beside = beside or each


def serve(uris: DatabaseUris, folder: Path, count: int) -> None:
    """Start an API over a mirror of few facts, and ask it."""
    port = free_port()
    told = {**environment(uris, folder, registry_document()), "PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    with Process([sys.executable, "-m", "backend", "api"], env=told) as api:
        api.wait_for_http(f"{url}/healthz", timeout=120)
        asyncio.run(over_http(url, Api(api.pid), count))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Benchmark GraphQL.")
    parser.add_argument("--count", type=int, default=COUNT)
    count = parser.parse_args().count
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
    print(
        f"{'refusing, in process':40} {'p50 ms':>8} {'p95 ms':>8} {'CPU p50':>8} {'CPU p95':>8}   aim < {AIM_MS:g}"
    )
    for name, query in HEAVY.items():
        code, clock, cpu = refuse(query, count)
        missed = " ✗" if cpu[1] >= AIM_MS else ""
        print(f"{name:40} {clock[0]:8.2f} {clock[1]:8.2f} {cpu[0]:8.2f} {cpu[1]:8.2f}   {code}{missed}")
    folder = Path(tempfile.mkdtemp(prefix="tombola-graphql-"))
    server = Postgres(folder / "data")
    try:
        server.start()
        uris = server.create_database("graphql")
        migrate(uris.backend)
        facts = ChainOfFacts(uris.listener)
        tell(facts)
        facts.close()
        serve(uris, folder, count)
    finally:
        server.stop()
        shutil.rmtree(folder)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
