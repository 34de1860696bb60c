"""Benchmark of filters and commits: `python -m benchmarks.filters [ROWS …]`, 10,000, 100,000 and 1,000,000 by default.

Participants with six filters (hashtag, one mention, date window, followers, excluded accounts, at most three entries)
in a PostgreSQL of its own. Printed, in seconds: the filters alone; a whole commit, from the request to the intent
recorded, and of it the list with its file (which includes the filters), then leaves with the trees, and beside them the
writing of the entries; the bundle written, and read and checked as `verify_draw --bundle` does without our server; what
this process used at most, before that check and in it; and the floors: reading as many accounts in order, and hashing as
often as the leaves and the tree have to. Each size twice: with the filters, where some write more than once; and without
any, where all are different and everybody counts, which is the longest list there can be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.contests import bundle, reveal
from backend.contests import commit as committing
from backend.contests.changing import to_fill
from backend.contests.tables import Contest
from backend.filters.kinds import read, stored
from backend.filters.persons import judge
from backend.hexes import address_bytes, checksum
from backend.migrate import migrate
from backend.participants.tables import ContestImport
from backend.services import Services, open_services
from backend.users.tables import User
from backend.wallets.keys import create_user_wallet
from benchmarks.memory import most_memory
from listener.chain.draw.hashing import keccak
from scripts._bundle import parse_bundle
from scripts._bundle_checks import check_bundle
from tests.backend.reads.facts import registry_document
from tests.backend.world import make_settings
from tests.support.postgres import temporary_postgres

ROWS = (10_000, 100_000, 1_000_000)
FILTERS = [
    {"kind": "hashtag", "tags": ["giveaway", "sorteo"]},
    {"kind": "mentions", "least": 1},
    {"kind": "posted_between", "since": "2026-11-01T00:00:00Z", "until": "2026-11-12T00:00:00Z"},
    {"kind": "followers", "least": 50},
    {"kind": "excluded_accounts", "accounts": [f"person{number}" for number in range(0, 3_000, 3)]},
    {"kind": "entries_per_person", "most": 3},
]
# Four of five persons as many as rows; one comment in five says little, two have letters beyond ASCII.
FILL = """
INSERT INTO app.participant (contest_id, number, import_id, row_number, account_key, account, comment, posted_at, likes,
    followers, account_created_at, follows)
SELECT %(contest)s, n, %(import)s, n, 'person' || a, 'Person' || a,
    CASE n %% 5 WHEN 0 THEN 'I want this so much!! #giveaway @friend' || n || ' @other' || n %% 5000
        WHEN 1 THEN '@amigo' || n || ' mira 😍😍 #Giveaway' WHEN 2 THEN 'Ganaré! #sorteo @bestie' || n
        WHEN 3 THEN 'Love it #GIVEAWAY @a' || n %% 999 ELSE 'me' END,
    timestamptz '2026-11-01Z' + n * interval '1 second', n %% 50, random() * 5000,
    timestamptz '2020-01-01Z' + random() * 2400 * interval '1 day', n %% 10 <> 0
FROM (SELECT n, CASE WHEN %(all_count)s THEN n ELSE (random() * 0.8 * %(rows)s)::int END AS a
    FROM generate_series(1, %(rows)s) n) AS made
