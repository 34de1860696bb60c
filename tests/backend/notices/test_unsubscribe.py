"""Ending notices: by one click, by the page, in the account; and only those that may be ended."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run
from backend.notices.kinds import MUTABLE
from backend.notices.service import notify
from backend.notices.unsubscribe import unsubscribe_link
from backend.outbox.tasks import deliver_mail
from backend.services import Services
from tests.backend.notices.kit import mails, run, somebody
from tests.backend.notices.test_templates import DATA
from tests.backend.test_account import bearer_of
from tests.backend.test_auth import register


async def tell(services: Services, user_id: UUID, template: str) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        await notify(db, user_id, template, DATA)


async def delivered(services: Services) -> list[EmailMessage]:
    """Everything that waits goes to the folder; what is there then."""
    for (mail_id,) in await run(services, "SELECT id FROM app.mail WHERE state = 'waiting'"):
        await deliver_mail(Run(services, 0, 0), str(mail_id))
    files = sorted(services.settings.mail_dir.glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


@pytest.mark.parametrize("kind", MUTABLE)
async def test_one_click__header_of_rfc_8058__ends_that_kind_alone(
    client: AsyncClient, services: Services, kind: str
) -> None:
    user_id, _ = await somebody(services, locale="de")
    await tell(services, user_id, kind)
    (message,) = await delivered(services)
    raw = next(services.settings.mail_dir.glob("*.eml")).read_bytes()
    header = message["List-Unsubscribe"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"List-Unsubscribe: {header}\r\n".encode() in raw, "one line, not in pieces"
    url = header.strip("<>")
    assert url.startswith(f"{services.settings.site}/")
    for part in ("plain", "html"):
        assert url in message.get_body((part,)).get_content()  # type: ignore[union-attr]
    # As Gmail does it: no cookies, no origin of ours.
    answer = await client.post(
        urlsplit(url).path, data={"List-Unsubscribe": "One-Click"}, headers={"origin": "https://mail.test"}
    )
    assert answer.status_code == 200
    assert "Erledigt" in answer.text
    for other in MUTABLE:
        await tell(services, user_id, other)
    # Of the ended kind, the one of before.
    assert {one: len(await mails(services, one)) for one in MUTABLE} == dict.fromkeys(MUTABLE, 1)


async def test_page__asks_first_in_the_accounts_language(client: AsyncClient, services: Services) -> None:
    user_id, _ = await somebody(services, locale="fr")
    async with AsyncSession(services.engine) as db:
        path = urlsplit(await unsubscribe_link(db, services.settings, user_id, "credits_low")).path
    page = await client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert '<form method="post">' in page.text
    assert "crédits" in page.text
    assert await run(services, 'SELECT muted_notices FROM app."user"') == [([],)]
    assert (await client.post(path)).status_code == 200
    assert (await client.post(path)).status_code == 200
    assert await run(services, 'SELECT muted_notices FROM app."user"') == [(["credits_low"],)]


async def test_link__forged_or_of_another__404_and_nothing_changes(
    client: AsyncClient, services: Services
) -> None:
    ada, _ = await somebody(services)
    bob, _ = await somebody(services)
    async with AsyncSession(services.engine) as db:
        url = await unsubscribe_link(db, services.settings, ada, "credits_low")
    token = urlsplit(url).path.rpartition("/")[2]
    who, kind, seal = token.split(".")
    for wrong in (
        f"{bob.hex}.{kind}.{seal}",
        f"{who}.renewal.{seal}",
        f"{who}.security_notice.{seal}",
        f"{who}.{kind}.{'0' * 32}",
        f"{who}.{kind}.",
        f"{'0' * 32}.{kind}.{seal}",
        "x",
    ):
        for method in ("GET", "POST"):
            answer = await client.request(method, f"/api/v1/notices/unsubscribe/{wrong}")
            assert (answer.status_code, answer.json()["code"]) == (404, "notice_link_invalid"), wrong
    assert await run(services, 'SELECT DISTINCT muted_notices FROM app."user"') == [([],)]


async def test_safety__has_no_such_header(services: Services) -> None:
    user_id, _ = await somebody(services)
    for template in ("security_notice", "welcome", "raffle_won"):
        await tell(services, user_id, template)
    found = await delivered(services)
    assert len(found) == 3
    assert [message["List-Unsubscribe"] for message in found] == [None] * 3


async def test_profile__ends_and_begins_again(client: AsyncClient, services: Services) -> None:
    await register(client)
    headers = await bearer_of(client)
    body = {"muted_notices": ["renewal", "credits_low", "renewal"]}
    shown = (await client.patch("/api/v1/me", json=body, headers=headers)).json()
    assert shown["muted_notices"] == ["credits_low", "renewal"]
    again = await client.patch("/api/v1/me", json={"muted_notices": []}, headers=headers)
    assert again.json()["muted_notices"] == []
    wrong = await client.patch("/api/v1/me", json={"muted_notices": ["security_notice"]}, headers=headers)
    assert wrong.status_code == 422


async def test_address_not_confirmed__no_notice(services: Services) -> None:
    user_id, _ = await somebody(services, confirmed=False)
    await tell(services, user_id, "credits_low")
    assert await mails(services, "credits_low") == []
