"""Credits through the HTTP face: balances, statement, CSV, and what administrators do."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import service
from backend.services import Services
from tests.backend.test_auth import PASSWORD, register, sign_in


async def person(client: AsyncClient, email: str) -> tuple[str, dict[str, str]]:
    """(user id, bearer header) of somebody new."""
    user = await register(client, email)
    token = await sign_in(client, email)
    client.cookies.clear()
    return user["id"], {"authorization": f"Bearer {token}"}


@pytest.fixture
async def admin(client: AsyncClient, services: Services) -> dict[str, str]:
    """The header of an administrator who stepped up."""
    user, header = await person(client, "root@example.org")
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET role = 'admin' WHERE id = :id"), {"id": user})
    answer = await client.post("/api/v1/step-up", json={"password": PASSWORD}, headers=header)
    assert answer.status_code == 200
    return header


async def give(
    client: AsyncClient, admin: dict[str, str], user: str, amount: str = "100", key: str = "", **more: Any
) -> Response:
    body = {"user_id": user, "purpose": "grant", "amount": amount, "reason": "Welcome", **more}
    headers = {**admin, "Idempotency-Key": key or uuid4().hex}
    return await client.post("/api/v1/admin/credits", json=body, headers=headers)


async def credits_of(client: AsyncClient, header: dict[str, str]) -> dict[str, str]:
    (found,) = (await client.get("/api/v1/credits", headers=header)).json()["balances"]
    assert (found.pop("currency"), found.pop("decimals")) == ("CREDIT", 0)
    return dict(found)


async def test_staff__somebodys_credits_and_all_of_them(
    client: AsyncClient, admin: dict[str, str], services: Services
) -> None:
    ada, header = await person(client, "ada@example.org")
    ben, _ = await person(client, "ben@example.org")
    await give(client, admin, ada, "100")
    await give(client, admin, ben, "40")
    await give(client, admin, ada, "-30", purpose="correction", reason="Given twice")
    async with AsyncSession(services.engine) as db, db.begin():
        await _hold(db, ada, 20)
    path = f"/api/v1/admin/users/{ada}/credits"
    (found,) = (await client.get(path, headers=admin)).json()["balances"]
    assert (found["amount"], found["held"], found["available"]) == ("70", "20", "50")
    first = (await client.get(f"{path}/statement", params={"limit": 1}, headers=admin)).json()
    assert [(one["memo"], one["balance"]) for one in first["items"]] == [("Given twice", "70")]
    rest = await client.get(f"{path}/statement", params={"cursor": first["next_cursor"]}, headers=admin)
    assert [one["memo"] for one in rest.json()["items"]] == ["Welcome"]
    (totals,) = (await client.get("/api/v1/admin/credits", headers=admin)).json()["items"]
    assert totals == {
        "currency": "CREDIT",
        "decimals": 0,
        "issued": "110",
        "bought": "0",
        "earned": "0",
        "users": "110",
        "held": "20",
    }
    for unknown in ("", "/statement"):
        nobody = await client.get(f"/api/v1/admin/users/{uuid4()}/credits{unknown}", headers=admin)
        assert (nobody.status_code, nobody.json()["code"]) == (404, "user_unknown")
    assert (await client.get(path, headers=header)).status_code == 403


async def test_credits__granted_held_spent__balance_and_statement(
    client: AsyncClient, admin: dict[str, str], services: Services
) -> None:
    ada, header = await person(client, "ada@example.org")
    assert await credits_of(client, header) == {"amount": "0", "held": "0", "available": "0"}
    made = await give(client, admin, ada, "100")
    assert (made.status_code, made.json()["balance"]) == (201, "100")
    taken = await give(client, admin, ada, "-30", purpose="correction", reason="Given twice")
    assert (taken.status_code, taken.json()["balance"]) == (201, "70")
    async with AsyncSession(services.engine) as db, db.begin():
        await _hold(db, ada, 20)
    assert await credits_of(client, header) == {"amount": "70", "held": "20", "available": "50"}
    statement = (await client.get("/api/v1/credits/statement", headers=header)).json()
    shown = [(one["purpose"], one["memo"], one["amount"], one["balance"]) for one in statement["items"]]
    assert shown == [("correction", "Given twice", "-30", "70"), ("grant", "Welcome", "100", "100")]
    assert {one["counterparty"] for one in statement["items"]} == {"issuance"}
    async with services.engine.connect() as db:
        audited = "SELECT actor, action, subject, detail FROM app.audit_event WHERE action LIKE 'credits.%' ORDER BY id"
        rows = (await db.execute(text(audited))).all()
        told = (await db.execute(text("SELECT user_id, event FROM app.event"))).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("credits.grant", f"user:{ada}"),
        ("credits.correction", f"user:{ada}"),
    ]
    reason = rows[1].detail["reason"]
    async with services.engine.connect() as db:
        kept = await db.execute(text("SELECT text FROM app.remark WHERE seal = :seal"), {"seal": reason})
        memo = await db.scalar(text("SELECT memo FROM app.ledger_entry WHERE purpose = 'correction'"))
    assert (kept.scalar_one(), memo) == ("Given twice", reason)
    assert "twice" not in reason
    assert Counter((str(row.user_id), row.event) for row in told) == {(ada, "credits.changed"): 2}


async def test_statement__pages__every_line_once(client: AsyncClient, admin: dict[str, str]) -> None:
    ada, header = await person(client, "ada@example.org")
    for number in range(5):
        await give(client, admin, ada, str(number + 1))
    seen, cursor = [], ""
    while True:
        page = (await client.get(f"/api/v1/credits/statement?limit=2{cursor}", headers=header)).json()
        seen += [(one["amount"], one["balance"]) for one in page["items"]]
        if page["next_cursor"] is None:
            break
        await give(client, admin, ada, "50")  # what comes meanwhile does not move the pages
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [("5", "15"), ("4", "10"), ("3", "6"), ("2", "3"), ("1", "1")]


async def test_statement__csv__all_lines_formulas_defused(
    client: AsyncClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.ledger.statement._BATCH", 2)
    ada, header = await person(client, "ada@example.org")
    reasons = ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", " =2", 'a "quote", and a comma', "plain"]
    for reason in reasons:
        assert (await give(client, admin, ada, "1", reason=reason + "  x")).status_code == 201
    await give(client, admin, ada, "-3", purpose="correction")
    answer = await client.get("/api/v1/credits/statement.csv", headers=header)
    assert answer.headers["content-type"].startswith("text/csv")
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["id", "at", "purpose", "memo", "counterparty", "currency", "amount", "balance"]
    assert lines[0][-2:] == ["-3", "4"]  # an amount is a number
    memos = [line[3] for line in lines[:0:-1]]
    assert [memo.removesuffix("  x") for memo in memos] == [
        *("'=HYPERLINK(1)", "'+1", "'-1+2", "'@SUM(A1)", "'=2", 'a "quote", and a comma', "plain")
    ]


async def test_grant__same_key_100_times_at_once__one_effect_identical_answers(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    """Fault 23 through the route."""
    ada, header = await person(client, "ada@example.org")
    answers = await asyncio.gather(*(give(client, admin, ada, key="one") for _ in range(100)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert (await credits_of(client, header))["amount"] == "100"


async def test_grant__same_key_other_body__422(client: AsyncClient, admin: dict[str, str]) -> None:
    """Fault 24, first half."""
    ada, header = await person(client, "ada@example.org")
    await give(client, admin, ada, "1", key="one")
    answer = await give(client, admin, ada, "2", key="one")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert (await credits_of(client, header))["amount"] == "1"


async def test_grant__same_key_other_administrator__independent(
    client: AsyncClient, admin: dict[str, str], services: Services
) -> None:
    """Fault 24, second half."""
    ada, header = await person(client, "ada@example.org")
    _, other = await person(client, "second@example.org")
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET role = 'admin' WHERE email LIKE 'second%'"))
    await client.post("/api/v1/step-up", json={"password": PASSWORD}, headers=other)
    for who in (admin, other):
        assert (await give(client, who, ada, "1", key="one")).status_code == 201
    assert (await credits_of(client, header))["amount"] == "2"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": "0"}, 422, "invalid_input"),
        ({"amount": "1.5"}, 422, "invalid_input"),
        ({"amount": "-1"}, 422, "invalid_input"),
        ({"amount": "1" * 31}, 422, "invalid_input"),
        ({"reason": "  "}, 422, "invalid_input"),
        ({"reason": "a\u0000bc"}, 422, "invalid_input"),
        ({"currency": "EUR"}, 422, "invalid_input"),
        ({"user": str(uuid4())}, 404, "user_unknown"),
        ({"purpose": "correction", "amount": "-1"}, 409, "funds_too_low"),
    ],
    ids=str,
)
async def test_grant__refused(
    client: AsyncClient, admin: dict[str, str], change: dict[str, str], status: int, code: str
) -> None:
    ada, _ = await person(client, "ada@example.org")
    answer = await give(client, admin, **{"user": ada, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_admin_routes__nobody_else(client: AsyncClient, services: Services) -> None:
    ada, header = await person(client, "ada@example.org")
    assert (await give(client, header, ada)).json()["code"] == "role_missing"
    assert (await client.get("/api/v1/admin/differences", headers=header)).status_code == 403
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.\"user\" SET role = 'admin'"))
    assert (await give(client, header, ada)).json()["code"] == "step_up_required"


async def test_credits__one_sees_only_ones_own(client: AsyncClient, admin: dict[str, str]) -> None:
    ada, _ = await person(client, "ada@example.org")
    _, eve = await person(client, "eve@example.org")
    made = (await give(client, admin, ada)).json()
    assert (await credits_of(client, eve))["amount"] == "0"
    cursor = int(made["id"]) + 1
    page = await client.get(f"/api/v1/credits/statement?cursor={cursor}", headers=eve)
    assert page.json()["items"] == []
    assert len((await client.get("/api/v1/credits/statement.csv", headers=eve)).text.splitlines()) == 1


async def _hold(db: AsyncSession, user: str, amount: int) -> None:
    await service.hold(
        db,
        key=uuid4().hex,
        debit=await service.user_account(db, UUID(user)),
        credit=await service.system_account(db, "fees"),
        amount=amount,
        purpose="draw",
        actor="test",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
