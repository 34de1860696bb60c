"""Connections that died are replaced before anybody gets them, and reads cost no more round trips than they need."""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import db
from backend.db import make_engine
from backend.outage import is_outage
from backend.process import DATABASE_TROUBLE
from backend.services import Services
from tests.backend.test_auth import register, sign_in
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

OTHERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize("number", [0, 1, 10_000, 12 * 10**7, 10**18, 2**256 - 1, -(10**18)])
async def test_numbers__whatever_their_zeros__are_their_digits(services: Services, number: int) -> None:
    statement = text(
        "SELECT CAST(:one AS numeric), CAST(:many AS numeric[]), sum(n) FROM (VALUES (CAST(:one AS numeric))) v (n)"
    )
    async with services.engine.connect() as connection:
        one, many, total = (
            await connection.execute(statement, {"one": Decimal(number), "many": [Decimal(number)] * 2})
        ).one()
    assert [str(found) for found in (one, *many, total)] == [str(number)] * 4


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[asyncpg.Connection]:
    """The connections that were made."""
    connections: list[asyncpg.Connection] = []
    connect = asyncpg.connect

    async def noted(*args: Any, **kwargs: Any) -> asyncpg.Connection:
        connections.append(await connect(*args, **kwargs))
        return connections[-1]

    monkeypatch.setattr(asyncpg, "connect", noted)
    return connections


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the database beside statements: pings, beginnings and ends of transactions."""
    statements: list[str] = []
    connect = asyncpg.connect

    async def listened(*args: Any, **kwargs: Any) -> asyncpg.Connection:
        connection = await connect(*args, **kwargs)
        connection.add_query_logger(lambda record: statements.append(record.query))
        return connection

    monkeypatch.setattr(asyncpg, "connect", listened)
    return statements


@pytest.fixture
async def engine(
    opened: list[asyncpg.Connection], sent: list[str], database: DatabaseUris
) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database.backend, pool=3)
    yield made
    await made.dispose()


async def ask(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def test_connections_the_server_ended__replaced_before_use(
    engine: AsyncEngine, database: DatabaseUris, opened: list[asyncpg.Connection]
) -> None:
    before = set(await asyncio.gather(*(ask(engine) for _ in range(3))))
    pooled = list(opened)
    alone = await asyncpg.connect(database.superuser)
    assert await alone.fetchval(OTHERS) >= len(before)
    await alone.close()

    async def know() -> bool:
        return all(one.is_closed() for one in pooled)

    await wait_until_async(know, what="the ends to arrive")
    after = set(await asyncio.gather(*(ask(engine) for _ in range(3))))
    assert not before & after


async def test_connection_whose_end_is_half_known__counts_as_cut(
    engine: AsyncEngine, database: DatabaseUris, opened: list[asyncpg.Connection]
) -> None:
    await ask(engine)
    (pooled,) = opened
    with psycopg.connect(database.superuser, autocommit=True) as other:
        other.execute(OTHERS)
    assert select.select([pooled._transport.get_extra_info("socket")], [], [], 10)[0]
    await asyncio.sleep(0)  # the loop sees that the server wrote something,
    await asyncio.sleep(0)  # and reads it; that it was the last thing comes with the next look
    with pytest.raises(DBAPIError) as caught:
        await ask(engine)
    assert isinstance(caught.value.orig.__cause__, asyncpg.InternalClientError)  # type: ignore[union-attr]
    assert is_outage(caught.value)
    await ask(engine)


async def test_connection_idle_for_long__asked_before_use(
    engine: AsyncEngine, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(engine)
    sent.clear()
    await ask(engine)
    assert ";" not in sent
    monkeypatch.setattr(db, "IDLE_SECONDS", 0.0)
    await ask(engine)
    assert ";" in sent


async def test_reads__a_look_up_of_the_session_and_their_own_statements(
    sent: list[str], client: AsyncClient, services: Services
) -> None:
    @event.listens_for(services.engine.sync_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    await register(client)
    header = {"authorization": f"Bearer {await sign_in(client)}"}
    client.cookies.clear()
    for path in ("/credits", "/me", "/sessions"):
        await client.get(f"/api/v1{path}", headers=header)
        sent.clear()
        assert (await client.get(f"/api/v1{path}", headers=header)).status_code == 200
        await asyncio.sleep(0)
        assert len(sent) == 2, sent


@pytest.mark.parametrize(
    "wrong",
    ["SELEC 1", "SELECT nobodys_function()", "SELECT 1 + 'a'::text", "SELECT id FROM app.wallet, app.intent"],
)
async def test_wrong_sql__is_no_trouble_of_the_database(
    client: AsyncClient, services: Services, wrong: str
) -> None:
    async with services.engine.connect() as connection:
        with pytest.raises(db.WrongStatementError):
            await connection.execute(text(wrong))
    assert not issubclass(db.WrongStatementError, DATABASE_TROUBLE)


async def test_a_table_that_is_not_there_yet__is_worth_another_try(
    client: AsyncClient, services: Services
) -> None:
    async with services.engine.connect() as connection:
        with pytest.raises(DATABASE_TROUBLE):
            await connection.execute(text("SELECT 1 FROM app.of_the_next_version"))
