"""Whose key is this, and may it do this? Asked by `backend.auth.current_user` alone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api_keys.scopes import decision
from backend.api_keys.tables import ApiKey
from backend.errors import AppError

BEGINNING = "tk_"
NOTED_EVERY = timedelta(minutes=1)


class ApiKeyRefused(AppError):
    """The API key is unknown, expired or revoked"""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "The API key is unknown, expired or revoked. Make a new one in your account.",
            headers={"WWW-Authenticate": "Bearer"},
        )


class ScopeMissing(AppError):
    """The API key has not the scope that this needs, or no key may do it: `scope` is null then"""

    status = 403


async def key_owner(db: AsyncSession, token: str, operation: str) -> tuple[UUID, UUID]:
    """The account and the id of a key that may do `operation`, `GET /wallet`.

    Raises ApiKeyRefused, ScopeMissing. Notes the use, at most once a minute, in a transaction of its own.
    """
    now = datetime.now(UTC)
    key = await db.scalar(
        select(ApiKey).where(
            ApiKey.secret_hash == secret_hash(token), ApiKey.revoked_at.is_(None), ApiKey.expires_at > now
        )
    )
    if key is None:
        raise ApiKeyRefused
    needed = decision(operation)
    if needed == "never":
        raise ScopeMissing(f"No API key may do {operation}: sign in instead.", scope=None)
    if needed not in key.scopes:
        raise ScopeMissing(
            f"{operation} needs the scope {needed}, and this key has {', '.join(sorted(key.scopes))}.",
            scope=needed,
        )
    if key.last_used_at is None or key.last_used_at < now - NOTED_EVERY:
        await db.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))
        await db.commit()  # reads end their transaction without keeping anything
    return key.user_id, key.id


def secret_hash(token: str) -> bytes:
    """What the database keeps of a key; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()
