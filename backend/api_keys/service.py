"""Making and revoking keys."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api_keys.identify import BEGINNING, secret_hash
from backend.api_keys.schemas import ApiKeyIn
from backend.api_keys.tables import ApiKey
from backend.errors import AppError, NotFound
from backend.factors.notices import tell
from backend.users.tables import User

MOST_KEYS = 25
_SIGNS = string.ascii_lowercase + string.digits
_PREFIX_LENGTH = 10


class TooManyApiKeys(AppError):
    """The account has as many keys as it may; revoke one first"""

    status = 409


class ApiKeyNotFound(NotFound):
    """No such key of yours, or it is revoked already"""


async def make(db: AsyncSession, user_id: UUID, body: ApiKeyIn) -> tuple[ApiKey, str]:
    """A new key and its secret, to be shown once. Raises TooManyApiKeys."""
    # Locked, so that keys made at once do not pass the limit together.
    await db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    query = select(func.count()).select_from(ApiKey)
    count = await db.scalar(query.where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))) or 0
    if count >= MOST_KEYS:
        raise TooManyApiKeys(
            f"The account has {count} keys, the most it may have. Revoke one first.", most=count
        )
    prefix = BEGINNING + "".join(secrets.choice(_SIGNS) for _ in range(_PREFIX_LENGTH))
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        user_id=user_id,
        name=body.name,
        prefix=prefix,
        secret_hash=secret_hash(token),
        scopes=sorted(set(body.scopes)),
        created_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=body.expires_in_days),
    )
    db.add(key)
    await db.flush()
    await tell(db, user_id, "api_key.made", name=body.name, prefix=prefix)
    return key, token


async def keys_of(db: AsyncSession, user_id: UUID) -> list[ApiKey]:
    """Those not revoked, oldest first; expired ones too."""
    query = select(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    return list(await db.scalars(query.order_by(ApiKey.created_at, ApiKey.id)))


async def revoke(db: AsyncSession, user_id: UUID, key_id: UUID) -> None:
    """End a key; raises ApiKeyNotFound."""
    row = (
        await db.execute(
            update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=datetime.now(UTC))
            .returning(ApiKey.name, ApiKey.prefix)
        )
    ).one_or_none()
    if row is None:
        raise ApiKeyNotFound(f"You have no key {key_id} that works.")
    await tell(db, user_id, "api_key.revoked", name=row.name, prefix=row.prefix)
