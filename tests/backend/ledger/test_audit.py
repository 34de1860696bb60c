"""The audit's chain: what is recorded, chained and verified; fault 30 of the specification."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.__main__ import main
from backend.audit.chain import chain
from backend.audit.service import record
from backend.audit.verify import Verdict, link, verify
from backend.ledger import service
from backend.ledger.replay import replay
from tests.backend.ledger.books import ACTOR, Books
from tools.run.postgres import DatabaseUris

AWKWARD = 'quote " backslash \\ newline \n tab \t control \x01\x1f\x7f slash / umlaut ü emoji 🎟 \u2028'


async def event(books: Books, words: str = "", number: int = 1) -> None:
    async with books.db() as db:
        await record(db, ACTOR, "thing.do", f"thing:{number}", {"words": words, "n": [1, 2.5, None, True]})


@asynccontextmanager
async def intruder(database: DatabaseUris) -> AsyncIterator[Any]:
    """Somebody with the server's own rights, whom no trigger stops."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


async def story(books: Books) -> None:
    """Some events and movements of every kind, chained."""
    ada, bob = await books.account(100), await books.account()
    for number in range(5):
        await event(books, AWKWARD, number)
        await books.transfer(ada, bob, number + 1, memo=AWKWARD)
    first, second, third = [await books.hold(ada, bob, 5, seconds=end) for end in (60, 60, -1)]
    async with books.db() as db:
        await service.post(db, first.id, actor=ACTOR, amount=2)
        await service.void(db, second.id, actor=ACTOR)
        await service.expire(db, third.id)
    await books.hold(ada, bob, 7)
    await chain(books.engine)


async def test_chain__untouched__no_fault(books: Books) -> None:
    await story(books)
    verdict = await verify(books.engine)
    written = await books.value(
        "SELECT (SELECT count(*) FROM app.audit_event) + (SELECT count(*) FROM app.ledger_entry)"
    )
    assert (verdict.faults, verdict.pending, verdict.head[0]) == ([], 0, written)


async def test_record__rolled_back__leaves_nothing(books: Books) -> None:
    async with AsyncSession(books.engine) as db:
        await record(db, ACTOR, "thing.do", "thing:1", {})
    assert await chain(books.engine) == 0
    assert await verify(books.engine) == Verdict()


EDITS = [
    ("UPDATE app.ledger_entry SET moved = moved + 1 WHERE id = 4", "app.ledger_entry 4", "changed"),
    ("UPDATE app.ledger_entry SET memo = '' WHERE id = 2", "app.ledger_entry 2", "changed"),
    ("UPDATE app.ledger_entry SET at = at + interval '1 us' WHERE id = 2", "app.ledger_entry 2", "changed"),
    ("UPDATE app.ledger_entry SET actor = 'x' WHERE id = 1", "app.ledger_entry 1", "changed"),
    ("UPDATE app.audit_event SET detail = '{}' WHERE id = 3", "app.audit_event 3", "changed"),
    ("UPDATE app.audit_event SET actor = 'x' WHERE id = 1", "app.audit_event 1", "changed"),
    ("DELETE FROM app.audit_event WHERE id = 5", "app.audit_event 5", "gone"),
    (
        "INSERT INTO app.audit_event (actor, action, subject, detail) VALUES ('x', 'x', 'x', '{}')",
        "app.audit_event 6",
        "never chained",
    ),
    (
        "DELETE FROM app.audit_link WHERE source = 'event' AND row_id = 2",
        "app.audit_event 2",
        "never chained",
    ),
]


@pytest.mark.parametrize(("edit", "row", "why"), EDITS, ids=[edit for edit, _, _ in EDITS])
async def test_chain__one_row_edited__it_is_named(
    books: Books, database: DatabaseUris, edit: str, row: str, why: str
) -> None:
    await story(books)
    async with intruder(database) as db:
        await db.execute(edit)
    found = [(fault.row, fault.why) for fault in (await verify(books.engine)).faults]
    assert (row, True) in [(name, why in words) for name, words in found]
    # A missing link shows where the chain goes on, too.
    assert len(found) == (2 if "audit_link" in edit else 1)