"""
FLOOR = text("SELECT account_key FROM app.participant WHERE contest_id = :contest ORDER BY account_key")


@dataclass
class Took:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=ROWS)
    rows = parser.parse_args().rows
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with temporary_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        uris = postgres.create_database("bench")
        migrate(uris.backend)
        settings = make_settings(
            uris.backend, ["http://127.0.0.1:1"], Path(folder), registry=registry_document()
        )

        async def run() -> None:
            async with open_services(settings, "bench") as services:
                for number in rows:
                    for all_count in (False, True):
                        await measure(services, uris.superuser, number, all_count)

        asyncio.run(run())


async def measure(services: Services, superuser: str, rows: int, all_count: bool) -> None:
    """Everything for one size."""
    user, contest_id = await drafted(services, superuser, rows, all_count)
    took = Took()
    async with AsyncSession(services.engine) as db:
        with took.step("bare SELECT"):
            await db.execute(FLOOR, {"contest": contest_id})
    async with AsyncSession(services.engine) as db:
        contest = await db.get_one(Contest, contest_id)
        with took.step("filters"):
            await judge(await db.connection(), contest)
    with (
        watched(committing, "fix_entries", took, "list"),
        watched(committing, "_leaves", took, "leaves"),
        watched(committing, "write_entries", took, "entries written"),
        took.step("commit"),
    ):
        async with AsyncSession(services.engine) as db, db.begin():
            await committing.commit(db, services, user, await to_fill(db, user, contest_id))
    async with AsyncSession(services.engine) as db:
        contest = await db.get_one(Contest, contest_id)
        hashes = 5 * contest.entry_count + 3 * contest.exclusion_count
        entries, excluded = contest.entry_count, contest.exclusion_count
    with took.step("bare hashes"):
        for _ in range(hashes):
            keccak(bytes(64))
        row = {column.key: getattr(contest, column.key) for column in Contest.__table__.columns}
        row["organiser"] = address_bytes(user.wallet_address)
    with tempfile.TemporaryFile() as file:
        with took.step("bundle"):
            secret = await reveal.open_secret(services.kms, row)
            async for piece in bundle.write(services.engine, row, None, secret, [], None):
                file.write(piece)
        served = most_memory()
        file.seek(0)
        written = file.read()
    with took.step("bundle checked"):
        checks = list(check_bundle(parse_bundle(written), None, None))
    if any(check.holds is False for check in checks):
        raise AssertionError(f"the bundle does not hold: {checks}")
    print(
        f"{rows} participants, {entries} entries, {excluded} excluded, bundle of {len(written) / 2**20:.1f} MiB: "
        + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.seconds.items())
        + f"; process at most {served} MiB, with the check {most_memory()} MiB"
    )


@contextmanager
def watched(module: Any, name: str, took: Took, step: str) -> Iterator[None]:
    """Measure a function of the commit from outside."""
    plain: Callable[..., Any] = getattr(module, name)

    async def waiting(*args: Any, **named: Any) -> Any:
        with took.step(step):
            return await plain(*args, **named)

    def at_once(*args: Any, **named: Any) -> Any:
        with took.step(step):
            return plain(*args, **named)

    setattr(module, name, waiting if asyncio.iscoroutinefunction(plain) else at_once)
    try:
        yield
    finally:
        setattr(module, name, plain)


async def drafted(services: Services, superuser: str, rows: int, all_count: bool) -> tuple[SignedIn, UUID]:
    """An organiser with a draft of so many participants."""
    async with AsyncSession(services.engine) as db, db.begin():
        user = User(id=uuid4(), email=f"{uuid4()}@example.org", password_hash="-")
        db.add(user)
        await db.flush()
        wallet = await create_user_wallet(db, services.kms, user.id)
        contest = Contest(
            owner_id=user.id,
            title="A bicycle",
            rules="Comment and win.",
            post_reference="https://example.org/1",
            winners=10,
            alternates=10,
            participant_count=rows,
            filters=[] if all_count else stored(read(FILTERS)),
        )
        db.add(contest)
        await db.flush()
        brought = ContestImport(
            contest_id=contest.id, source="file", state="done", finished_at=datetime.now(UTC)
        )
        db.add(brought)
        await db.flush()
        signed_in = SignedIn(
            user.id, user.email, uuid4(), wallet.id, checksum(wallet.address), "organiser", None
        )
        found, import_id = contest.id, brought.id
    with psycopg.connect(superuser, autocommit=True) as plain:
        values = {"contest": found, "import": import_id, "rows": rows, "all_count": all_count}
        plain.execute(FILL, values)
        plain.execute("ANALYZE app.participant")
    return signed_in, found


if __name__ == "__main__":
    main()
