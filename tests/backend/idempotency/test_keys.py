"""What a key does: one effect and one answer, whose it is, what is never kept, and for how long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.auth.current_user import CurrentUser
from backend.db import Db
from backend.idempotency.keeping import _hash
from backend.jobs.app import Run
from backend.jobs.upkeep import clean
from backend.routing import Router
from backend.services import Services
from tests.backend.test_access import bearer_of
from tests.backend.test_auth import PASSWORD, register, step_up
from tests.support.waiting import wait_until_async

HOOK = {"url": "https://shop.example.com/hook", "events": ["intent.confirmed"]}


class Person:
    """Somebody signed in who stepped up, and sends keys."""

    def __init__(self, client: AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def __call__(self, method: str, path: str, key: str | None, body: Any = None) -> Any:
        keyed = {} if key is None else {"Idempotency-Key": key}
        return await self.client.request(
            method, f"/api/v1{path}", json=body, headers={**self.headers, **keyed}
        )


async def person(client: AsyncClient, email: str = "ada@example.org") -> Person:
    await register(client, email)
    return Person(client, await step_up(client, await bearer_of(client, email)))


@pytest.fixture
async def ada(client: AsyncClient) -> Person:
    return await person(client)


async def rows(services: Services, statement: str, **values: Any) -> list[Any]:
    async with services.engine.connect() as db:
        return list((await db.execute(text(statement), values)).all())


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_sent_again__the_first_answer_as_it_was_and_no_second_effect(
    ada: Person, client: AsyncClient, services: Services
) -> None:
    first = await ada("PATCH", "/me", "name", {"display_name": "Ada"})
    assert first.status_code == 200, first.text
    assert "idempotency-replayed" not in first.headers
    assert (await ada("PATCH", "/me", None, {"display_name": "Countess"})).is_success
    again = await ada("PATCH", "/me", "name", {"display_name": "Ada"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert (await ada("GET", "/me", None)).json()["display_name"] == "Countess"

    made = (await ada("POST", "/api-keys", None, {"name": "Shop", "scopes": ["read"]})).json()
    gone = [await ada("DELETE", f"/api-keys/{made['id']}", "revoke") for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in gone] == [(204, b"")] * 2
    assert (await ada("DELETE", f"/api-keys/{made['id']}", None)).status_code == 404

    # The same key for anything else is refused: another body, another method, another path, another query.
    for method, path, body in (
        ("PATCH", "/me", {"display_name": "Eve"}),
        ("PATCH", "/me?again=1", {"display_name": "Ada"}),
        ("POST", "/sessions/end-others", None),
    ):
        assert code(await ada(method, path, "name", body)) == (422, "idempotency_key_reused")
    # Another person's key is another key.
    ben = await person(client, "ben@example.org")
    theirs = await ben("PATCH", "/me", "name", {"display_name": "Ada"})
    assert theirs.json()["email"] == "ben@example.org"
    assert "idempotency-replayed" not in theirs.headers
    # Who is not signed in any more is told nothing.
    await ada("DELETE", "/sessions", "ignored")
    assert code(await ada("PATCH", "/me", "name", {"display_name": "Ada"})) == (401, "not_signed_in")


async def test_refused__keeps_nothing_and_the_key_may_be_used_again(ada: Person, services: Services) -> None:
    assert code(await ada("POST", "/webhooks", "k", {**HOOK, "events": []})) == (422, "invalid_input")
    assert code(await ada("POST", "/webhooks", "k", {**HOOK, "url": "http://127.0.0.1/"})) == (
        422,
        "invalid_input",
    )
    assert code(await ada("PATCH", "/me", "bad key", {})) == (
        422,
        "invalid_input",
    )
    assert await rows(services, "SELECT 1 FROM app.idempotency") == []
    assert (await ada("POST", "/webhooks", "k", HOOK)).status_code == 201


async def test_answer_with_a_secret__kept_nowhere_and_said_so(ada: Person, services: Services) -> None:
    hook = await ada("POST", "/webhooks", "hook", HOOK)
    answers = [
        (hook, ("POST", "/webhooks", "hook", HOOK)),
        *[
            (await ada(*request), request)
            for request in (
                ("POST", f"/webhooks/{hook.json()['id']}/rotate", "rotate"),
                ("POST", "/api-keys", "api-key", {"name": "Shop", "scopes": ["read"]}),
                ("POST", "/factors/totp", "totp"),
            )
        ],
    ]
    for first, request in answers:
        assert first.is_success, first.text
        again = await ada(*request)
        assert code(again) == (409, "answer_shown_once")
        assert "another Idempotency-Key" in again.json()["detail"]
    new = {"password": "a new password of mine"}
    assert (await ada("POST", "/me/password", "password", new)).status_code == 204
    stored = str(
        await rows(
            services,
            "SELECT to_jsonb(i)::text, convert_from(coalesce(body, ''), 'UTF8'), encode(request_hash, 'hex')"
            " FROM app.idempotency i",
        )
    )
    assert "api-key" in stored
    secrets = [hook.json()["secret"], answers[1][0].json()["secret"], answers[2][0].json()["key"]]
    for secret in (*secrets, answers[3][0].json()["secret"], new["password"], PASSWORD):
        assert len(secret) > 8
        assert secret not in stored
    assert len(await rows(services, "SELECT 1 FROM app.webhook")) == 1


async def test_at_once__one_does_it_and_all_get_its_answer(ada: Person, services: Services) -> None:
    hook = (await ada("POST", "/webhooks", None, HOOK)).json()["id"]
    answers = await asyncio.gather(*(ada("POST", f"/webhooks/{hook}/ping", "ping") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert len(await rows(services, "SELECT 1 FROM app.webhook_delivery")) == 1
    # Other keys of the same person do not wait for each other into a deadlock.
    made = await asyncio.gather(
        *(ada("POST", "/api-keys", f"k{n}", {"name": str(n), "scopes": ["read"]}) for n in range(8))
    )
    assert {answer.status_code for answer in made} == {201}


async def test_connection_given_back_in_between__still_one_effect(
    app: FastAPI, ada: Person, services: Services
) -> None:
    """Routes do that while they ask somebody else; two of them may then get to the end at the same moment."""
    router, everybody_is_here, dies = Router(), asyncio.Barrier(4), True

    @router.post("/slow")
    async def slow(user: CurrentUser, db: Db) -> str:
        await db.commit()
        if dies:
            raise RuntimeError("cut off after a commit")
        await everybody_is_here.wait()
        await db.execute(
            text(
                "INSERT INTO app.event (user_id, event, subject, payload)"
                " VALUES (:user, 'intent.created', 'slow', '{}')"
            ),
            {"user": user.id},
        )
        return str(await db.scalar(text("SELECT max(id) FROM app.event WHERE subject = 'slow'")))

    app.include_router(router, prefix="/api/v1")
    app.router.routes.insert(0, app.router.routes.pop())  # before the web app's catch-all
    assert (await ada("POST", "/slow", "k")).status_code == 500
    assert [row.status for row in await rows(services, "SELECT status FROM app.idempotency")] == [None]
    dies = False
    answers = await asyncio.gather(*(ada("POST", "/slow", "k") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await rows(services, "SELECT 1 FROM app.event WHERE subject = 'slow'")) == 1
    assert (await ada("POST", "/slow", "k")).content == answers[0].content


async def test_second_half_of_one_meets_the_first_half_of_another__neither_waits_for_ever(
    app: FastAPI, ada: Person, services: Services
) -> None:
    """One has changed a row and is to keep its answer; the other has the key and wants that row."""
    router, halves, second_has_begun = Router(), 0, asyncio.Event()
    lock = text('SELECT 1 FROM app."user" WHERE id = :user FOR NO KEY UPDATE')
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def somebody_waits() -> bool:
        return second_has_begun.is_set() or bool(await rows(services, waiting))

    @router.post("/halves")
    async def halved(user: CurrentUser, db: Db) -> str:
        nonlocal halves
        halves += 1
        if halves == 2:
            second_has_begun.set()
            await db.execute(lock, {"user": user.id})
        await db.commit()
        await db.execute(lock, {"user": user.id})
        if halves == 1:
            other.append(asyncio.create_task(ada("POST", "/halves", "k")))
            await wait_until_async(somebody_waits, 30, what="the other request")
        return "done"

    other: list[asyncio.Task[Any]] = []
    app.include_router(router, prefix="/api/v1")
    app.router.routes.insert(0, app.router.routes.pop())  # before the web app's catch-all
    first = await ada("POST", "/halves", "k")
    second = await other[0]
    assert [answer.status_code for answer in (first, second)] == [200, 200]
    assert "idempotency-replayed" in second.headers


async def test_kept_for_the_days_of_the_setting__then_the_key_is_new(ada: Person, services: Services) -> None:
    name = {"display_name": "Ada"}
    for key in ("old", "young"):
        assert (await ada("PATCH", "/me", key, name)).is_success
    days = services.settings.keep_answers_days
    async with services.engine.begin() as db:
        await db.execute(
            text(
                "UPDATE app.idempotency SET created_at = now() - make_interval(days => :days, mins => :minutes)"
                " WHERE key = :key"
            ),
            [{"days": days, "minutes": 1, "key": "old"}, {"days": days, "minutes": -5, "key": "young"}],
        )
    await clean(Run(services, 0, 0))
    assert [row.key for row in await rows(services, "SELECT key FROM app.idempotency")] == ["young"]
    other = {"display_name": "Countess"}
    assert (await ada("PATCH", "/me", "old", other)).json()["display_name"] == "Countess"
    assert code(await ada("PATCH", "/me", "young", other)) == (422, "idempotency_key_reused")


def test_hash__of_a_body_with_a_password__is_worth_nothing_without_our_secret() -> None:
    body = b'{"password":"123456"}'
    hashes = {_hash("POST /api/v1/me/password?", body, secret) for secret in ("one", "two")}
    assert len(hashes) == 2
