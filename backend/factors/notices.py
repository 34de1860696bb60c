"""What the owner is told about each change of how their account is reached."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.notices.security import tell_owner


async def tell(db: AsyncSession, user_id: UUID, action: str, **values: str) -> None:
    """Mail the sentence of `action`, filled with `values`, to the owner and keep `action` in the audit log, in this
    transaction.

    The log gets no names: it outlives the account.
    """
    await tell_owner(db, user_id, action, **values)
    await record(db, f"user:{user_id}", action, f"user:{user_id}", {})
