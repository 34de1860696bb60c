"""Locks end before the disk has a commit; nobody is told of it before the disk has it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.commits import commit, promise_to_wait
from backend.db import make_engine
from backend.ledger import service
from backend.migrate import migrate
from tests.backend.ledger.books import ACTOR, Books
from tests.support.waiting import wait_until
from tools.run.postgres import DatabaseUris, Postgres

MODE = text("SELECT current_setting('synchronous_commit')")


@pytest.fixture
async def books(database: DatabaseUris, books: Books) -> Books:
    """A ledger in a database that waits for its disk, which that of other tests does not."""
    server = await asyncpg.connect(database.superuser)
    await server.execute(f'ALTER DATABASE "{database.name}" SET synchronous_commit = on')
    await server.close()
    return books


async def move(db: AsyncSession, key: str, debit: int, credit: int) -> None:
    await service.transfer(db, key=key, debit=debit, credit=credit, amount=1, purpose="test", actor=ACTOR)


async def test_promised_to_wait__lets_go_at_the_commit_and_waits_after_it(books: Books) -> None:
    ada, bob, done = await books.account(10), await books.account(), list[str]()
    engine = books.engine.sync_engine
    event.listen(engine, "commit", lambda _: done.append("COMMIT"))

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        done.append(statement.split("(")[0])

    async with AsyncSession(books.engine) as db:
        promise_to_wait(db)
        await move(db, "one", ada, bob)
        await move(db, "two", ada, bob)
        assert await db.scalar(MODE) == "off"
        await commit(db)
        assert done[0] == "SET LOCAL synchronous_commit = off"
        assert done.count("SET LOCAL synchronous_commit = off") == 1
        assert done[-3:] == ["COMMIT", "SELECT pg_logical_emit_message", "COMMIT"]
        assert await db.scalar(MODE) == "on"


async def test_nobody_promised__commits_as_usual(books: Books) -> None:
    ada, bob = await books.account(10), await books.account()
    async with AsyncSession(books.engine) as db, db.begin():
        await move(db, "one", ada, bob)
        assert await db.scalar(MODE) == "on"


async def answered(engine: AsyncEngine, key: str, debit: int, credit: int) -> str:
    """A request as the API commits it; its key once it would be answered."""
    async with AsyncSession(engine) as db:
        promise_to_wait(db)
        await move(db, key, debit, credit)
        await commit(db)
    return key


async def test_server_crashes_after_the_answer__what_was_answered_is_there(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "data")
    server.start()
    try:
        uris = server.create_database("crash")
        migrate(uris.backend)
        engine = make_engine(uris.backend, pool=8)
        books = Books(engine, uris.backend)
        ada, bob = await books.account(1_000), await books.account()
        wishes = [answered(engine, f"t{number}", ada, bob) for number in range(100)]
        told = {await wish for wish in asyncio.as_completed(wishes)}
        assert server.pid is not None
        os.kill(server.pid, signal.SIGQUIT)
        wait_until(lambda: not server.is_running, 30, what="the end of the server")
        await engine.dispose()
        server.start()
        engine = make_engine(uris.backend, pool=1)
        kept = {row.key for row in await Books(engine, uris.backend).rows("SELECT key FROM app.ledger_entry")}
        await engine.dispose()
        assert told <= kept
    finally:
        server.stop()
