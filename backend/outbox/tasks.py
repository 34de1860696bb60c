"""Delivering mail."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.errors import PermanentError
from backend.jobs.redact import clean_line
from backend.notices.kinds import MUTABLE
from backend.notices.unsubscribe import unsubscribe_link
from backend.outbox.message import build
from backend.outbox.metrics import MAILS
from backend.outbox.service import DELIVER_MAIL, MAIL_QUEUE
from backend.outbox.tables import Mail
from backend.outbox.templates import render
from backend.outbox.transport import RecipientRefusedError, send


@task(DELIVER_MAIL, queue=MAIL_QUEUE, limit=60, attempts=12)
async def deliver_mail(run: Run, mail_id: str) -> None:
    """Send one mail. The row's lock is held meanwhile, so two workers never send it at the same time.

    Killed between the server's yes and our commit, it is sent again with the same Message-ID.
    """
    settings = run.services.settings
    refused: PermanentError | None = None
    async with AsyncSession(run.services.engine) as db, db.begin():
        mail = await db.scalar(select(Mail).where(Mail.id == UUID(mail_id)).with_for_update())
        if mail is None or mail.state == "sent":
            return
        unsubscribe = None
        if mail.template in MUTABLE:
            unsubscribe = await unsubscribe_link(db, settings, mail.user_id, mail.template)
        content = render(mail.template, mail.data, mail.language, unsubscribe)
        message = build(mail.id, settings.mail_from, mail.recipient, content, mail.created_at, unsubscribe)
        name = f"{mail.created_at:%Y%m%dT%H%M%S}-{mail.template}-{mail.id}"
        try:
            await send(settings, name, message)
        except PermanentError as error:
            refused = error
            MAILS.labels("no_recipient" if isinstance(error, RecipientRefusedError) else "refused").inc()
            mail.state, mail.error = "failed", clean_line(error)
        except Exception:
            MAILS.labels("failed").inc()
            raise
        else:
            MAILS.labels("sent").inc()
            mail.state, mail.error = "sent", None
            mail.sent_at, mail.data = datetime.now(UTC), {}
    if refused is not None:
        raise refused
