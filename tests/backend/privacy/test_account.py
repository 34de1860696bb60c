"""What one agreed to, what is kept how long, and what happened to one's account."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient
from sqlalchemy import text

from backend.consents.service import public_names, readers
from backend.jobs.app import Run
from backend.jobs.upkeep import clean
from backend.services import Services
from tests.backend.reads.facts import ChainOfFacts, hash_of
from tests.backend.reads.stories import draw_finalised, draw_requested, raffle_created, tickets_bought
from tests.backend.test_auth import PASSWORD, sign_in
from tests.backend.test_erasure import Person, run

CONSENTS = "/account/consents"


def with_documents(services: Services, version: str) -> None:
    documents = {
        "terms_version": version,
        "terms_url": "https://shop.example.com/terms",
        "privacy_version": "1",
        "privacy_url": "https://shop.example.com/privacy",
    }
    services.settings = services.settings.model_copy(update=documents)


async def test_documents__accepted_at_registration_and_again_when_they_change(
    client: AsyncClient, services: Services
) -> None:
    assert (await client.get("/api/v1/privacy/documents")).json() == {"items": []}
    with_documents(services, "2026-05")
    listed = (await client.get("/api/v1/privacy/documents")).json()["items"]
    assert [(one["subject"], one["version"]) for one in listed] == [
        ("terms", "2026-05"),
        ("privacy_notice", "1"),
    ]
    body: dict[str, Any] = {"email": "eva@example.org", "password": PASSWORD}
    for accepts in ({}, {"terms": "2026-05"}, {"terms": "2025", "privacy_notice": "1"}):
        refused = await client.post("/api/v1/users", json={**body, "accepts": accepts})
        assert (refused.status_code, refused.json()["code"]) == (409, "documents_not_accepted")
    assert [one["subject"] for one in refused.json()["documents"]] == ["terms"]
    accepts = {"terms": "2026-05", "privacy_notice": "1"}
    assert (await client.post("/api/v1/users", json={**body, "accepts": accepts})).status_code == 201
    headers = {"authorization": f"Bearer {await sign_in(client, 'eva@example.org')}"}
    client.cookies.clear()
    with_documents(services, "2026-11")
    found = (await client.get(f"/api/v1{CONSENTS}", headers=headers)).json()["documents"][0]
    assert (found["version"], found["accepted_version"]) == ("2026-11", "2026-05")
    path = f"/api/v1{CONSENTS}/documents/terms"
    old = await client.put(path, json={"version": "2026-05"}, headers=headers)
    assert (old.status_code, old.json()["code"]) == (409, "document_outdated")
    for _ in range(2):
        new = await client.put(path, json={"version": "2026-11"}, headers=headers)
        assert new.json()["documents"][0]["accepted_version"] == "2026-11"
    versions = [line["version"] for line in new.json()["history"] if line["subject"] == "terms"]
    assert versions == ["2026-11", "2026-05"], "twice is once, and what was accepted stays on record"


async def test_optional__given_and_taken_back__counts_at_once(
    client: AsyncClient, services: Services, ada: Person, bob: Person, facts: ChainOfFacts
) -> None:
    await ada.does("PATCH", "/me", json={"display_name": "Ada"})
    await bob.does("PATCH", "/me", json={"display_name": "Bob"})
    buyer = bytes.fromhex(ada.wallet[2:])
    facts.block(raffle_created(), tickets_bought(0, 5, buyer, 0))
    facts.block(draw_requested(5, 3), number=101)
    facts.block(draw_finalised(hash_of("seed"), 5, 3))
    await run(services, 'UPDATE app."user" SET email_verified_at = now()')

    async def told() -> tuple[str | None, list[str]]:
        winners = (await client.get("/api/v1/raffles/1/winners")).json()["items"]
        async with services.engine.connect() as db:
            return winners[0]["name"], [email for email, _ in await readers(db)]

    assert await told() == (None, [])
    for consent in ("public_name", "product_mails"):
        given = await ada.does("PUT", f"{CONSENTS}/optional/{consent}", json={"given": True})
    assert [one["given"] for one in given.json()["optional"]] == [True, True]
    assert await told() == ("Ada", ["ada@example.org"])
    async with services.engine.connect() as db:
        assert await public_names(db, [buyer, bytes.fromhex(bob.wallet[2:])]) == {buyer: "Ada"}
    for consent in ("public_name", "product_mails"):
        await ada.does("PUT", f"{CONSENTS}/optional/{consent}", json={"given": False})
    assert await told() == (None, [])
    history = (await ada.does("GET", CONSENTS)).json()["history"]
    assert [(line["subject"], line["given"]) for line in history] == [
        ("product_mails", False),
        ("public_name", False),
        ("product_mails", True),
        ("public_name", True),
    ]


async def test_retention__what_is_shown_is_what_is_done(
    client: AsyncClient, services: Services, ada: Person
) -> None:
    keep = {"keep_sessions_days": 3, "keep_mails_days": 4, "keep_events_days": 5, "keep_answers_days": 6}
    services.settings = services.settings.model_copy(update=keep)
    shown = {line["kind"]: line for line in (await client.get("/api/v1/privacy/retention")).json()["items"]}
    assert [shown[kind]["days"] for kind in ("sessions", "mails", "events", "answers")] == [3, 4, 5, 6]
    assert (shown["ledger"]["until"], shown["account"]["until"]) == ("always", "erasure")
    old = "INSERT INTO app.session (id, user_id, last_used_at, revoked_at, device)"
    for device, used, ended in (
        ("ended long ago", 9, 4),
        ("ended lately", 9, 2),
        ("left alone", 4, None),
        ("just left", 2, None),
    ):
        await run(
            services,
            f"{old} VALUES (gen_random_uuid(), :id, now() - make_interval(days => :used),"
            " now() - make_interval(days => :ended), :device)",
            id=ada.id,
            used=used,
            ended=ended,
            device=device,
        )
    for days in (3, 5):
        await run(
            services,
            "INSERT INTO app.mail (id, user_id, recipient, template, data, state, created_at) VALUES"
            " (gen_random_uuid(), :id, 'a@b.example', 'welcome', '{}', 'failed', now() - make_interval(days => :days))",
            id=ada.id,
            days=days,
        )
        await run(
            services,
            "INSERT INTO app.event (user_id, event, subject, payload, at) VALUES"
            " (:id, 'credits.changed', 'x', '{}', now() - make_interval(days => :days))",
            id=ada.id,
            days=days + 1,
        )
    await clean(Run(services, 0, 0))
    async with services.engine.connect() as db:
        devices = set(await db.scalars(text("SELECT device FROM app.session WHERE device LIKE '%l%'")))
        sent = await db.scalar(text("SELECT count(*) FROM app.mail WHERE state = 'failed'"))
        events = await db.scalar(text("SELECT count(*) FROM app.event WHERE subject = 'x'"))
    assert devices & {"ended long ago", "ended lately", "left alone", "just left"} == {
        "ended lately",
        "just left",
    }
    assert (sent, events) == (1, 1)
    assert (await ada.send("GET", "/me")).status_code == 200, "who is signed in stays so"


async def test_audit__mine_in_pages_with_roles_in_place_of_names(
    client: AsyncClient, services: Services, ada: Person, bob: Person, admin: Person
) -> None:
    why = {"reason": "You told us that your phone was stolen"}
    await admin.does("POST", f"/admin/users/{ada.id}/freeze", json=why)
    await admin.does("POST", f"/admin/users/{bob.id}/freeze", json={"reason": "About Bob alone"})
    await run(services, "UPDATE app.\"user\" SET role = 'support' WHERE id = :id", id=admin.id)
    await admin.does("GET", f"/admin/users/{ada.id}")
    await run(
        services,
        "INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state, created_at)"
        ' SELECT gen_random_uuid(), w.id, w.user_id, \'transfer\', \'{"to": "0x1", "amount": "5"}\', \'[]\','
        " 'confirmed', clock_timestamp() FROM app.wallet w WHERE w.user_id = :id",
        id=ada.id,
    )
    await ada.does("PUT", f"{CONSENTS}/optional/public_name", json={"given": True})
    items, cursor = [], None
    for _ in range(9):
        page = (
            await ada.does(
                "GET", "/account/audit", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [(one["actor"], one["action"], one["reason"]) for one in items] == [
        ("you", "consent.give", None),
        ("you", "wallet.withdraw", None),
        ("support", "user.read", None),
        ("support", "user.freeze", why["reason"]),
        ("you", "session.begin", None),
    ]
    whole = (await ada.does("GET", "/account/audit")).json()
    assert (whole["items"], whole["next_cursor"]) == (items, None)
    assert items[1]["detail"]["amount"] == "5"
    assert items[4]["device"] == "ada@example.org's browser"
    for other in (str(bob.id), str(admin.id), "About Bob alone"):
        assert other not in str(whole)
    staffs = str((await admin.does("GET", "/account/audit")).json())
    assert "user.freeze" in staffs
    for other in (str(ada.id), str(bob.id), "stolen", "About Bob alone"):
        assert other not in staffs, "what staff did to others tells nothing of them"
    malformed = await ada.send("GET", "/account/audit", params={"cursor": "1"})
    assert malformed.status_code == 422
