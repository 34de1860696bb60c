"""Changes of how an account is reached; the one who had the old way is told."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notices.security import tell_owner
from backend.sessions.service import end_sessions
from backend.users.service import EmailTaken
from backend.users.tables import User


async def change_password(db: AsyncSession, user_id: UUID, encoded: str, keep_session: UUID | None) -> None:
    """Store a new password's hash, end every session but `keep_session`, and say so by mail."""
    user = await _locked(db, user_id)
    user.password_hash = encoded
    await end_sessions(db, user_id, keep=keep_session)
    await tell_owner(db, user_id, "user.change_password")


async def change_email(db: AsyncSession, user_id: UUID, email: str) -> bool:
    """The account's address is `email`, and confirmed; whether it is the first. Raises EmailTaken."""
    user = await _locked(db, user_id)
    is_first = user.email_verified_at is None
    user.email, user.email_verified_at = email, datetime.now(UTC)
    try:
        await db.flush()
    except IntegrityError:
        raise EmailTaken(f"Another account has the address {email} by now. Choose another one.") from None
    return is_first


async def _locked(db: AsyncSession, user_id: UUID) -> User:
    return (await db.scalars(select(User).where(User.id == user_id).with_for_update(key_share=True))).one()
