"""Taking one's own key away: step-up, waiting time with notice, cancelling, one keystore."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from eth_account import Account
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.policies.service import freeze
from backend.services import Services
from backend.settings import Settings, SettingsError, load_settings
from backend.wallets.kms import KmsError
from tests.backend.test_auth import register, sign_in, step_up

PASSPHRASE = "seven lonely words that nobody knows"
EXPORT = "/api/v1/wallet/export"


@pytest.fixture
async def bearer(client: AsyncClient) -> dict[str, str]:
    await register(client)
    token = await sign_in(client)
    client.cookies.clear()
    return {"authorization": f"Bearer {token}"}


async def scalar(services: Services, statement: str) -> Any:
    async with services.engine.begin() as db:
        return (await db.execute(text(statement))).scalar()


async def wait_is_over(services: Services) -> None:
    await_ = "UPDATE app.wallet_export SET requested_at = requested_at - interval '2 days',"
    async with services.engine.begin() as db:
        await db.execute(
            text(
                f"{await_} ready_at = now() - interval '1 s' WHERE cancelled_at IS NULL AND retrieved_at IS NULL"
            )
        )


async def retrieve(client: AsyncClient, bearer: dict[str, str], passphrase: str = PASSPHRASE) -> Any:
    return await client.post(f"{EXPORT}/retrieve", json={"passphrase": passphrase}, headers=bearer)


async def mailed_token(services: Services) -> str:
    link = await scalar(services, "SELECT data->>'link' FROM app.mail WHERE template = 'wallet_export'")
    return str(re.fullmatch(r"http://[^/\s]+/cancel-export#(\S+)", link)[1])  # type: ignore[index]


async def test_export__step_up_wait_then_the_key_once(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    refused = await client.post(EXPORT, headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    await step_up(client, bearer)
    asked = await client.post(EXPORT, headers=bearer)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    again = await client.post(EXPORT, headers=bearer)
    assert (again.status_code, again.json()["code"]) == (409, "export_pending")
    early = await retrieve(client, bearer)
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    assert early.json()["ready_at"].replace("+00:00", "Z") == asked.json()["ready_at"]
    await wait_is_over(services)
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "ready"
    short = await retrieve(client, bearer, "too short")
    assert short.status_code == 422
    assert "too short" not in short.text
    answers = await asyncio.gather(retrieve(client, bearer), retrieve(client, bearer))
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    (taken,) = [answer for answer in answers if answer.status_code == 200]
    assert taken.headers["cache-control"] == "no-store"
    key = Account.decrypt(taken.json()["keystore"], PASSPHRASE)
    wallet = (await client.get("/api/v1/wallet", headers=bearer)).json()
    assert Account.from_key(key).address == wallet["address"] == taken.json()["address"]
    assert wallet["exported_at"] is not None
    assert "freezes the wallet" in taken.json()["meaning"]
    assert (await retrieve(client, bearer)).json()["code"] == "export_not_found"
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "retrieved"
    actions = "SELECT array_agg(action ORDER BY id) FROM app.audit_event WHERE action LIKE 'wallet_export%'"
    assert await scalar(services, actions) == ["wallet_export.request", "wallet_export.retrieve"]
    mails = await scalar(services, "SELECT array_agg(template ORDER BY created_at) FROM app.mail")
    assert mails[-2:] == ["wallet_export", "security_notice"]


async def test_cancel__by_the_owner__the_key_stays(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    assert (await client.delete(EXPORT, headers=bearer)).json()["code"] == "export_not_found"
    assert (await client.get(EXPORT, headers=bearer)).json()["code"] == "export_not_found"
    await step_up(client, bearer)
    await client.post(EXPORT, headers=bearer)
    assert (await client.delete(EXPORT, headers=bearer)).status_code == 204
    await wait_is_over(services)
    assert (await retrieve(client, bearer)).status_code == 404
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "cancelled"
    assert (await client.post(EXPORT, headers=bearer)).status_code == 202


async def test_cancel__by_the_notice__without_signing_in_and_not_by_looking(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    await step_up(client, bearer)
    await client.post(EXPORT, headers=bearer)
    token = await mailed_token(services)
    page = await client.get(f"{EXPORT}/cancel", params={"token": token})
    assert page.headers["content-type"].startswith("text/html")
    assert f'action="cancel?token={token}"' in page.text
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "waiting"
    wrong = await client.post(f"{EXPORT}/cancel", params={"token": "x" * 43})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "export_not_found")
    assert (await client.post(f"{EXPORT}/cancel", params={"token": token})).status_code == 204
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "cancelled"
    assert (await client.post(f"{EXPORT}/cancel", params={"token": token})).status_code == 404
    assert (
        await scalar(services, "SELECT actor FROM app.audit_event ORDER BY id DESC LIMIT 1") == "mail:notice"
    )
    stored = await scalar(services, "SELECT encode(cancel_hash, 'escape') FROM app.wallet_export")
    assert token not in stored


async def test_cancelled_while_the_keystore_is_made__no_key_leaves(
    client: AsyncClient, bearer: dict[str, str], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await step_up(client, bearer)
    await client.post(EXPORT, headers=bearer)
    await wait_is_over(services)
    opened = services.kms.open

    async def cancel_then_open(sealed: bytes, context: Any) -> bytes:
        await client.delete(EXPORT, headers=bearer)
        return await opened(sealed, context)

    monkeypatch.setattr(services.kms, "open", cancel_then_open)
    answer = await retrieve(client, bearer)
    assert (answer.status_code, answer.json()["code"]) == (404, "export_not_found")


async def test_expired__has_to_be_asked_for_again(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    await step_up(client, bearer)
    await client.post(EXPORT, headers=bearer)
    async with services.engine.begin() as db:
        await db.execute(
            text(
                "UPDATE app.wallet_export SET requested_at = now() - interval '9 days',"
                " ready_at = now() - interval '8 days', expires_at = now() - interval '1 day'"
            )
        )
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "expired"
    assert (await retrieve(client, bearer)).status_code == 404
    assert (await client.post(EXPORT, headers=bearer)).status_code == 202


async def test_frozen_wallet_or_key_service_away__no_key_and_not_used_up(
    client: AsyncClient, bearer: dict[str, str], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await step_up(client, bearer)
    await client.post(EXPORT, headers=bearer)
    await wait_is_over(services)

    async def away(_sealed: bytes, _context: Any) -> bytes:
        raise KmsError("throttled")

    with monkeypatch.context() as patch:
        patch.setattr(services.kms, "open", away)
        answer = await retrieve(client, bearer)
        assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable")
    wallet_id = await scalar(services, "SELECT id FROM app.wallet WHERE role = 'user'")
    async with AsyncSession(services.engine) as db, db.begin():
        await freeze(db, wallet_id, "reported stolen", "user:1")
    answer = await retrieve(client, bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_frozen")
    assert (await client.get(EXPORT, headers=bearer)).json()["state"] == "ready"


def test_waiting_time__a_day_in_production_a_minute_locally(settings: Settings) -> None:
    assert settings.export_wait.total_seconds() == 60
    assert settings.model_copy(update={"environment": "production"}).export_wait.total_seconds() == 86_400
    assert settings.model_copy(update={"export_wait_seconds": 5}).export_wait.total_seconds() == 5


def test_waiting_time__too_short_for_production__refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    for name, value in (("DATABASE_URL", "postgresql:///x"), ("RPC_URLS", "http://x"), ("REGISTRY", "x")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("JWT_SECRET", "s" * 40)
    monkeypatch.setenv("PUBLIC_URL", "https://tombola.example.org")
    monkeypatch.setenv("KMS_URL", "awskms:///k")
    monkeypatch.setenv("EXPORT_WAIT_SECONDS", "60")
    with pytest.raises(SettingsError, match="EXPORT_WAIT_SECONDS is below 3600"):
        load_settings()
