"""Benchmark of the figures: `python -m benchmarks.analytics`.

The database of the reads' benchmark (1,000,000 entries in one raffle, 10,000 raffles, 1,000,000 transfers of 1,000
tokens, 100,000 votes, over a year), moved to the past year, and 1,000,000 ledger entries. Printed: the first fold of
everything with its steps, the longest of them and what this process used at most; a run when everything is folded;
the reports; and the floors: one `count(*)` and sum by hour over the same facts.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.analytics import queries
from backend.analytics.check import check
from backend.analytics.folding import Tables, known_facts, snapshot, step
from backend.analytics.metrics import METRICS, OF_ORGANISER
from backend.analytics.ranges import asked
from backend.db import make_engine
from backend.migrate import migrate
from backend.mirror import open_snapshot
from benchmarks.reads_data import build, who
from benchmarks.reads_facts import NOW
from tests.support.postgres import temporary_postgres
from tools.run.postgres import DatabaseUris

LEDGER = 1_000_000
TABLES = ("raffle_tickets_bought", "token_transfer", "governor_vote_cast", "raffle_entry_refunded")
_LEDGER = """
INSERT INTO app.ledger_account (kind, currency) SELECT kind, 'CREDIT' FROM unnest(ARRAY['issuance', 'payments', 'fees']) kind
    ON CONFLICT DO NOTHING;
INSERT INTO app.pseudonym (id) SELECT gen_random_uuid() FROM generate_series(1, 1000);
INSERT INTO app.ledger_account (kind, currency, user_id) SELECT 'user', 'CREDIT', id FROM app.pseudonym;
ALTER TABLE app.ledger_entry DISABLE TRIGGER USER;
INSERT INTO app.ledger_entry (key, kind, currency, debit_id, credit_id, moved, held, debit_balance, credit_balance, purpose,
    memo, actor, at)
SELECT 'b' || n, 'transfer', 'CREDIT', s.id, u.ids[1 + n % 1000], 5, 0, 0, 0, 'payment', '', 'system',
    now() - interval '365 days' + n * interval '31 seconds'
FROM generate_series(1, {count}) n, (SELECT id FROM app.ledger_account WHERE kind = 'payments') s,
    (SELECT array_agg(id) AS ids FROM app.ledger_account WHERE kind = 'user') u;
ANALYZE app.ledger_entry;
"""


def to_the_past(uris: DatabaseUris) -> None:
    """Times of blocks end half an hour ago: what is in the future is not final."""
    by = int(time.time()) - 1_800 - NOW
    with psycopg.connect(uris.listener, autocommit=True) as db:
        tables = db.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'mirror' AND column_name = 'block_time'"
        ).fetchall()
        for (table,) in tables:
            statement = f"UPDATE mirror.{table} SET block_time = block_time + make_interval(secs => {by})"
            db.execute(statement.encode())
        db.execute(
            "INSERT INTO mirror.block SELECT finalized_number, '\\x01', '\\x00', block_time - interval '780 seconds'"
            " FROM mirror.cursor ON CONFLICT DO NOTHING"
        )
        db.execute("VACUUM ANALYZE")


async def fold(engine: AsyncEngine) -> list[float]:
    """Seconds of each step until nothing is left."""
    steps: list[float] = []
    known = None
    while True:
        started = time.perf_counter()
        async with snapshot(engine) as db:
            known = known or await known_facts(db)
            left = await step(db, Tables(), known)
        steps.append(time.perf_counter() - started)
        if left != "hours":
            return steps


async def seconds(work: Callable[[], Awaitable[Any]]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def floor(engine: AsyncEngine, table: str) -> float:
    """One count by hour."""

    async def count() -> None:
        async with engine.connect() as db:
            await db.execute(
                text(f"SELECT date_trunc('hour', block_time), count(*) FROM mirror.{table} GROUP BY 1")
            )

    return await seconds(count)


async def reports(engine: AsyncEngine) -> None:
    """Print what the routes take, milliseconds: median of nine."""
    now = datetime.now(UTC)
    cases = {
        "platform, 30 days": ([""], tuple(METRICS), "day", 30),
        "platform, a year": ([""], tuple(METRICS), "day", 365),
        "platform, 31 days by hours": ([""], tuple(METRICS), "hour", 31),
        "an organiser, a year": ([f"o{who(1).hex()}"], OF_ORGANISER, "day", 365),
    }
    for name, (scopes, names, span, days) in cases.items():
        over = asked("hour" if span == "hour" else "day", now - timedelta(days=days), now)
        took = []
        for _ in range(9):
            async with open_snapshot(engine) as mirror:
                db: AsyncConnection = mirror.db
                as_of = mirror.as_of
                started = time.perf_counter()
                await queries.report(db, as_of, scopes, names, over)
                took.append(time.perf_counter() - started)
        print(f"{name:46} {sorted(took)[4] * 1_000:8.1f} ms", flush=True)


async def measure(uris: DatabaseUris) -> None:
    """Print the table."""
    engine = make_engine(uris.backend, pool=2)
    try:
        for table in TABLES:
            print(f"floor: count by hour of {table:22} {await floor(engine, table):8.2f} s", flush=True)
        steps = await fold(engine)
        print(
            f"{'first fold, all facts':46} {sum(steps):8.1f} s in {len(steps)} steps, longest {max(steps):.2f} s"
        )
        async with engine.connect() as db:
            rows = await db.scalar(text("SELECT count(*) FROM app.analytics"))
        print(f"{'figures':46} {rows:8}")
        print(
            f"{'memory of this process at most':46} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:8} MB"
        )
        print(f"{'a run when all is folded':46} {sum(await fold(engine)):8.2f} s")
        await reports(engine)
        started = time.perf_counter()
        found = await check(engine)
        print(
            f"{'check: all again, and compare':46} {time.perf_counter() - started:8.1f} s, {len(found.differences)} differ"
        )
        assert not found.differences
    finally:
        await engine.dispose()


def main() -> None:
    """Build the database and measure."""
    with temporary_postgres() as postgres:
        uris = postgres.create_database("analytics")
        migrate(uris.backend)
        for what, took in build(uris.listener).items():
            print(f"{what:46} {took:8.1f} s", flush=True)
        to_the_past(uris)
        with psycopg.connect(uris.superuser, autocommit=True) as db:
            db.execute(_LEDGER.replace("{count}", str(LEDGER)).encode())
        asyncio.run(measure(uris))


if __name__ == "__main__":
    main()
