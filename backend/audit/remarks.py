"""What people write about people: kept beside the logs that are only added to, which have a seal of it.

The seal is HMAC-SHA256 under a key of that person's account. While the account is there the text can be checked
against the chain; with the account text and key are deleted, and what stays in the chain says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.audit.tables import Remark
from backend.users.tables import User


async def seal(db: AsyncSession | AsyncConnection, user_id: UUID | None, text: str) -> str:
    """Keep the text with the person's account; returns what goes into a log in its place.

    The same text about the same person has the same seal. About nobody (None), the text itself is returned.
    """
    if user_id is None:
        return text
    key = (await db.execute(select(User.remark_key).where(User.id == user_id))).scalar_one()
    sealed = "sealed:" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    await db.execute(insert(Remark).values(user_id=user_id, seal=sealed, text=text).on_conflict_do_nothing())
    return sealed
