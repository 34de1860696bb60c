"""Changes made on what was read: refused when somebody else was quicker, and never for what nobody edited."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.participants.importing import read_import
from backend.services import Services
from tests.backend.idempotency.test_keys import HOOK, Person, code, person
from tests.backend.reads.contest_kit import DRAFT
from tests.backend.reads.facts import ChainOfFacts

POLICY = {"allow_list_only": False, "limits": []}


class Editor(Person):
    """Somebody who sends what they read as If-Match."""

    async def edit(self, method: str, path: str, tag: str | None, body: Any = None) -> Any:
        matched = {} if tag is None else {"If-Match": tag}
        return await self.client.request(
            method, f"/api/v1{path}", json=body, headers={**self.headers, **matched}
        )

    async def tag(self, path: str) -> str:
        answer = await self("GET", path, None)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])


@pytest.fixture
async def ada(client: AsyncClient, facts: ChainOfFacts) -> Editor:
    facts.block()
    signed_in = await person(client)
    return Editor(client, signed_in.headers)


async def test_every_thing_that_is_edited__refuses_a_change_made_on_an_old_edition(
    app: FastAPI, ada: Editor
) -> None:
    hook = (await ada("POST", "/webhooks", None, HOOK)).json()["id"]
    made = await ada("POST", "/contests", None, DRAFT)
    contest = f"/contests/{made.json()['id']}"
    assert made.headers["location"] == f"/api/v1{contest}"
    assert made.headers["etag"] == await ada.tag(contest)
    edits: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "/me": ("PATCH", {"display_name": "Ada"}, {"display_name": "Countess"}),
        "/policy": ("PUT", POLICY, {**POLICY, "allow_list_only": True}),
        f"/webhooks/{hook}": ("PATCH", {"enabled": False}, {"url": "https://shop.example.com/other"}),
        contest: ("PATCH", {"title": "Meadow"}, {"title": "Heath"}),
    }
    for path, (method, mine, theirs) in edits.items():
        read = await ada.tag(path)
        assert read == await ada.tag(path)
        first = await ada.edit(method, path, read, theirs)
        assert first.status_code == 200, first.text
        assert first.headers["etag"] == await ada.tag(path) != read
        late = await ada.edit(method, path, read, mine)
        assert code(late) == (412, "changed_meanwhile"), path
        assert late.headers["etag"] == first.headers["etag"]
        assert (await ada("GET", path, None)).headers["etag"] == first.headers["etag"]
        # Weak tags are equal to nothing, a list is any of it, a star is whatever there is, and no tag asks for nothing.
        now = first.headers["etag"]
        assert (await ada.edit(method, path, f"W/{now}", mine)).status_code == 412
        assert (await ada.edit(method, path, f'"x", {now}', mine)).status_code == 200
        assert (await ada.edit(method, path, "*", theirs)).status_code == 200
        assert (await ada.edit(method, path, None, mine)).status_code == 200
        for wrong in ("x", '"open', now[1:-1], ""):
            assert code(await ada.edit(method, path, wrong, mine)) == (422, "invalid_input"), wrong
    old = await ada.tag(contest)
    assert (await ada.edit("PUT", f"{contest}/filters", old, [])).status_code == 200
    assert (await ada.edit("PATCH", contest, old, {"rules": "Two entries each."})).status_code == 200
    for method, path in (("POST", f"{contest}/announce"), ("DELETE", contest)):
        assert code(await ada.edit(method, path, old)) == (412, "changed_meanwhile")
    keyed = {**ada.headers, "Idempotency-Key": "commit", "If-Match": old}
    assert (await ada.client.post(f"/api/v1{contest}/commit", headers=keyed)).status_code == 412
    assert (await ada.edit("DELETE", f"/webhooks/{hook}", None)).status_code == 204
    assert (await ada.edit("DELETE", contest, await ada.tag(contest))).status_code == 204


async def test_what_counts_up_by_itself__refuses_nobody(
    app: FastAPI, ada: Editor, services: Services, facts: ChainOfFacts
) -> None:
    contest = f"/contests/{(await ada('POST', '/contests', None, DRAFT)).json()['id']}"
    hook = (await ada("POST", "/webhooks", None, HOOK)).json()["id"]
    read = [await ada.tag(path) for path in (contest, f"/webhooks/{hook}")]
    imported = await ada("POST", f"{contest}/imports", None, {"text": "@ana\n@ben"})
    await read_import(services, UUID(imported.json()["id"]))
    facts.block()
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.webhook SET last_success_at = now()"))
    assert (await ada("GET", contest, None)).json()["entries"] == 2
    assert read == [await ada.tag(path) for path in (contest, f"/webhooks/{hook}")]


async def test_two_windows_at_once__one_wins(app: FastAPI, ada: Editor) -> None:
    for path, method, name in (("/me", "PATCH", "display_name"),):
        tag = await ada.tag(path)
        answers = await asyncio.gather(*(ada.edit(method, path, tag, {name: f"Ada {n}"}) for n in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5


async def test_contest_of_somebody_else__tells_visitors_no_edition(
    app: FastAPI, ada: Editor, client: AsyncClient
) -> None:
    contest = f"/contests/{(await ada('POST', '/contests', None, DRAFT)).json()['id']}"
    assert (await ada("POST", f"{contest}/announce", None)).status_code == 200
    client.cookies.clear()
    seen = await client.get(f"/api/v1{contest}")
    assert seen.status_code == 200
    assert seen.headers["etag"].startswith("W/"), "of the bytes, as caches need it"
