"""Too much at once, and a database that hangs: who cannot be served is told so at once, the others are served."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from backend.app import create_app
from backend.migrate import migrate
from backend.settings import Settings
from tests.backend.serving import serve
from tests.backend.test_auth import register, sign_in
from tests.backend.test_outage import NOWHERE, assert_come_back_later
from tests.backend.world import make_settings
from tests.support.postgres import PostgresForTests, temporary_postgres
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

AT_ONCE = 4


@pytest.fixture
def settings(database: DatabaseUris, tmp_path: Path) -> Settings:
    """A process that takes few requests at once, and does not wait long for a statement."""
    made = make_settings(database.backend, [NOWHERE], tmp_path)
    return made.model_copy(update={"requests_at_once": AT_ONCE, "statement_seconds": 2.0})


@contextmanager
def locked(database: DatabaseUris, table: str) -> Iterator[None]:
    """Nobody reads or writes the table inside."""
    with psycopg.connect(database.superuser) as blocker:
        blocker.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        blocker.rollback()


async def bearer_of(client: AsyncClient) -> dict[str, str]:
    await register(client)
    header = {"authorization": f"Bearer {await sign_in(client)}"}
    client.cookies.clear()
    return header


async def waiting(postgres: PostgresForTests, database: DatabaseUris, count: int) -> None:
    """Return when so many statements wait for a lock."""
    with psycopg.connect(postgres.uri(), autocommit=True) as root:

        async def wait() -> bool:
            found = root.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
                [database.name],
            ).fetchone()
            return found is not None and found[0] == count

        await wait_until_async(wait, what=f"{count} statements that wait")


async def test_more_than_it_can__503_at_once__probes_answer__who_was_let_in_is_served(
    client: AsyncClient, database: DatabaseUris, postgres: PostgresForTests
) -> None:
    header = await bearer_of(client)
    with locked(database, 'app."user"'):
        inside = [asyncio.create_task(client.get("/api/v1/me", headers=header)) for _ in range(AT_ONCE)]
        await waiting(postgres, database, AT_ONCE)
        for answer in await asyncio.gather(*(client.get("/api/v1/config") for _ in range(20))):
            assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
            assert (answer.headers["retry-after"], answer.json()["retry_after"]) == ("1", 1)
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).json()["checks"]["database"] == "ok"
        assert not any(one.done() for one in inside), "refused before those inside had ended"
    assert [(await one).status_code for one in inside] == [200] * AT_ONCE
    assert (await client.get("/api/v1/config")).status_code == 200


async def test_clients_that_send_slowly__take_no_place(settings: Settings) -> None:
    async with serve(settings) as served, AsyncClient(base_url=served.url) as client:
        head = b"POST /api/v1/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"
        slow = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(AT_ONCE + 1)]
        for _, writer in slow:
            writer.write(head)
            await writer.drain()

        async def all_answered() -> bool:
            answers = await asyncio.gather(*(client.get("/api/v1/config") for _ in range(AT_ONCE)))
            return all(answer.status_code == 200 for answer in answers)

        await wait_until_async(all_answered, 10, what="answers beside slow clients")
        for _, writer in slow:
            writer.close()


async def test_statement_that_waits_for_a_lock__503_in_time__others_go_on(
    app: FastAPI, client: AsyncClient, database: DatabaseUris
) -> None:
    header = await bearer_of(client)
    with locked(database, 'app."user"'):
        asked = asyncio.create_task(client.get("/api/v1/me", headers=header))
        assert (await client.get("/api/v1/status/incidents")).status_code == 200
        # The lock is held until it is answered: only the statement's own time can end it.
        assert_come_back_later(await asyncio.wait_for(asked, 30))
    assert (await client.get("/api/v1/me", headers=header)).status_code == 200


async def test_server_that_hangs__503_in_time__and_it_goes_on_when_that_does(tmp_path: Path) -> None:
    with temporary_postgres() as server:
        uris = server.create_database()
        await asyncio.to_thread(migrate, uris.backend)
        quick = {"statement_seconds": 0.5, "database_wait_seconds": 1.0, "database_pool": 2}
        app = create_app(make_settings(uris.backend, [NOWHERE], tmp_path, **quick))
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with LifespanManager(app), AsyncClient(transport=transport, base_url="http://t.test") as client:
            header = await bearer_of(client)
            with stopped(server, uris.name):

                async def ask() -> Response:
                    return await client.get("/api/v1/me", headers=header)

                # More than there are connections: some hang in one, the others wait for one.
                answers = await asyncio.wait_for(asyncio.gather(*(ask() for _ in range(5))), 60)
                for answer in answers:
                    assert_come_back_later(answer)
                assert (await client.get("/healthz")).status_code == 200
                assert (await client.get("/readyz")).status_code == 503
            codes = Counter([(await ask()).status_code for _ in range(3)])
            assert codes == {200: 3}
            assert (
                await client.post("/api/v1/sessions", json={"email": "a@b.example", "password": "x" * 12})
            ).status_code == 401


@contextmanager
def stopped(server: PostgresForTests, name: str) -> Iterator[None]:
    """Inside, the server answers nothing: neither those who are connected to the database nor who connects."""
    with psycopg.connect(server.uri(), autocommit=True) as root:
        found = root.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [name]).fetchall()
    assert server.pid is not None
    pids = [server.pid, *(pid for (pid,) in found)]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
