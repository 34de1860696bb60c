"""Benchmark of the sender: `python -m benchmarks.custody [--wallets N] [--each N] [--rate N] [--profile FILE]`.

One real sender process, a real anvil with 1-s blocks, a real PostgreSQL that syncs every commit to disk, all on this
machine. Two parts. *Backlog*: wallets × each transfers are accepted as the API accepts them (funds asked, wallet row
locked, hold and intent committed; without HTTP around it), then the sender starts: confirmed per second. *Stream*:
transfers are accepted at a steady rate while it runs: created → confirmed, p50 and p95. Confirmed means final with
depth 0: in a block. Floors on the same machine: raw transactions into anvil in JSON-RPC batches of 100, and slots with
stored bytes in commits of 100. The processor time beside each figure is what other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import aiohttp
from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.hexes import checksum
from backend.intents.policy import funds, require_funds
from backend.intents.service import CHANNEL, Call, Spending, create_intent
from backend.migrate import migrate
from backend.policies.service import require_not_frozen
from backend.services import Services, open_services
from backend.settings import Settings
from backend.users.tables import User
from backend.wallets.keys import create_user_wallet
from tests.backend.world import Person, make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import Postgres
from tools.waiting import wait_until_async

ROOT = Path(__file__).resolve().parents[1]
POL = 10**18
ACCEPTORS = 8
BATCH = 100


@dataclass(frozen=True)
class Used:
    """Processor seconds of each part of the system."""

    sender: float
    anvil: float
    postgres: float

    def since(self, before: Used) -> Used:
        """The difference."""
        return Used(self.sender - before.sender, self.anvil - before.anvil, self.postgres - before.postgres)

    def each(self, count: int) -> str:
        """Beside a figure: milliseconds of processor time for each intent."""
        parts = (("sender", self.sender), ("anvil", self.anvil), ("PostgreSQL", self.postgres))
        return ", ".join(f"{name} {seconds * 1000 / count:.2f}" for name, seconds in parts) + " CPU-ms each"


class Bench:
    """The system under measurement."""

    def __init__(self, services: Services, chain: Anvil, postgres: Postgres) -> None:
        self.services, self.chain, self.postgres = services, chain, postgres
        self.people: list[Person] = []

    async def populate(self, wallets: int) -> None:
        """Users with funded wallets."""
        for _ in range(wallets):
            async with AsyncSession(self.services.engine) as db, db.begin():
                user = User(id=uuid4(), email=f"{uuid4().hex}@example.org", password_hash="-")
                db.add(user)
                await db.flush()
                wallet = await create_user_wallet(db, self.services.kms, user.id)
                self.people.append(Person(user.id, wallet.id, checksum(wallet.address)))
            self.chain.call("anvil_setBalance", self.people[-1].address, hex(1000 * POL))

    async def hold_back(self) -> None:
        """No sender touches a wallet before `let_go`."""
        async with self.services.engine.begin() as db:
            await db.execute(text("UPDATE app.wallet SET paused_until = 'infinity'"))

    async def let_go(self) -> None:
        """Now."""
        async with self.services.engine.begin() as db:
            await db.execute(text("UPDATE app.wallet SET paused_until = NULL"))
            await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})

    async def ready(self) -> None:
        """Wait until the sender listens for notices."""
        query = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")

        async def listening() -> bool:
            async with self.services.engine.connect() as db:
                return bool(await db.scalar(query))

        await wait_until_async(listening, 60, what="the sender at work")

    async def accept(self, person: Person) -> None:
        """What `POST /api/v1/intents` does for a transfer, without HTTP and the idempotency row."""
        to, amount = checksum(os.urandom(20)), 1000
        spendings = [Spending(None, amount)]
        async with AsyncSession(self.services.engine, expire_on_commit=False) as db, db.begin():
            have = await funds(self.services.rpc, person.address, spendings)
            await require_not_frozen(db, person)
            await require_funds(db, person.wallet_id, have, spendings)
            params = {"token": None, "to": to, "amount": str(amount)}
            await create_intent(db, person, "transfer", params, [Call(to, b"", amount)], spendings)

    async def accept_all(self, each: int) -> float:
        """`each` transfers of every wallet; accepted per second."""
        waiting = iter([person for _ in range(each) for person in self.people])

        async def work() -> None:
            for person in waiting:
                await self.accept(person)

        began = time.monotonic()
        await asyncio.gather(*(work() for _ in range(ACCEPTORS)))
        return each * len(self.people) / (time.monotonic() - began)

    async def stream(self, rate: float, seconds: float) -> int:
        """Accept at a steady rate, wallet after wallet; how many."""
        count, began = int(rate * seconds), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                group.create_task(self.accept(self.people[number % len(self.people)]))
        return count

    async def confirmed(self, count: int, patience: float = 300.0) -> None:
        """Wait until so many intents are confirmed."""
        deadline = time.monotonic() + patience
        query = text("SELECT count(*) FROM app.intent WHERE state = 'confirmed'")
        while True:
            async with self.services.engine.connect() as db:
                found = await db.scalar(query)
            if found >= count:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{found} of {count} transfers were confirmed in {patience:.0f} s")
            await asyncio.sleep(0.1)

    @contextmanager
    def sender(self, settings: Settings, profile: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m backend sender`."""
        env = {
            name.upper(): _shown(value)
            for name, value in settings.model_dump(exclude={"jwt_secret"}, exclude_unset=True).items()
        }
        command = [
            sys.executable,
            *(["-m", "cProfile", "-o", profile] if profile else []),
            "-m",
            "backend",
            "sender",
        ]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env, "LOG_LEVEL": "error"})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)

    def used(self, sender: int) -> Used:
        """Processor time so far."""
        return Used(_cpu(sender), _cpu(self.chain.process.pid), _cpu_of_tree(self.postgres.pid or 0))


