"""Keys for integrators: what they may do, route by route, and what they never may."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.api_keys.scopes import DECISIONS, SCOPES, decision
from backend.app import PREFIX, create_app
from backend.auth import roles
from backend.auth.current_user import current_user
from backend.auth.step_up import stepped_up
from backend.auth.viewer import _viewer
from backend.settings import schema_settings
from tests.backend.app_routes import AppRoute, app_routes
from tests.backend.factors.person import API, Someone

ASKING: dict[str, AppRoute] = {
    route.name: route
    for route in app_routes(create_app(schema_settings()))
    if route.checks & {current_user, _viewer}
}
PERSONAL = {stepped_up, roles.admin, roles.support, roles.organiser}
ASKED_WITH_A_BODY = {"POST /contests/{contest_id}/inclusion"}
"""What changes nothing and is no GET, so that whoever is asked about stands in no log of addresses."""
FOR_PEOPLE = {operation for operation, route in ASKING.items() if route.checks & PERSONAL}


def test_decisions__every_route_that_asks_who_has_one_and_no_others() -> None:
    missing = set(ASKING) - set(DECISIONS) - FOR_PEOPLE
    assert not missing, f"decide in backend/api_keys/scopes.py what a key may do: {sorted(missing)}"
    assert not set(DECISIONS) - set(ASKING), "lines without a route"


def test_decisions__step_up_and_roles_are_for_people() -> None:
    assert FOR_PEOPLE
    assert not FOR_PEOPLE & set(DECISIONS)
    for operation, decided in DECISIONS.items():
        if re.search(r"/(step-up|factors|sessions|api-keys)\b", operation):
            assert decided == "never", operation
        if decided == "read" and operation not in ASKED_WITH_A_BODY:
            assert operation.startswith("GET "), operation


async def make(someone: Someone, *scopes: str, days: int = 90) -> dict[str, str]:
    made = await someone.ok(
        "POST", "/api-keys", {"name": "Shop", "scopes": list(scopes), "expires_in_days": days}
    )
    return dict(made)


async def send(client: AsyncClient, key: str, operation: str) -> Response:
    """The operation with some id, and no body."""
    method, path = operation.split()
    path = re.sub(r"\{[^}]+\}", str(uuid4()), path)
    client.cookies.clear()
    return await client.request(method, API + path, headers={"authorization": f"Bearer {key}"})


async def test_every_route__each_scope_opens_its_own_and_nothing_else(ada: Someone) -> None:
    keys = {scope: (await make(ada, scope))["key"] for scope in SCOPES}
    for operation in ASKING:
        decided = decision(operation)
        for scope, key in keys.items():
            answer = await send(ada.client, key, operation)
            code = None if answer.is_success else answer.json()["code"]
            if scope == decided:
                assert code not in ("scope_missing", "not_signed_in", "api_key_refused"), operation
                assert answer.status_code < 500 or code == "mirror_not_ready", (operation, answer.text)
            else:
                assert (answer.status_code, code) == (403, "scope_missing"), (operation, scope)
                assert answer.json()["scope"] == (None if decided == "never" else decided)


async def test_every_public_route__works_without_scope(ada: Someone) -> None:
    key = (await make(ada, "webhooks"))["key"]
    assert (await send(ada.client, key, "GET /config")).status_code == 200


async def test_make__shown_once_kept_as_hash(ada: Someone) -> None:
    made = await make(ada, "read", "intents", "read")
    assert made["scopes"] == ["intents", "read"]
    assert made["key"].startswith(made["prefix"] + "_")
    (listed,) = (await ada.ok("GET", "/api-keys"))["items"]
    assert "key" not in listed
    assert listed["last_used_at"] is None
    async with ada.services.engine.connect() as db:
        row = (await db.execute(text("SELECT row_to_json(k)::text FROM app.api_key k"))).scalar_one()
    assert made["key"] not in row
    assert made["key"].removeprefix(made["prefix"]) not in row


async def test_make__needs_step_up(ada: Someone) -> None:
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET stepped_up_at = NULL, step_up_method = NULL"))
    body = {"name": "Shop", "scopes": ["read"]}
    assert await ada.refused("POST", "/api-keys", body) == (403, "step_up_required")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Shop", "scopes": []},
        {"name": "Shop", "scopes": ["admin"]},
        {"name": " ", "scopes": ["read"]},
        {"name": "Shop", "scopes": ["read"], "expires_in_days": 0},
        {"name": "Shop", "scopes": ["read"], "expires_in_days": 366},
    ],
    ids=str,
)
async def test_make__malformed__422(ada: Someone, body: object) -> None:
    assert await ada.refused("POST", "/api-keys", body) == (422, "invalid_input")


async def test_use__is_noted_to_the_minute(ada: Someone) -> None:
    key = (await make(ada, "read"))["key"]
    assert (await send(ada.client, key, "GET /me")).json()["email"] == ada.email
    (first,) = (await ada.ok("GET", "/api-keys"))["items"]
    assert first["last_used_at"]
    await send(ada.client, key, "GET /me")
    assert (await ada.ok("GET", "/api-keys"))["items"] == [first]


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE app.api_key SET expires_at = now()",
        "UPDATE app.api_key SET revoked_at = now()",
        "UPDATE app.\"user\" SET suspended_at = now(), suspended_reason = 'test'",
    ],
)
async def test_use__ended__401(ada: Someone, ending: str) -> None:
    key = (await make(ada, "read"))["key"]
    async with ada.services.engine.begin() as db:
        await db.execute(text(ending))
    assert (await send(ada.client, key, "GET /me")).status_code == 401


async def test_use__made_up_or_altered__401(ada: Someone) -> None:
    key = (await make(ada, "read"))["key"]
    for other in ("tk_", key[:-1], key + "A", key.upper(), "tk_" + "a" * 54):
        answer = await send(ada.client, other, "GET /me")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_use__a_key_in_the_cookie_is_no_key(ada: Someone) -> None:
    key = (await make(ada, "read"))["key"]
    ada.client.cookies.clear()
    answer = await ada.client.get(f"{API}/me", headers={"cookie": f"access={key}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_revoke__stops_now_and_only_its_owner_may(ada: Someone, eve: Someone) -> None:
    made = await make(ada, "read")
    assert await eve.refused("DELETE", f"/api-keys/{made['id']}") == (404, "api_key_not_found")
    assert (await send(ada.client, made["key"], "GET /me")).status_code == 200
    await ada.ok("DELETE", f"/api-keys/{made['id']}")
    refused = await send(ada.client, made["key"], "GET /me")
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_refused")
    assert await ada.refused("DELETE", f"/api-keys/{made['id']}") == (404, "api_key_not_found")
    assert (await ada.ok("GET", "/api-keys"))["items"] == []


async def test_make__twenty_five_at_most(ada: Someone) -> None:
    await make(ada, "read")
    async with ada.services.engine.begin() as db:
        await db.execute(
            text(
                "INSERT INTO app.api_key (id, user_id, name, prefix, secret_hash, scopes, expires_at)"
                " SELECT gen_random_uuid(), user_id, name, prefix || n, sha256(int4send(n)), scopes, expires_at"
                " FROM app.api_key, generate_series(1, 24) n"
            )
        )
    body = {"name": "Shop", "scopes": ["read"]}
    assert await ada.refused("POST", "/api-keys", body) == (409, "too_many_api_keys")


async def test_role__the_owner_has_it_now_or_the_key_has_not(ada: Someone) -> None:
    """A key asks for its owner's role at each use, and administration is never open to one."""
    key = (await make(ada, *SCOPES))["key"]
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET role = 'admin'"))
    for operation in FOR_PEOPLE:
        answer = await send(ada.client, key, operation)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert (await send(ada.client, key, "GET /me")).status_code == 200


def test_openapi__says_what_a_key_may_meet() -> None:
    document = create_app(schema_settings()).openapi()
    answers = document["paths"][f"{PREFIX}/wallet"]["get"]["responses"]
    assert "api_key_refused" in answers["401"]["description"]
    assert "scope_missing" in answers["403"]["description"]
