"""A copy of one's data: everything of one person, nothing of another, made once, gone when its time is over."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.data_export.service import expire, make
from backend.data_export.sources import NOT_IN_IT, SOURCES
from backend.db import make_engine
from backend.files.retention import KINDS, discard
from backend.privacy.erase import carry_out
from backend.services import Services
from backend.settings import Settings
from tests.backend.test_auth import sign_in
from tests.backend.test_erasure import Person, _contest, picture, run
from tests.backend.world import fresh_address
from tests.support.processes import Process

EXPORT = "/account/export"
MINE = "SELECT id FROM app.data_export WHERE user_id = :id ORDER BY requested_at DESC LIMIT 1"
OTHERS = ("bob.the.stranger", "Bob the stranger", "stranger.example.com")


async def live(services: Services, who: Person, admin: Person, name: str) -> str:
    """Something in every area; returns the id of a draft."""
    await who.does("PATCH", "/me", json={"display_name": name})
    await who.does("PUT", "/me/avatar", content=picture())
    await who.does("POST", "/factors/totp")
    await who.does("POST", "/api-keys", json={"name": f"{name}'s shop", "scopes": ["read"]})
    hook = {"url": f"http://{name.split()[-1].lower()}.example.com/hook", "events": ["credits.changed"]}
    await who.does("POST", "/webhooks", json=hook)
    await who.does("PUT", f"/policy/addresses/{fresh_address()}", json={"label": f"{name}'s savings"})
    await who.does("PUT", "/account/consents/optional/public_name", json={"given": True})
    why = {"reason": f"{name} lost a phone"}
    for change in ("freeze", "unfreeze"):
        await admin.does("POST", f"/admin/users/{who.id}/{change}", json=why)
    given = {"user_id": str(who.id), "purpose": "grant", "amount": "7", "reason": f"For {name}"}
    await admin.does("POST", "/admin/credits", json=given)
    await run(
        services,
        "INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state)"
        " SELECT gen_random_uuid(), w.id, w.user_id, 'buy_tickets', '{\"count\": \"3\"}', '[]', 'created'"
        " FROM app.wallet w WHERE w.user_id = :id",
        id=who.id,
    )
    await run(
        services,
        "INSERT INTO app.payment (id, user_id, credits, amount, currency) VALUES (:pi, :id, 10, 900, 'eur')",
        pi=f"pi_{name.split()[-1]}",
        id=who.id,
    )
    return await _contest(services, who, f"{name}'s giveaway")


async def copy_of(services: Services, who: Person) -> zipfile.ZipFile:
    """Asked for, made, downloaded."""
    await who.does("POST", EXPORT)
    await make(services, UUID(str(await run(services, MINE, id=who.id))))
    url = (await who.does("POST", f"{EXPORT}/link")).json()["url"]
    found = await who.client.get(url)
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(found.content))


async def test_every_column_of_every_table__is_in_it_or_has_a_reason(settings: Settings) -> None:
    """A new table or column fails this until somebody decided whether people get it."""
    columns = await _columns(settings)
    assert set(NOT_IN_IT) == set(columns) - {source.table for source in SOURCES}
    assert all(NOT_IN_IT.values())
    for source in SOURCES:
        assert not set(source.shown) & set(source.kept_back), source.table
        assert {*source.shown, *source.kept_back} == columns[source.table], source.table
        assert all(source.kept_back.values()), source.table
        assert set(source.instead) <= set(source.shown), source.table


async def _columns(settings: Settings) -> dict[str, set[str]]:
    engine = make_engine(settings.database_url, 1)
    async with engine.connect() as db:
        rows = await db.execute(
            text(
                "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN pg_tables t"
                " ON t.schemaname = c.table_schema AND t.tablename = c.table_name WHERE c.table_schema = 'app'"
            )
        )
        found: dict[str, set[str]] = {}
        for table, column in rows:
            found.setdefault(table, set()).add(column)
    await engine.dispose()
    return found


async def test_copy__has_everything_of_mine_nothing_of_others_and_no_secret(
    client: AsyncClient, services: Services, ada: Person, bob: Person, admin: Person
) -> None:
    contest = await live(services, ada, admin, "Ada Lovelace")
    await live(services, bob, admin, "Bob the stranger")
    copy = await copy_of(services, ada)
    assert copy.testzip() is None
    content = {name: copy.read(name) for name in copy.namelist()}
    areas = {name: json.loads(data) for name, data in content.items() if name.endswith(".json")}
    assert set(areas) == {*(f"{source.area}.json" for source in SOURCES), "contents.json"}

    def rows(area: str, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = areas[f"{area}.json"][table]
        return found

    assert rows("account", "user")[0]["display_name"] == "Ada Lovelace"
    assert [row["given"] for row in rows("account", "consent")] == [True]
    assert rows("transactions", "intent")[0]["params"] == {"count": "3"}
    assert rows("payments", "payment")[0]["amount"] == 900
    assert rows("contests", "contest")[0]["id"] == contest
    assert {row["account"] for row in rows("lists", "participant")} >= {"ana", "ben"}
    entry = rows("credits", "ledger_entry")[0]
    assert (entry["moved"], entry["memo"], entry["actor"]) == ("7", "For Ada Lovelace", "admin")
    assert (entry["debit_id"], entry["credit_id"], entry["debit_balance"]) == ("issuance", "you", None)
    freeze = rows("wallet", "freeze")[0]
    assert (freeze["actor"], freeze["lifted_by"]) == ("admin", "admin")
    told = {row["action"]: row for row in rows("audit", "audit_event")}
    assert told["user.freeze"]["detail"]["reason"] == "Ada Lovelace lost a phone"
    assert (told["user.freeze"]["actor"], told["session.begin"]["actor"]) == ("admin", "you")
    assert content["avatar.webp"][:4] == b"RIFF"
    assert b"ledger_entry" not in content["csv/statement-credit.csv"]
    assert content["csv/session.csv"].startswith("\ufeffid,user_id".encode())
    assert {f"csv/{table}.csv" for table in ("intent", "session", "webhook", "mail")} <= set(content)
    assert areas["contents.json"]["rows"]["session"] == 1
    everything = b"\n".join(content.values())
    for stranger in (*OTHERS, str(bob.id), str(admin.id), "root@example.org", bob.wallet.lower()):
        assert stranger.encode() not in everything, stranger
    assert not any(str(bob.id) in name for name in content)
    async with services.engine.connect() as db:
        for secret in (
            'SELECT password_hash FROM app."user" WHERE id = :id',
            "SELECT encode(secret_hash, 'hex') FROM app.api_key WHERE user_id = :id",
            "SELECT encode(secret, 'hex') FROM app.webhook WHERE user_id = :id",
            "SELECT encode(sealed, 'hex') FROM app.totp WHERE user_id = :id",
        ):
            assert str(await db.scalar(text(secret), {"id": ada.id})).encode() not in everything


async def test_asked_for__step_up_one_at_a_time_so_many_a_day_one_mail(
    client: AsyncClient, services: Services, ada: Person, bob: Person
) -> None:
    fresh = {"authorization": f"Bearer {await sign_in(client, 'ada@example.org')}"}
    client.cookies.clear()
    for path in (EXPORT, f"{EXPORT}/link"):
        refused = await client.post(f"/api/v1{path}", headers=fresh)
        assert refused.json()["code"] == "step_up_required"
    assert (await ada.send("GET", EXPORT)).json()["code"] == "data_export_not_found"
    answers = await asyncio.gather(*(ada.send("POST", EXPORT) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert (await ada.does("GET", EXPORT)).json()["state"] == "waiting"
    assert (await ada.send("POST", f"{EXPORT}/link")).status_code == 404
    export = UUID(str(await run(services, MINE, id=ada.id)))
    await asyncio.gather(*(make(services, export) for _ in range(3)))
    shown = (await ada.does("GET", EXPORT)).json()
    assert (shown["state"], shown["bytes"] > 0) == ("ready", True)
    told = "SELECT count(*) FROM app.mail WHERE template = 'data_export'"
    assert await run(services, told) == 1
    assert (await bob.send("POST", f"{EXPORT}/link")).status_code == 404, "it is Ada's"
    for _ in range(2):
        await ada.does("POST", EXPORT)
        await run(
            services, "UPDATE app.data_export SET finished_at = now(), expires_at = now() WHERE bytes IS NULL"
        )
    often = await ada.send("POST", EXPORT)
    assert (often.status_code, often.json()["code"]) == (429, "data_export_too_often")
    assert 0 < int(often.headers["retry-after"]) <= 86_400
    assert (await ada.does("GET", EXPORT)).json()["state"] == "failed"


async def test_copy_of_old__is_deleted_with_its_file_and_with_the_account(
    client: AsyncClient, services: Services, ada: Person, tmp_path: Path
) -> None:
    folder = services.settings.files_dir / "exports"
    await copy_of(services, ada)
    assert len(list(folder.iterdir())) == 1
    assert await expire(services) == 0
    await run(services, "UPDATE app.data_export SET expires_at = now()")
    assert await expire(services) == 1
    assert list(folder.iterdir()) == []
    assert (await ada.does("GET", EXPORT)).json()["state"] == "expired"
    assert (await ada.send("POST", f"{EXPORT}/link")).status_code == 404
    await copy_of(services, ada)
    erasure = (
        "INSERT INTO app.erasure (id, user_id, requested_at, due_at, obstacles)"
        " VALUES (gen_random_uuid(), :id, now(), now(), '[]') RETURNING id"
    )
    assert (await carry_out(services, UUID(str(await run(services, erasure, id=ada.id))))).done
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("moment", ["mid", "written"])
async def test_killed_while_it_is_made__made_again__nothing_half(
    services: Services, ada: Person, moment: str
) -> None:
    await ada.does("POST", EXPORT)
    export = UUID(str(await run(services, MINE, id=ada.id)))
    settings = services.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "FILES_DIR": str(settings.files_dir),
    }
    command = [sys.executable, "-m", "tests.backend.privacy.dying_export", str(export), moment]
    with Process(command, env=environment) as victim:
        assert victim.wait() == -9, victim.text
    assert (await ada.does("GET", EXPORT)).json()["state"] == "waiting"
    assert (await ada.send("POST", f"{EXPORT}/link")).status_code == 404
    await make(services, export)
    url = (await ada.does("POST", f"{EXPORT}/link")).json()["url"]
    found = zipfile.ZipFile(io.BytesIO((await ada.client.get(url)).content))
    assert found.testzip() is None
    kind = next(kind for kind in KINDS if kind.name == "exports")
    assert await discard(services.files, services.engine, kind) == 0, "its row names it"


async def test_account_goes_while_it_is_made__no_file_stays(services: Services, ada: Person) -> None:
    await ada.does("POST", EXPORT)
    export = UUID(str(await run(services, MINE, id=ada.id)))
    write = services.files.write

    async def write_and_erase(*arguments: Any) -> int:
        size = await write(*arguments)
        await run(services, 'DELETE FROM app."user" WHERE id = :id', id=ada.id)
        return size

    services.files.write = write_and_erase  # type: ignore[method-assign]
    await make(services, export)
    assert list((services.settings.files_dir / "exports").iterdir()) == []
