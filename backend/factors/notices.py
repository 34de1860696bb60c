"""What the owner is told about each change of how their account is reached."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.outbox.service import mail
from backend.users.tables import User


async def tell(db: AsyncSession, user_id: UUID, action: str, what: str) -> None:
    """Mail the sentence `what` to the owner and keep `action` in the audit log, in this transaction.

    The log gets no names: it outlives the account.
    """
    email = await db.scalar(select(User.email).where(User.id == user_id))
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    await mail(db, user_id, str(email), "security_notice", {"what": what, "when": when})
    await record(db, f"user:{user_id}", action, f"user:{user_id}", {})