async def test_chain__written_anew_as_a_whole__the_noted_head_tells(
    books: Books, database: DatabaseUris
) -> None:
    await story(books)
    noted = (await verify(books.engine)).head
    async with intruder(database) as db:
        await db.execute("UPDATE app.ledger_entry SET moved = 90 WHERE id = 2")
        await db.execute(
            "INSERT INTO app.audit_pending SELECT source, row_id FROM app.audit_link ORDER BY position"
        )
        await db.execute("DELETE FROM app.audit_link")
        await db.execute("SELECT app.audit_chain(1000)")
    assert (await verify(books.engine)).faults == []
    (fault,) = (await verify(books.engine, noted)).faults
    assert fault.position == noted[0]
    assert noted[1].hex() in fault.why


async def test_chain__in_batches_while_others_write_and_chain__all_chained_once(books: Books) -> None:
    done = asyncio.Event()

    async def write(number: int) -> None:
        for each in range(10):
            await event(books, str(each), number)

    async def link_all() -> None:
        while not done.is_set():
            async with books.engine.begin() as db:
                await db.execute(text("SELECT app.audit_chain(:most)"), {"most": random.randint(1, 7)})

    linkers = [asyncio.create_task(link_all()) for _ in range(3)]
    await asyncio.gather(*(write(number) for number in range(5)))
    done.set()
    await asyncio.gather(*linkers)
    await chain(books.engine)
    verdict = await verify(books.engine)
    assert (verdict.faults, verdict.pending, verdict.head[0]) == ([], 0, 50)


async def test_verify__the_command(
    books: Books, database: DatabaseUris, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await story(books)
    for name, value in (
        ("DATABASE_URL", books.url),
        ("RPC_URLS", "http://127.0.0.1:1"),
        ("REGISTRY", "none"),
    ):
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(main, ["audit", "verify"]) == 0
    head = capsys.readouterr().out.split()[-1]
    async with intruder(database) as db:
        await db.execute("UPDATE app.ledger_entry SET moved = moved + 1 WHERE id = 4")
    assert await asyncio.to_thread(main, ["audit", "verify", "--noted", head]) == 1
    assert "app.ledger_entry 4" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["audit", "verify", "--noted", "nonsense"]) == 2


async def test_replay__rebuilds_balances_holds_and_what_is_open(books: Books) -> None:
    """Fault 30: after a random story of every kind of movement."""
    chance = random.Random(30)
    accounts = [await books.account(chance.randint(0, 100)) for _ in range(5)]
    open_holds: list[int] = []
    for _ in range(120):
        debit, credit = chance.sample(accounts, 2)
        try:
            match chance.choice(["transfer", "hold", "post", "void"]):
                case "transfer":
                    await books.transfer(debit, credit, chance.randint(1, 30))
                case "hold":
                    open_holds.append((await books.hold(debit, credit, chance.randint(1, 30))).id)
                case end if open_holds:
                    settle = service.post if end == "post" else service.void
                    async with books.db() as db:
                        await settle(db, open_holds.pop(chance.randrange(len(open_holds))), actor=ACTOR)
        except service.FundsTooLow:
            continue
    async with AsyncSession(books.engine) as db:
        rebuilt = await replay(db)
    rows = await books.rows("SELECT id, balance, held FROM app.ledger_account")
    assert {row.id: (row.balance, row.held) for row in rows} == {
        row.id: (rebuilt.balance[row.id], rebuilt.held[row.id]) for row in rows
    }
    assert rebuilt.holds == dict.fromkeys(open_holds, 0) | {
        row.id: row.amount for row in await books.rows("SELECT id, amount FROM app.ledger_hold")
    }
    assert sum(rebuilt.balance.values()) == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=5))
async def test_text__postgres_and_verify_hash_the_same(books: Books, words: list[str]) -> None:
    async with books.db() as db:
        for one in words:
            await record(db, one, one, one, {one: one})
    await chain(books.engine)
    assert (await verify(books.engine)).faults == []


def test_link__vector() -> None:
    """What the documentation says, by hand: SHA-256 over 32 zero bytes and the text."""
    words = '["1", "0", "a", "b", "c", "{}"]'
    assert link(bytes(32), words).hex() == "703201254b827bb47bc257b2e39d62842e41ff0e467f5dca33ffb8218c609781"
