"""Ending sessions: their access and refresh tokens end with them, at once."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.users.tables import Session


async def end_session(db: AsyncSession, user_id: UUID, session_id: UUID) -> bool:
    """End one session of the account; False when it has no such open session."""
    ended = await db.scalar(
        update(Session)
        .where(Session.id == session_id, Session.user_id == user_id, Session.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(Session.id)
    )
    return ended is not None


async def end_sessions(db: AsyncSession, user_id: UUID, keep: UUID | None = None) -> int:
    """End all sessions of the account, or all but one; returns how many."""
    query = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if keep is not None:
        query = query.where(Session.id != keep)
    ended = await db.scalars(query.values(revoked_at=datetime.now(UTC)).returning(Session.id))
    return len(ended.all())
