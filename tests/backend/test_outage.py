"""The database away: every route says 503 and when to come back, and goes on by itself afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
from asgi_lifespan import LifespanManager
from httpx import ASGITransport, AsyncClient, Response

from backend.app import create_app
from backend.migrate import migrate
from tests.backend.test_auth import PASSWORD, register, sign_in
from tests.backend.world import make_settings
from tests.support.postgres import FAST, PostgresForTests, temporary_postgres
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

NOWHERE = "http://127.0.0.1:1"
NEW = {"email": "bob@example.org", "password": PASSWORD}


def assert_come_back_later(answer: Response) -> None:
    where = f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    assert answer.status_code == 503, where
    assert answer.headers["content-type"] == "application/problem+json", where
    assert answer.json()["code"] == "database_unavailable", where
    assert int(answer.headers["retry-after"]) > 0, where
    assert "postgres" not in answer.text.lower(), where


async def test_server_stopped__503_until_it_is_back__nobody_signs_in_again(tmp_path: Path) -> None:
    with temporary_postgres() as server:
        uris = server.create_database()
        await asyncio.to_thread(migrate, uris.backend)
        app = create_app(make_settings(uris.backend, [NOWHERE], tmp_path))
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with LifespanManager(app), AsyncClient(transport=transport, base_url="http://t.test") as client:
            await register(client)
            header = {"authorization": f"Bearer {await sign_in(client)}"}
            client.cookies.clear()
            await asyncio.to_thread(server.stop)
            for path in ("me", "intents", "credits/statement", "raffles", "contests", "status"):
                assert_come_back_later(await client.get(f"/api/v1/{path}", headers=header))
            assert_come_back_later(await client.post("/api/v1/users", json=NEW))
            assert_come_back_later(await client.post("/api/v1/sessions", json=NEW))
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503
            await asyncio.to_thread(server.start, FAST)
            assert server.uris(uris.name) == uris
            assert (await client.get("/api/v1/me", headers=header)).status_code == 200
            assert (await client.post("/api/v1/users", json=NEW)).status_code == 201


async def test_connection_cut_while_a_statement_runs__503_and_the_next_one_works(
    client: AsyncClient, database: DatabaseUris, postgres: PostgresForTests
) -> None:
    await register(client)
    header = {"authorization": f"Bearer {await sign_in(client)}"}
    client.cookies.clear()
    with (
        psycopg.connect(database.superuser) as blocker,
        psycopg.connect(postgres.uri(), autocommit=True) as root,
    ):
        blocker.execute('LOCK TABLE app."user" IN ACCESS EXCLUSIVE MODE')
        asked = asyncio.create_task(client.get("/api/v1/me", headers=header))

        async def cut() -> bool:
            found = root.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND wait_event_type = 'Lock'",
                [database.name],
            )
            return bool(found.fetchall())

        await wait_until_async(cut, what="a request that waits for the lock")
        assert_come_back_later(await asked)
        blocker.rollback()
    assert (await client.get("/api/v1/me", headers=header)).status_code == 200


async def test_connection_cut_at_the_commit__503_and_nothing_half_done(
    client: AsyncClient, database: DatabaseUris
) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as root:
        root.execute(
            "CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END'"
        )
        root.execute(
            'CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON app."user" DEFERRABLE INITIALLY DEFERRED'
            " FOR EACH ROW EXECUTE FUNCTION public.cut()"
        )
        assert_come_back_later(await client.post("/api/v1/users", json=NEW))
        root.execute('DROP TRIGGER cut ON app."user"')
    assert (await client.post("/api/v1/users", json=NEW)).status_code == 201


async def test_statement_that_is_wrong__our_bug_and_no_outage(
    client: AsyncClient, database: DatabaseUris
) -> None:
    await register(client)
    header = {"authorization": f"Bearer {await sign_in(client)}"}
    client.cookies.clear()
    with psycopg.connect(database.superuser, autocommit=True) as root:
        root.execute("ALTER TABLE app.session RENAME TO other")
    answer = await client.get("/api/v1/me", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
