"""Mail: written with the business rows, delivered after they have committed, once."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.outbox.message import check_recipient
from backend.outbox.service import mail
from backend.outbox.templates import render
from tests.backend.working import comes_true, worker
from tests.backend.world import World

LINK = {"link": "https://tombola.test/verify#abc", "expires": "tomorrow"}


async def send(world: World, to: str, template: str = "verify_email", **data: str) -> None:
    async with AsyncSession(world.services.engine) as db, db.begin():
        await mail(db, (await world.person()).id, to, template, {**LINK, **data})


def read(folder: Path) -> list[EmailMessage]:
    """Mails in the folder, oldest first."""
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


async def test_folder__after_commit__text_and_html(world: World) -> None:
    async with worker(world.services):
        await send(world, "ann@example.org")
        await comes_true(world.services, "SELECT count(*) FROM app.mail WHERE state = 'sent'")
    (message,) = read(world.services.settings.mail_dir)
    assert (message["To"], message["Subject"]) == ("ann@example.org", "Confirm your e-mail address")
    assert LINK["link"] in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f'href="{LINK["link"]}"' in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    async with world.services.engine.connect() as db:
        row = (await db.execute(text("SELECT id, data FROM app.mail"))).one()
    assert message["Message-ID"].startswith(f"<{row.id}@")
    assert row.data == {}, "a link that lets somebody in is not kept"


async def test_rolled_back__no_mail_and_no_job(world: World) -> None:
    async with AsyncSession(world.services.engine) as db:
        await mail(db, (await world.person()).id, "ann@example.org", "verify_email", LINK)
        await db.rollback()
    async with world.services.engine.connect() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.mail")) == 0
        assert await db.scalar(text("SELECT count(*) FROM jobs.procrastinate_jobs")) == 0


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "a b@example.org",
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org\n",
        "a@b, c@d",
    ],
)
def test_recipient__not_one_address__refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        check_recipient(address)


def test_values__neither_headers_nor_markup(world: World) -> None:
    content = render("security_notice", {"what": "x\r\nBcc: c@d.org\r\n\r\n<b>", "when": "now"})
    assert content.subject == "Tombola: x Bcc: c@d.org <b>"
    assert "<b>" not in content.html
    assert "&lt;b&gt;" in content.html


def test_template__missing_or_value_missing__said_at_once() -> None:
    with pytest.raises(LookupError, match="no_such"):
        render("no_such", {})
    with pytest.raises(LookupError, match="link"):
        render("verify_email", {"expires": "now"})


def test_language_we_do_not_write_in__english() -> None:
    assert render("verify_email", LINK, "nl") == render("verify_email", LINK)
