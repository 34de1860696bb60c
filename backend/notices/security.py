"""Telling an account's owner by mail of each change of how the account is reached. These notices always come."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.languages import DEFAULT_LANGUAGE
from backend.outbox.service import mail
from backend.outbox.templates.texts import texts_of
from backend.users.tables import User


async def tell_owner(db: AsyncSession, user_id: UUID, what: str, **values: str) -> None:
    """Mail the sentence `what` of `outbox/templates/*.toml`, filled with `values`, to the address the account has.

    Raises LookupError for a sentence that is not there.
    """
    if what not in texts_of(DEFAULT_LANGUAGE).sentences:
        raise LookupError(f"there is no sentence {what!r} in backend/outbox/templates")
    email = (await db.execute(select(User.email).where(User.id == user_id))).scalar_one()
    when = datetime.now(UTC).isoformat(timespec="seconds")
    await mail(db, user_id, email, "security_notice", {"what": what, "when": when, **values})
