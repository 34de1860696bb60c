"""Saying that something is to leave, in the transaction in which it is true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.enqueue import enqueue
from backend.languages import DEFAULT_LANGUAGE
from backend.outbox.events import KNOWN
from backend.outbox.message import check_recipient
from backend.outbox.tables import Event, Mail
from backend.outbox.templates import render
from backend.users.tables import User

MAIL_QUEUE = "mail"
DELIVER_MAIL = "deliver_mail"


async def mail(
    db: AsyncSession,
    user_id: UUID,
    to: str,
    template: str,
    data: Mapping[str, str],
    *,
    once: str | None = None,
) -> None:
    """Send a mail once this transaction has committed; `template` is one of `templates/`, `data` its values as text
    (times in ISO 8601).

    `user_id` is the account it is about: it is written in that account's language, and its row goes with the account.
    With `once`, only the first mail of that name is sent: for a task that may run again.
    Raises ValueError for an address that is none, LookupError for a template or a value that is missing.
    """
    check_recipient(to)
    locale = await db.scalar(select(User.locale).where(User.id == user_id)) or DEFAULT_LANGUAGE
    render(template, data, locale)
    mail_id = uuid4() if once is None else uuid5(NAMESPACE_OID, once)
    added = await db.scalar(
        insert(Mail)
        .values(
            id=mail_id, user_id=user_id, recipient=to, template=template, language=locale, data=dict(data)
        )
        .on_conflict_do_nothing()
        .returning(Mail.id)
    )
    if added is None:
        return
    await enqueue(db, DELIVER_MAIL, {"mail_id": str(mail_id)}, queue=MAIL_QUEUE)


async def publish(
    db: AsyncSession, user_id: UUID | None, event: str, subject: str, payload: Mapping[str, Any]
) -> None:
    """Tell a person's streams and webhooks, once this transaction has committed, what happened to `subject`.

    Raises LookupError for an event that `events.py` does not list. `payload` is JSON; amounts are text.
    """
    if event not in KNOWN:
        raise LookupError(f"{event!r} is no event: add it to backend/outbox/events.py")
    await db.execute(
        insert(Event).values(user_id=user_id, event=event, subject=subject, payload=dict(payload))
    )