def _shown(value: Any) -> str:
    return "" if value is None else ",".join(value) if isinstance(value, tuple) else str(value)


async def _spans(engine: AsyncEngine, last: int) -> tuple[float, float, float]:
    """p50 and p95 of created → confirmed, and confirmed per second from the first signature, of the newest `last`."""
    query = text("""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took), percentile_cont(0.95) WITHIN GROUP (ORDER BY took),
            count(*) / extract(epoch FROM max(confirmed) - min(signed))
        FROM (
            SELECT min(s.at) FILTER (WHERE s.state = 'confirmed') AS confirmed,
                min(s.at) FILTER (WHERE s.state = 'signed') AS signed,
                extract(epoch FROM min(s.at) FILTER (WHERE s.state = 'confirmed') - i.created_at) AS took
            FROM (SELECT id, created_at FROM app.intent ORDER BY seq DESC LIMIT :last) i
            JOIN app.intent_stage s ON s.intent_id = i.id GROUP BY i.id, i.created_at
        ) AS spans
    """)
    async with engine.connect() as db:
        row = (await db.execute(query, {"last": last})).one()
    return float(row[0]), float(row[1]), float(row[2])


async def raw_intake(chain: Anvil, count: int) -> float:
    """Signed transfers into anvil in JSON-RPC batches, per second: nothing is stored, nothing is looked at again."""
    accounts: list[LocalAccount] = [Account.create() for _ in range(10)]
    requests = []
    for account in accounts:
        chain.call("anvil_setBalance", account.address, hex(POL))
        for nonce in range(count // len(accounts)):
            fields = {"type": 2, "chainId": 31337, "nonce": nonce, "gas": 21_000, "maxFeePerGas": 10**10}
            fields |= {"maxPriorityFeePerGas": 10**9, "to": account.address, "value": 1, "data": b""}
            raw = Account.sign_transaction(fields, account.key).raw_transaction.to_0x_hex()
            requests.append(
                {"jsonrpc": "2.0", "id": len(requests), "method": "eth_sendRawTransaction", "params": [raw]}
            )
    began = time.monotonic()
    async with aiohttp.ClientSession() as session:
        for start in range(0, len(requests), BATCH):
            async with session.post(chain.url, json=requests[start : start + BATCH]) as answer:
                await answer.read()
    return len(requests) / (time.monotonic() - began)


async def bare_commits(engine: AsyncEngine, count: int) -> float:
    """Rows of the size of a slot and its bytes in commits of 100, per second."""
    rows = text("""
        INSERT INTO app.bare (nonce, raw) SELECT n, decode(repeat('ab', 120), 'hex') FROM generate_series(1, :many) n
    """)
    async with engine.begin() as db:
        await db.execute(text("CREATE TABLE app.bare (nonce bigint, raw bytea)"))
    began = time.monotonic()
    for _ in range(count // BATCH):
        async with engine.begin() as db:
            await db.execute(rows, {"many": BATCH})
    took = time.monotonic() - began
    async with engine.begin() as db:
        await db.execute(text("DROP TABLE app.bare"))
    return count / took


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Bench, Settings]]:
    """Chain, database and services."""
    postgres = Postgres(folder / "postgres")
    postgres.start()
    try:
        uris = postgres.create_database("custody")
        migrate(uris.backend)
        with Anvil(block_time=1) as chain:
            settings = make_settings(
                uris.backend,
                [chain.url],
                folder,
                finality_depth=0,
                sender_poll_seconds=0.2,
                sender_lease_seconds=15.0,
                resend_after_seconds=5.0,
                bump_after_seconds=30.0,
            )
            async with open_services(settings, "benchmark") as services:
                yield Bench(services, chain, postgres), settings
    finally:
        postgres.stop()


