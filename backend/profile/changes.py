"""Changes of how an account is reached; the one who had the old way is told."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.outbox.service import mail
from backend.sessions.service import end_sessions
from backend.users.service import EmailTaken
from backend.users.tables import User


async def change_password(db: AsyncSession, user_id: UUID, encoded: str, keep_session: UUID | None) -> None:
    """Store a new password's hash, end every session but `keep_session`, and say so by mail."""
    user = await _locked(db, user_id)
    user.password_hash = encoded
    await end_sessions(db, user_id, keep=keep_session)
    await tell(db, user, "Your password was changed")


async def change_email(db: AsyncSession, user_id: UUID, email: str) -> None:
    """The account's address is `email`, and confirmed; raises EmailTaken."""
    user = await _locked(db, user_id)
    user.email, user.email_verified_at = email, datetime.now(UTC)
    try:
        await db.flush()
    except IntegrityError:
        raise EmailTaken(f"Another account has the address {email} by now. Choose another one.") from None


async def tell(db: AsyncSession, user: User, what: str) -> None:
    """Mail a notice to the address the account has."""
    await mail(
        db,
        user.id,
        user.email,
        "security_notice",
        {"what": what, "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"},
        user.locale,
    )


async def _locked(db: AsyncSession, user_id: UUID) -> User:
    return (await db.scalars(select(User).where(User.id == user_id).with_for_update(key_share=True))).one()
