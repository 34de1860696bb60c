"""Accounts as support and administrators see and change them."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.services import Services
from tests.backend.test_account import bearer_of
from tests.backend.test_auth import register, step_up

WHY = {"reason": "A new colleague"}
USERS = "/api/v1/admin/users"


async def person(client: AsyncClient, services: Services, name: str, role: str) -> dict[str, Any]:
    """A registered account with a role; `headers` of a session that stepped up."""
    user = await register(client, f"{name}@example.org")
    async with services.engine.begin() as db:
        await db.execute(
            text('UPDATE app."user" SET role = :role WHERE id = :id'), {"role": role, "id": user["id"]}
        )
    return {**user, "headers": await step_up(client, await bearer_of(client, f"{name}@example.org"))}


@pytest.fixture
async def admin(client: AsyncClient, services: Services) -> dict[str, Any]:
    return await person(client, services, "admin", "admin")


@pytest.fixture
async def ada(client: AsyncClient, services: Services) -> dict[str, Any]:
    return await person(client, services, "ada", "user")


async def audited(services: Services) -> list[tuple[str, str, str]]:
    async with services.engine.connect() as db:
        rows = await db.execute(
            text("SELECT actor, action, subject FROM app.audit_event WHERE action LIKE 'user.%'")
        )
        return [(actor, action, subject) for actor, action, subject in rows]


async def test_search__by_beginning_in_pages_and_audited(
    client: AsyncClient, services: Services, admin: dict[str, Any]
) -> None:
    for name in ("bo_b", "boxb", "boab"):
        await register(client, f"{name}@example.org")

    async def search(**query: str) -> Any:
        return (await client.get(USERS, params=query, headers=admin["headers"])).json()

    first = await search(limit="2")
    rest = await search(limit="2", cursor=first["next_cursor"])
    emails = [item["email"].partition("@")[0] for item in first["items"] + rest["items"]]
    assert emails == ["boab", "boxb", "bo_b", "admin"]
    assert rest["next_cursor"] is None
    assert [item["email"] for item in (await search(email="BO_"))["items"]] == ["bo_b@example.org"]
    assert (await search(email="%"))["items"] == []
    assert (f"user:{admin['id']}", "user.search", "user:*") in await audited(services)


async def test_read__details_without_anything_to_act_with(
    client: AsyncClient, services: Services, admin: dict[str, Any], ada: dict[str, Any]
) -> None:
    answer = await client.get(f"{USERS}/{ada['id']}", headers=admin["headers"])
    found = answer.json()
    assert (found["email"], found["wallet_address"]) == (ada["email"], ada["wallet_address"])
    assert (found["open_sessions"], found["wallet_frozen"]) == (1, False)
    assert "hash" not in answer.text
    assert (f"user:{admin['id']}", "user.read", f"user:{ada['id']}") in await audited(services)


async def test_role__changed_at_once_and_never_ones_own(
    client: AsyncClient, services: Services, admin: dict[str, Any], ada: dict[str, Any]
) -> None:
    assert (await client.get(USERS, headers=ada["headers"])).status_code == 403
    given = await client.put(
        f"{USERS}/{ada['id']}/role", json={"role": "support", **WHY}, headers=admin["headers"]
    )
    assert given.json()["role"] == "support"
    assert (await client.get(USERS, headers=ada["headers"])).status_code == 200
    own = await client.put(
        f"{USERS}/{admin['id']}/role", json={"role": "user", **WHY}, headers=admin["headers"]
    )
    assert (own.status_code, own.json()["code"]) == (409, "own_account")
    async with services.engine.connect() as db:
        detail = await db.scalar(text("SELECT detail FROM app.audit_event WHERE action = 'user.give_role'"))
    assert detail["reason"].startswith("sealed:")
    assert (detail["before"], detail["after"]) == ({"role": "user"}, {"role": "support"})


async def test_suspend__sessions_end_and_nobody_signs_in_until_restored(
    client: AsyncClient, services: Services, admin: dict[str, Any], ada: dict[str, Any]
) -> None:
    suspended = await client.post(
        f"{USERS}/{ada['id']}/suspend", json={"reason": "Card fraud"}, headers=admin["headers"]
    )
    assert (suspended.json()["suspended"], suspended.json()["open_sessions"]) == (True, 0)
    assert (await client.get("/api/v1/me", headers=ada["headers"])).status_code == 401
    credentials = {"email": "ada@example.org", "password": "correct horse battery"}
    refused = await client.post("/api/v1/sessions", json=credentials)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_suspended")
    wrong = await client.post("/api/v1/sessions", json={**credentials, "password": "a guess"})
    assert wrong.json()["code"] == "credentials_wrong"
    restored = await client.post(f"{USERS}/{ada['id']}/restore", json=WHY, headers=admin["headers"])
    assert restored.json()["suspended"] is False
    assert (await client.get("/api/v1/me", headers=ada["headers"])).status_code == 401
    assert (await client.post("/api/v1/sessions", json=credentials)).status_code == 200
    actions = [action for _, action, subject in await audited(services) if subject == f"user:{ada['id']}"]
    assert actions == ["user.suspend", "user.restore"]


async def test_suspended_by_hand__its_sessions_do_not_count(
    client: AsyncClient, services: Services, ada: dict[str, Any]
) -> None:
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET suspended_at = now(), suspended_reason = 'x'"))
    assert (await client.get("/api/v1/me", headers=ada["headers"])).status_code == 401


async def test_administration__needs_step_up(
    client: AsyncClient, services: Services, admin: dict[str, Any]
) -> None:
    headers = await bearer_of(client, "admin@example.org")
    for method, path in (("GET", ""), ("GET", f"/{admin['id']}"), ("POST", f"/{admin['id']}/restore")):
        body = WHY if method == "POST" else None
        answer = await client.request(method, f"{USERS}{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


async def test_administration__unknown_account__404(client: AsyncClient, admin: dict[str, Any]) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    answer = await client.get(f"{USERS}/{nobody}", headers=admin["headers"])
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")


async def test_events__of_account_wallet_and_payments_with_reasons_and_without_looks(
    client: AsyncClient, services: Services, admin: dict[str, Any], ada: dict[str, Any]
) -> None:
    wallet = (await client.get(f"{USERS}/{ada['id']}", headers=admin["headers"])).json()["wallet_id"]
    reason = {"reason": "reported stolen"}
    frozen = await client.post(
        f"/api/v1/admin/wallets/{wallet}/freeze", json=reason, headers=admin["headers"]
    )
    assert frozen.status_code == 204
    async with services.engine.begin() as db:
        await db.execute(
            text(
                "INSERT INTO app.payment (id, user_id, credits) VALUES ('pi_1', :ada, 10), ('pi_2', :admin, 10)"
            ),
            {"ada": ada["id"], "admin": admin["id"]},
        )
        for payment in ("pi_1", "pi_2"):
            await db.execute(
                text(
                    "INSERT INTO app.audit_event (actor, action, subject, detail)"
                    " VALUES ('user:x', 'payment.refund', :subject, '{\"amount\": \"450\"}')"
                ),
                {"subject": f"payment:{payment}"},
            )
    await client.put(f"{USERS}/{ada['id']}/role", json={"role": "support", **WHY}, headers=admin["headers"])
    path = f"{USERS}/{ada['id']}/events"
    first = (await client.get(path, params={"limit": 2}, headers=admin["headers"])).json()
    rest = (await client.get(path, params={"cursor": first["next_cursor"]}, headers=admin["headers"])).json()
    found = [(one["action"], one["reason"], one["detail"]) for one in first["items"] + rest["items"]]
    assert found == [
        ("user.give_role", "A new colleague", {"before": {"role": "user"}, "after": {"role": "support"}}),
        ("payment.refund", None, {"amount": "450"}),
        ("wallet.freeze", "reported stolen", {"before": {"frozen": False}, "after": {"frozen": True}}),
        ("session.begin", None, {"session": found[-1][2]["session"]}),
    ]
    assert rest["next_cursor"] is None
    assert first["items"][0]["actor"] == f"user:{admin['id']}"
    assert (await audited(services))[-1] == (f"user:{admin['id']}", "user.read", f"user:{ada['id']}")
    nobody = await client.get(
        f"{USERS}/00000000-0000-4000-8000-000000000000/events", headers=admin["headers"]
    )
    assert (nobody.status_code, nobody.json()["code"]) == (404, "user_not_found")