async def run(options: argparse.Namespace) -> None:
    load = os.getloadavg()[0]
    print(f"Load before: {load:.1f} on {os.cpu_count()} cores.")
    with TemporaryDirectory(prefix="tombola-bench-", dir=options.folder) as name:
        async with opened(Path(name)) as (bench, settings):
            floor = await raw_intake(bench.chain, 1000), await bare_commits(bench.services.engine, 1000)
            print(
                f"floors: anvil takes {floor[0]:,.0f}/s in batches; slots with bytes {floor[1]:,.0f}/s in commits of 100"
            )
            await bench.populate(options.wallets)
            await bench.hold_back()
            count = options.wallets * options.each
            print(
                f"accepted {await bench.accept_all(options.each):,.0f}/s by one process ({count:,} transfers)"
            )
            with bench.sender(settings, options.profile) as process:
                await bench.ready()
                before = bench.used(process.pid)
                await bench.let_go()
                await bench.confirmed(count)
                used = bench.used(process.pid).since(before)
                _, _, speed = await _spans(bench.services.engine, count)
                shares = f"{speed / floor[0]:.0%} of the intake, {speed / floor[1]:.0%} of the commits"
                print(f"backlog: {speed:,.0f} confirmed/s; {shares}; {used.each(count)}")
                streamed = await bench.stream(options.rate, options.seconds)
                await bench.confirmed(count + streamed)
                p50, p95, _ = await _spans(bench.services.engine, streamed)
                print(
                    f"stream of {options.rate:,.0f}/s: created → confirmed p50 {p50:.2f} s, p95 {p95:.2f} s"
                )
    print(f"Load after: {os.getloadavg()[0]:.1f}. The figure to reach: 400 confirmed/s, p95 < 2 s.")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.custody", description=__doc__.split("\n")[0])
    parser.add_argument("--wallets", type=int, default=100)
    parser.add_argument("--each", type=int, default=30, help="transfers of each wallet in the backlog")
    parser.add_argument("--rate", type=float, default=50.0, help="transfers a second in the stream")
    parser.add_argument("--seconds", type=float, default=10.0, help="of the stream")
    parser.add_argument(
        "--folder", help="where the database is made; by default the system's temporary folder"
    )
    parser.add_argument("--profile", help="write cProfile's statistics of the sender to this file")
    asyncio.run(run(parser.parse_args(arguments)))
    return 0


def _cpu(pid: int) -> float:
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _cpu_of_tree(pid: int) -> float:
    """Of a process and its children, living and gone."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if folder.name == str(pid):
            total += sum(map(int, fields[11:15]))
        elif folder.name.isdigit() and fields[1] == str(pid):
            total += sum(map(int, fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
