"""Accounts and sessions through the HTTP face."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from backend.app import create_app
from backend.auth import tokens
from backend.auth.throttle import network_of
from backend.auth.tokens import ALGORITHM, AUDIENCE, ISSUER, Access, AccessTokens, key_id
from backend.services import Services
from backend.settings import Settings

PASSWORD = "correct horse battery"
ORIGIN = {"origin": "http://tombola.test"}


async def register(client: AsyncClient, email: str = "ada@example.org") -> dict[str, Any]:
    answer = await client.post("/api/v1/users", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    user: dict[str, Any] = answer.json()
    return user


async def sign_in(client: AsyncClient, email: str = "ada@example.org") -> str:
    answer = await client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def step_up(client: AsyncClient, bearer: dict[str, str]) -> dict[str, str]:
    """Let the session withdraw; returns its header as it is."""
    answer = await client.post("/api/v1/step-up", json={"password": PASSWORD}, headers=bearer)
    assert answer.status_code == 200, answer.text
    return bearer


async def test_register_sign_in_me__the_same_person(client: AsyncClient) -> None:
    user = await register(client, " Ada@Example.org ")
    assert user["email"] == "ada@example.org"
    token = await sign_in(client)
    client.cookies.clear()
    me = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
    assert me.json() == user


async def test_register__email_taken__409(client: AsyncClient) -> None:
    await register(client)
    answer = await client.post("/api/v1/users", json={"email": "ADA@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "password": PASSWORD}, "body.email"),
        ({"email": "a@example.org", "password": "short"}, "body.password"),
        ({"email": "a@example.org", "password": "x" * 257}, "body.password"),
        ({"email": "a@example.org"}, "body.password"),
        ({"email": "a@example.org", "password": PASSWORD, "admin": True}, "body.admin"),
    ],
)
async def test_register__malformed__422_names_the_field(
    client: AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/users", json=body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert PASSWORD not in answer.text


async def test_sign_in__wrong_password_and_unknown_email__same_answer_same_time(client: AsyncClient) -> None:
    await register(client)
    answers, best = {}, {}
    for _ in range(8):  # in turns: what else the machine does meets both alike
        for email in ("ada@example.org", "bob@example.org"):
            start = time.perf_counter()
            answer = await client.post("/api/v1/sessions", json={"email": email, "password": "wrong"})
            best[email] = min(best.get(email, 60.0), time.perf_counter() - start)
            answers[email] = (answer.status_code, answer.json()["detail"])
    assert answers["ada@example.org"] == answers["bob@example.org"]
    assert answers["ada@example.org"][0] == 401
    assert min(best.values()) > 0.5 * max(best.values()), best


async def test_sign_in__too_many_failures__429_until_the_window_passes(client: AsyncClient) -> None:
    await register(client)
    for _ in range(10):
        await client.post("/api/v1/sessions", json={"email": "ada@example.org", "password": "wrong"})
    answer = await client.post("/api/v1/sessions", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_sign_in__somebody_else_fails__the_owner_still_gets_in(
    client: AsyncClient, app: FastAPI
) -> None:
    await register(client)
    attacker = ASGITransport(app=app, client=("203.0.113.9", 1))
    async with AsyncClient(transport=attacker, base_url="http://tombola.test") as elsewhere:
        for _ in range(11):
            last = await elsewhere.post(
                "/api/v1/sessions", json={"email": "ada@example.org", "password": "wrong"}
            )
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    await sign_in(client)


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_network_of__address__what_one_subscriber_has(host: str | None, network: str) -> None:
    assert network_of(host) == network


async def test_cookies__httponly_strict_and_refresh_only_to_sessions(client: AsyncClient) -> None:
    await register(client)
    answer = await client.post("/api/v1/sessions", json={"email": "ada@example.org", "password": PASSWORD})
    access, refresh = sorted(answer.headers.get_list("set-cookie"))
    assert access.startswith("access=")
    assert refresh.startswith("refresh=")
    for cookie in (access, refresh):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
    assert "Path=/api/v1/sessions" in refresh


async def test_cookie_and_foreign_origin__403(client: AsyncClient) -> None:
    await register(client)
    await sign_in(client)
    for headers in ({}, {"origin": "https://evil.example"}, {"origin": "null"}):
        answer = await client.delete("/api/v1/sessions", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (await client.delete("/api/v1/sessions", headers=ORIGIN)).status_code == 204


async def test_sign_out__access_token_ends_now(client: AsyncClient) -> None:
    await register(client)
    bearer = {"authorization": f"Bearer {await sign_in(client)}"}
    assert (await client.get("/api/v1/me", headers=bearer)).status_code == 200
    assert (await client.delete("/api/v1/sessions", headers=bearer)).status_code == 204
    assert (await client.get("/api/v1/me", headers=bearer)).status_code == 401


async def test_refresh__rotates(client: AsyncClient) -> None:
    await register(client)
    await sign_in(client)
    old = client.cookies["refresh"]
    assert (await client.post("/api/v1/sessions/refresh")).status_code == 200
    assert client.cookies["refresh"] != old
    assert (await client.post("/api/v1/sessions/refresh")).status_code == 200


async def test_refresh_reused__whole_session_revoked(client: AsyncClient, services: Services) -> None:
    await register(client)
    token = await sign_in(client)
    stolen = client.cookies["refresh"]
    await client.post("/api/v1/sessions/refresh")
    newest = client.cookies["refresh"]
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.refresh_token SET used_at = used_at - interval '1 minute'"))
    client.cookies.clear()
    reused = await client.post("/api/v1/sessions/refresh", headers={"cookie": f"refresh={stolen}"})
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_reused")
    after = await client.post("/api/v1/sessions/refresh", headers={"cookie": f"refresh={newest}"})
    assert (after.status_code, after.json()["code"]) == (401, "refresh_refused")
    assert (await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})).status_code == 401


async def test_refresh_twice_at_once__second_tab_is_not_signed_out(client: AsyncClient) -> None:
    await register(client)
    await sign_in(client)
    old = client.cookies["refresh"]
    assert (await client.post("/api/v1/sessions/refresh")).status_code == 200
    again = await client.post("/api/v1/sessions/refresh", headers={"cookie": f"refresh={old}"})
    assert again.status_code in (200, 409)
    assert (await client.post("/api/v1/sessions/refresh")).status_code == 200


SECRET = "a secret of thirty-two characters or more"
OLD_SECRET = "the secret that JWT_SECRET held before it changed"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A key set: one that signs and one of before."""
    return settings.model_copy(
        update={"jwt_secret": SecretStr(SECRET), "jwt_previous_secrets": (SecretStr(OLD_SECRET),)}
    )


