"""Roles and step-up: who may use what."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.__main__ import main
from backend.auth.roles import ROLES, Admin, Organiser, Support
from backend.auth.step_up import SteppedUp
from backend.services import Services
from backend.settings import Settings
from tests.backend.test_auth import PASSWORD, register, sign_in, step_up
from tests.backend.world import POL, fresh_address
from tests.support.anvil import Anvil


async def bearer_of(client: AsyncClient, email: str = "ada@example.org") -> dict[str, str]:
    token = await sign_in(client, email)
    client.cookies.clear()
    return {"authorization": f"Bearer {token}"}


async def give_role(services: Services, role: str) -> None:
    async with services.engine.begin() as db:
        await db.execute(text('UPDATE app."user" SET role = :role'), {"role": role})


@pytest.fixture
async def guarded(app: FastAPI, client: AsyncClient) -> AsyncClient:
    """A client of an application with one route for each dependency."""
    router = APIRouter()

    @router.get("/for/admin")
    async def for_admin(user: Admin) -> str:
        return user.role

    @router.get("/for/support")
    async def for_support(user: Support) -> str:
        return user.role

    @router.get("/for/organiser")
    async def for_organiser(user: Organiser) -> str:
        return user.role

    @router.post("/for/stepped-up")
    async def for_stepped_up(user: SteppedUp) -> str:
        return user.email

    app.include_router(router, prefix="/api/v1")
    app.router.routes.insert(0, app.router.routes.pop())  # before the web app's catch-all
    return client


async def test_roles__each_dependency_lets_in_its_roles_only(
    guarded: AsyncClient, services: Services
) -> None:
    await register(guarded)
    headers = await bearer_of(guarded)
    let_in: dict[str, set[str]] = {}
    for role in ROLES:
        await give_role(services, role)
        for name in ("admin", "support", "organiser"):
            answer = await guarded.get(f"/api/v1/for/{name}", headers=headers)
            if answer.status_code == 200:
                let_in.setdefault(name, set()).add(role)
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
                assert f"your account has the role {role}" in answer.json()["detail"]
    assert let_in == {
        "admin": {"admin"},
        "support": {"support", "admin"},
        "organiser": {"organiser", "admin"},
    }


async def test_step_up__needed_then_given_by_password_for_five_minutes(
    guarded: AsyncClient, services: Services
) -> None:
    await register(guarded)
    headers = await bearer_of(guarded)

    async def attempt() -> Any:
        return await guarded.post("/api/v1/for/stepped-up", headers=headers)

    refused = await attempt()
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert refused.json()["ways"] == ["password"]
    wrong = await guarded.post("/api/v1/step-up", json={"password": "wrong"}, headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    assert (await attempt()).status_code == 403
    right = await guarded.post("/api/v1/step-up", json={"password": PASSWORD}, headers=headers)
    assert right.status_code == 200
    assert (await attempt()).status_code == 200
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET stepped_up_at = now() - interval '301 seconds'"))
    assert (await attempt()).json()["code"] == "step_up_required"


async def test_step_up__another_session_of_the_same_person_gains_nothing(guarded: AsyncClient) -> None:
    await register(guarded)
    mine, stolen = await bearer_of(guarded), await bearer_of(guarded)
    assert (
        await guarded.post("/api/v1/step-up", json={"password": PASSWORD}, headers=mine)
    ).status_code == 200
    assert (await guarded.post("/api/v1/for/stepped-up", headers=mine)).status_code == 200
    assert (await guarded.post("/api/v1/for/stepped-up", headers=stolen)).status_code == 403


async def test_step_up__guessing_with_a_stolen_session__stops_that_session_only(guarded: AsyncClient) -> None:
    await register(guarded)
    stolen, mine = await bearer_of(guarded), await bearer_of(guarded)
    for _ in range(10):
        await guarded.post("/api/v1/step-up", json={"password": "wrong"}, headers=stolen)
    stopped = await guarded.post("/api/v1/step-up", json={"password": PASSWORD}, headers=stolen)
    assert stopped.status_code == 429
    assert (
        await guarded.post("/api/v1/step-up", json={"password": PASSWORD}, headers=mine)
    ).status_code == 200


async def test_role_command__changes_the_role_or_says_that_nobody_is_there(
    client: AsyncClient,
    services: Services,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import asyncio

    await register(client)
    monkeypatch.setattr("backend.__main__.load_settings", lambda: settings)
    assert await asyncio.to_thread(main, ["role", "Ada@example.org", "admin"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Ada@example.org has the role admin."
    async with services.engine.connect() as db:
        user_id, role = (await db.execute(text('SELECT id, role FROM app."user"'))).one()
        assert role == "admin"
    assert await asyncio.to_thread(main, ["role", "bob@example.org", "admin"]) == 1
    assert "no account for bob@example.org" in capsys.readouterr().err
    async with services.engine.connect() as db:
        recorded = text("SELECT actor, action, subject, detail FROM app.audit_event WHERE actor = 'operator'")
        assert (await db.execute(recorded)).all() == [
            (
                "operator",
                "user.give_role",
                f"user:{user_id}",
                {"before": {"role": "user"}, "after": {"role": "admin"}},
            )
        ]


def intent(kind: str, own: str, other: str) -> list[dict[str, Any]]:
    """What leaves the wallet, and the same to the wallet itself."""
    bodies: dict[str, dict[str, Any]] = {
        "transfer": {"to": other, "amount": "1"},
        "claim_prize": {"raffle_id": "1", "rank": 0, "to": other},
        "refund_entry": {"raffle_id": "1", "entry_index": 0, "to": other},
        "offer_grant": {"grant_id": "1", "to": other},
        "buy_tickets": {"raffle_id": "1", "count": "1", "buyer": other},
    }
    body = {"kind": kind, **bodies[kind]}
    return [body, {name: own if value == other else value for name, value in body.items()}]


@pytest.mark.parametrize("kind", ["transfer", "claim_prize", "refund_entry", "offer_grant", "buy_tickets"])
async def test_intent__something_leaves_the_wallet__needs_step_up(
    client: AsyncClient, chain: Anvil, kind: str
) -> None:
    own = (await register(client))["wallet_address"]
    chain.call("anvil_setBalance", own, hex(100 * POL))
    headers = await bearer_of(client)
    leaving, staying = intent(kind, own, fresh_address())

    async def send(body: dict[str, Any], key: str) -> Any:
        return await client.post("/api/v1/intents", json=body, headers={**headers, "Idempotency-Key": key})

    refused = await send(leaving, "leaving")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert (await send(staying, "staying")).json().get("code") != "step_up_required"
    await step_up(client, headers)
    assert (await send(leaving, "leaving")).json().get("code") != "step_up_required"


async def test_intent__accepted_before__its_answer_is_repeated_without_step_up(
    client: AsyncClient, services: Services, chain: Anvil
) -> None:
    own = (await register(client))["wallet_address"]
    chain.call("anvil_setBalance", own, hex(100 * POL))
    headers = {**await step_up(client, await bearer_of(client)), "Idempotency-Key": "one"}
    body = {"kind": "transfer", "to": fresh_address(), "amount": "1"}
    first = await client.post("/api/v1/intents", json=body, headers=headers)
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET stepped_up_at = now() - interval '1 hour'"))
    again = await client.post("/api/v1/intents", json=body, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
