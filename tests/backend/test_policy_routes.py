"""Policies through the HTTP face: one's own, and what staff does. Fault test 37: two real API processes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from backend.app import create_app
from backend.intents.schemas import EXAMPLES
from backend.services import Services
from backend.settings import Settings
from tests.backend import stubs
from tests.backend.test_auth import register, sign_in, step_up
from tests.backend.world import POL, fresh_address, make_settings
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

WHY = {"reason": "A careful month"}
POLICY = "/api/v1/policy"
DAY = 86_400


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    """New recipients and lower safety wait a day."""
    return make_settings(database.backend, [chain.url], tmp_path, cooling_off_seconds=DAY)


async def member(client: AsyncClient, chain: Anvil, email: str = "ada@example.org") -> dict[str, str]:
    """A signed-in, stepped-up person with 100 POL."""
    user = await register(client, email)
    chain.call("anvil_setBalance", user["wallet_address"], hex(100 * POL))
    bearer = {"authorization": f"Bearer {await sign_in(client, email)}"}
    client.cookies.clear()
    return await step_up(client, bearer)


@pytest.fixture
async def bearer(client: AsyncClient, chain: Anvil) -> dict[str, str]:
    return await member(client, chain)


@pytest.fixture
async def staff(client: AsyncClient, chain: Anvil, services: Services) -> dict[str, str]:
    """An administrator."""
    bearer = await member(client, chain, "admin@example.org")
    await set_role(services, "admin@example.org", "admin")
    return bearer


async def set_role(services: Services, email: str, role: str) -> None:
    async with services.engine.begin() as db:
        await db.execute(
            text('UPDATE app."user" SET role = :role WHERE email = :email'), {"role": role, "email": email}
        )


async def sql(services: Services, statement: str) -> Any:
    async with services.engine.begin() as db:
        return await db.execute(text(statement))


async def a_day_passes(services: Services) -> None:
    """For everything that waits."""
    await sql(services, "UPDATE app.policy_mode SET valid_from = valid_from - interval '1 day'")
    await sql(services, "UPDATE app.policy_limit SET valid_from = valid_from - interval '1 day'")
    await sql(
        services,
        "UPDATE app.policy_address SET first_seen_at = first_seen_at - interval '1 day',"
        " usable_from = usable_from - interval '1 day', listed_at = listed_at - interval '1 day',"
        " listed_from = listed_from - interval '1 day'",
    )


async def pay(client: AsyncClient, bearer: dict[str, str], to: str, amount: int = 1, key: str = "k") -> Any:
    body = {"kind": "transfer", "token": None, "to": to, "amount": str(amount)}
    return await client.post(
        "/api/v1/intents", json=body, headers={**bearer, "Idempotency-Key": f"{key}{fresh_address()}"}
    )


async def put(client: AsyncClient, bearer: dict[str, str], allow_list_only: bool, *limits: Any) -> Any:
    answer = await client.put(
        POLICY, json={"allow_list_only": allow_list_only, "limits": list(limits)}, headers=bearer
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_new_recipient__refused_once_named_then_paid_with_the_same_key(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    friend = fresh_address()
    body = {"kind": "transfer", "token": None, "to": friend, "amount": "1"}
    headers = {**bearer, "Idempotency-Key": "one"}
    refused = await client.post("/api/v1/intents", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "recipient_is_new")
    (known,) = (await client.get(f"{POLICY}/addresses", headers=bearer)).json()["items"]
    assert (known["address"], known["listed"]) == (friend, False)
    assert known["usable_from"].replace("Z", "+00:00") == refused.json()["available_at"]
    await a_day_passes(services)
    assert (await client.post("/api/v1/intents", json=body, headers=headers)).status_code == 202


async def test_prizes_and_supply_for_others__need_a_session_that_stepped_up(
    client: AsyncClient, chain: Anvil
) -> None:
    await register(client, "eve@example.org")
    bearer = {"authorization": f"Bearer {await sign_in(client, 'eve@example.org')}"}
    client.cookies.clear()
    raffle = EXAMPLES["create_raffle"]["value"]
    token = {**EXAMPLES["create_token"]["value"], "recipient": fresh_address()}
    for number, body in enumerate((raffle, token)):
        headers = {**bearer, "Idempotency-Key": f"gift{number}"}
        refused = await client.post("/api/v1/intents", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required"), refused.text


async def test_allow_list__on_at_once_off_after_the_wait(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    friend, stranger = fresh_address(), fresh_address()
    listed = await client.put(f"{POLICY}/addresses/{friend}", json={"label": "a friend"}, headers=bearer)
    assert (listed.status_code, listed.json()["listed"], listed.json()["label"]) == (200, True, "a friend")
    assert (await put(client, bearer, True))["allow_list_only"] is True
    assert (await pay(client, bearer, friend)).json()["code"] == "recipient_is_new"
    await a_day_passes(services)
    assert (await pay(client, bearer, friend)).status_code == 202
    refused = await pay(client, bearer, stranger)
    assert (refused.status_code, refused.json()["code"]) == (403, "recipient_not_listed")
    waiting = await put(client, bearer, False)
    assert waiting["allow_list_only"] is True
    assert [(one["what"], one["value"]) for one in waiting["waiting"]] == [("allow_list_only", "false")]
    assert (await put(client, bearer, True))["waiting"] == []  # withdrawn
    await put(client, bearer, False)
    await a_day_passes(services)
    assert (await client.get(POLICY, headers=bearer)).json()["allow_list_only"] is False
    assert (await pay(client, bearer, stranger)).json()["code"] == "recipient_is_new"


async def test_forgotten_address__new_again(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    friend = fresh_address()
    await client.put(f"{POLICY}/addresses/{friend}", json={}, headers=bearer)
    await a_day_passes(services)
    assert (await pay(client, bearer, friend)).status_code == 202
    assert (await client.delete(f"{POLICY}/addresses/{friend}", headers=bearer)).status_code == 204
    assert (await pay(client, bearer, friend)).json()["code"] == "recipient_is_new"
    gone = await client.delete(f"{POLICY}/addresses/{fresh_address()}", headers=bearer)
    assert (gone.status_code, gone.json()["code"]) == (404, "address_not_named")


async def test_own_limits__lower_at_once_higher_after_the_wait(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    def native(per_transaction: int | None, daily: int | None) -> dict[str, Any]:
        text_of = lambda one: None if one is None else str(one)  # noqa: E731
        return {"token": None, "per_transaction": text_of(per_transaction), "daily": text_of(daily)}

    def shown(policy: Any) -> Any:
        return [(one["per_transaction"], one["daily"]) for one in policy["limits"]]

    assert shown(await put(client, bearer, False, native(5, 20))) == [("5", "20")]
    mixed = await put(client, bearer, False, native(3, 50))  # one safer, one less safe
    assert shown(mixed) == [("3", "20")]
    assert [one["value"] for one in mixed["waiting"]] == ["per transaction 3, daily 50"]
    recorded = await sql(
        services, "SELECT detail FROM app.audit_event WHERE action = 'policy.change' ORDER BY id"
    )
    assert [(one["before"]["limits"], one["after"]["limits"]) for one in recorded.scalars()] == [
        ([], [native(5, 20)]),
        ([native(5, 20)], [native(3, 50)]),
    ]
    assert shown(await put(client, bearer, False)) == [("3", "20")]  # taking it away waits too
    await a_day_passes(services)
    assert shown((await client.get(POLICY, headers=bearer)).json()) == []
    twice = await client.put(
        POLICY, json={"allow_list_only": False, "limits": [native(1, 1), native(2, 2)]}, headers=bearer
    )
    assert twice.status_code == 422


async def test_staff__limits_for_everybody_and_for_one(
    client: AsyncClient, bearer: dict[str, str], staff: dict[str, str], services: Services
) -> None:
    friend = fresh_address()
    await pay(client, bearer, friend)
    await a_day_passes(services)
    me = (await client.get("/api/v1/me", headers=bearer)).json()["id"]
    mine = f"/api/v1/admin/users/{me}/limits"
    limits = {"token": None, "per_transaction": "10", "daily": "15", **WHY}
    answer = await client.put("/api/v1/admin/limits", json=limits, headers=staff)
    assert [(one["set_by"], one["daily"]) for one in answer.json()["items"]] == [("platform", "15")]
    assert (await pay(client, bearer, friend, 11)).json()["limit"] == "per_transaction"
    assert (await pay(client, bearer, friend, 9)).status_code == 202
    refused = (await pay(client, bearer, friend, 9)).json()
    assert (refused["limit"], refused["set_by"], refused["left"]) == ("daily", "platform", "6")
    answer = await client.put(mine, json={"token": None, "daily": "30", **WHY}, headers=staff)
    assert [(one["set_by"], one["daily"], one["left"]) for one in answer.json()["items"]] == [
        ("admin", "30", "21")
    ]
    assert (await pay(client, bearer, friend, 20)).status_code == 202
    assert (await client.delete(mine, params=WHY, headers=staff)).status_code == 204
    assert (await client.get(mine, headers=staff)).json()["items"][0]["set_by"] == "platform"
    actions = await sql(
        services, "SELECT action FROM app.audit_event WHERE action LIKE 'limit.%' ORDER BY id"
    )
    assert list(actions.scalars()) == ["limit.set", "limit.set", "limit.remove"]
    nobody = await client.get(f"/api/v1/admin/users/{me[:-4]}0000/limits", headers=staff)
    assert nobody.json()["code"] == "wallet_unknown"


async def test_staff__accounts_with_limits_of_their_own_are_listed(
    client: AsyncClient, bearer: dict[str, str], staff: dict[str, str]
) -> None:
    me = (await client.get("/api/v1/me", headers=bearer)).json()["id"]
    mine, overrides = f"/api/v1/admin/users/{me}/limits", "/api/v1/admin/limits/overrides"
    await client.put("/api/v1/admin/limits", json={"token": None, "daily": "15", **WHY}, headers=staff)
    await put(client, bearer, False, {"token": None, "daily": "7"})
    assert (await client.get(overrides, headers=staff)).json() == {"items": [], "next_cursor": None}
    token = fresh_address()
    for limit in ({"token": None, "daily": "30"}, {"token": token, "daily": "9"}, {"token": None}):
        await client.put(mine, json={**limit, **WHY}, headers=staff)
    first = (await client.get(overrides, params={"limit": 1}, headers=staff)).json()
    rest = (await client.get(overrides, params={"cursor": first["next_cursor"]}, headers=staff)).json()
    found = [(one["user_id"], one["token"], one["daily"]) for one in first["items"] + rest["items"]]
    assert found == [(me, None, None), (me, token, "9")]  # null: no limit, in place of the platform's
    await client.delete(mine, params=WHY, headers=staff)
    left = (await client.get(overrides, headers=staff)).json()["items"]
    assert [one["token"] for one in left] == [token]


async def test_staff__freezes_are_listed_obeyed_and_lifted(
    client: AsyncClient, bearer: dict[str, str], staff: dict[str, str], services: Services
) -> None:
    me = (await client.get("/api/v1/me", headers=bearer)).json()["id"]
    wallet = str((await sql(services, f"SELECT id FROM app.wallet WHERE user_id = '{me}'")).scalar_one())
    reason = {"reason": "reported stolen"}
    for path in (f"wallets/{wallet}", f"users/{me}"):
        assert (
            await client.post(f"/api/v1/admin/{path}/freeze", json=reason, headers=staff)
        ).status_code == 204
    listed = (await client.get("/api/v1/admin/freezes?limit=1", headers=staff)).json()
    rest = await client.get(f"/api/v1/admin/freezes?cursor={listed['next_cursor']}", headers=staff)
    found = listed["items"] + rest.json()["items"]
    assert [(one["user_id"], one["wallet_id"]) for one in found] == [(me, None), (None, wallet)]
    address = (await client.get("/api/v1/me", headers=bearer)).json()["wallet_address"]
    assert {(one["owner_id"], one["wallet_address"]) for one in found} == {(me, address)}
    for user_id, count in ((me, 2), (f"{me[:-4]}0000", 0)):
        of_user = await client.get("/api/v1/admin/freezes", params={"user_id": user_id}, headers=staff)
        assert len(of_user.json()["items"]) == count
    refused = await pay(client, bearer, fresh_address())
    assert (refused.status_code, refused.json()["code"]) == (403, "user_frozen")
    assert "stolen" not in refused.text
    await client.post(f"/api/v1/admin/users/{me}/unfreeze", json=reason, headers=staff)
    refused = await pay(client, bearer, fresh_address())
    assert (refused.status_code, refused.json()["code"]) == (409, "wallet_frozen")
    await set_role(services, "admin@example.org", "support")
    await sql(services, "UPDATE app.freeze SET actor = 'sender' WHERE lifted_at IS NULL")
    unfreeze = f"/api/v1/admin/wallets/{wallet}/unfreeze"
    assert (await client.post(unfreeze, json=reason, headers=staff)).json()["code"] == "sender_froze"
    await set_role(services, "admin@example.org", "admin")
    assert (await client.post(unfreeze, json=reason, headers=staff)).status_code == 204
    assert (await client.post(unfreeze, json=reason, headers=staff)).json()["code"] == "not_frozen"
    assert (await pay(client, bearer, fresh_address())).json()["code"] == "recipient_is_new"
    actions = await sql(
        services, "SELECT action FROM app.audit_event WHERE action LIKE '%freeze' ORDER BY id"
    )
    assert list(actions.scalars()) == ["wallet.freeze", "user.freeze", "user.unfreeze", "wallet.unfreeze"]


@pytest.fixture
async def two_apis(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    """Two real API processes on one database."""
    stubs.install(chain)
    settings = make_settings(database.backend, [chain.url], tmp_path)
    ports = [free_port(), free_port()]
    env = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": chain.url,
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "PASSWORD_MEMORY_KIB": "64",
        "PASSWORD_ROUNDS": "1",
    }
    command = [sys.executable, "-m", "backend", "api"]
    with (
        Process(command, env | {"PORT": str(ports[0])}) as one,
        Process(command, env | {"PORT": str(ports[1])}) as two,
    ):
        for process, port in ((one, ports[0]), (two, ports[1])):
            await asyncio.to_thread(process.wait_for_http, f"http://127.0.0.1:{port}/healthz")
        async with (
            AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", timeout=60) as first,
            AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}", timeout=60) as second,
        ):
            yield first, second


async def test_daily_limit__raced_through_two_processes__never_more_is_accepted(
    two_apis: tuple[AsyncClient, AsyncClient], database: DatabaseUris, chain: Anvil, settings: Settings
) -> None:
    """Fault test 37."""
    bearer = await member(two_apis[0], chain)
    app: FastAPI = create_app(settings)
    async with LifespanManager(app), AsyncClient(transport=ASGITransport(app=app), base_url="http://t"):
        services: Services = app.state.services
        await sql(
            services,
            "INSERT INTO app.policy_limit (set_by, daily, valid_from) VALUES ('platform', 10, now())",
        )
        answers = await asyncio.gather(
            *(pay(two_apis[n % 2], bearer, fresh_address(), 1, f"r{n}") for n in range(40))
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [202] * 10 + [409] * 30
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"limit_exceeded"}
        assert (await sql(services, "SELECT sum(amount) FROM app.hold")).scalar_one() == 10