async def open_session(client: AsyncClient) -> dict[str, str]:
    """A signed-in person; `sub` and `sid` as their token says them."""
    await register(client)
    token = await sign_in(client)
    client.cookies.clear()
    claims = jwt.decode(token, options={"verify_signature": False})
    return {"sub": claims["sub"], "sid": claims["sid"]}


def make_token(session: dict[str, str], **changes: Any) -> str:
    """A token of the session as we sign them, but for the changes; None takes a claim or the `kid` out."""
    now = datetime.now(UTC)
    secret = changes.pop("secret", SECRET)
    algorithm = changes.pop("algorithm", ALGORITHM)
    kid = changes.pop("kid", key_id(SECRET))
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        **session,
        "iat": now,
        "exp": now + timedelta(minutes=5),
        **changes,
    }
    return jwt.encode(
        {key: value for key, value in claims.items() if value is not None},
        None if algorithm == "none" else secret,
        algorithm=algorithm,
        headers={} if kid is None else {"kid": kid},
    )


async def me(client: AsyncClient, token: str) -> Any:
    return await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "changes",
    [{}, {"secret": OLD_SECRET, "kid": key_id(OLD_SECRET)}],
    ids=["signed now", "signed before the secret changed"],
)
async def test_tokens_of_the_key_set__200(client: AsyncClient, changes: dict[str, Any]) -> None:
    assert (await me(client, make_token(await open_session(client), **changes))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "none"},
        {"algorithm": "none", "kid": None},
        {"algorithm": "HS512"},
        {"kid": None},
        {"kid": "0123456789abcdef"},
        {"kid": "../../dev/null"},
        {"kid": key_id(OLD_SECRET)},
        {"secret": OLD_SECRET},
        {"secret": "another secret of thirty-two characters"},
        {"aud": "other"},
        {"aud": None},
        {"iss": "other"},
        {"iss": None},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"iat": None},
        {"iat": datetime(2100, 1, 1, tzinfo=UTC)},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
        {"sid": None},
        {"sid": str(uuid4())},
        {"sub": "not a uuid"},
        {"sub": str(uuid4())},
    ],
    ids=str,
)
async def test_forged_tokens__401(client: AsyncClient, changes: dict[str, Any]) -> None:
    answer = await me(client, make_token(await open_session(client), **changes))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_cost_of_hashes_changed__made_anew_at_the_next_sign_in(
    settings: Settings, client: AsyncClient, services: Services
) -> None:
    await register(client)
    costlier = create_app(settings.model_copy(update={"password_rounds": settings.password_rounds + 1}))
    async with LifespanManager(costlier):
        transport = ASGITransport(costlier, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://tombola.test") as there:
            await sign_in(there)
    async with services.engine.connect() as db:
        encoded = await db.scalar(text('SELECT password_hash FROM app."user"'))
    assert f"t={settings.password_rounds + 1},p=1" in str(encoded)
    await sign_in(client)


def test_token_that_was_read__remembered_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_REMEMBERED", 1)
    reader, people = AccessTokens([SECRET], 60), [Access(uuid4(), uuid4()) for _ in range(3)]
    issued = [reader.issue(access) for access in people]
    assert [reader.read(token) for token in issued * 2] == people * 2
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + 61)
    assert [reader.read(token) for token in issued] == [None] * 3


async def test_tampered_tokens__401(client: AsyncClient) -> None:
    head, body, signature = make_token(await open_session(client)).split(".")
    elevated = jwt.utils.base64url_encode(b'{"sub":"somebody else"}').decode()
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    for token in (
        f"{head}.{elevated}.{signature}",
        f"{head}.{body}.{flipped}",
        f"{head}.{body}.",
        f"{head}.{body}",
        "x",
        "..",
        "é",
    ):
        answer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}".encode()})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), token


async def test_refresh__two_uses_at_once__one_new_token_and_no_second_family(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    await sign_in(client)
    stolen = {"cookie": f"refresh={client.cookies['refresh']}"}
    client.cookies.clear()
    answers = await asyncio.gather(
        *(client.post("/api/v1/sessions/refresh", headers=stolen) for _ in range(8))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 7
    async with services.engine.begin() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.refresh_token WHERE used_at IS NULL")) == 1
        await db.execute(text("UPDATE app.refresh_token SET used_at = used_at - interval '1 minute'"))
    client.cookies.clear()
    later = await asyncio.gather(*(client.post("/api/v1/sessions/refresh", headers=stolen) for _ in range(2)))
    assert sorted(answer.json()["code"] for answer in later) == ["refresh_refused", "refresh_reused"]
    async with services.engine.connect() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.session WHERE revoked_at IS NULL")) == 0
