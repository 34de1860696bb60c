"""Whether an account is still there: it may be erased while a request of its own is under way."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError, bug, problem
from backend.users.tables import User

_OF_AN_ACCOUNT = "_user_id_fkey"


class AccountErased(AppError):
    """The account was erased while this request was under way"""

    status = 401

    def __init__(self) -> None:
        super().__init__("Your account was erased while this request was under way. Nothing was changed.")


async def require_account(db: AsyncSession, user_id: UUID) -> None:
    """Keep the account until the transaction ends; for what refers to the pseudonym alone. Raises AccountErased."""
    # FOR KEY SHARE, as a foreign key takes it: requests of one account do not wait for each other.
    query = select(User.id).where(User.id == user_id).with_for_update(read=True, key_share=True)
    if await db.scalar(query) is None:
        raise AccountErased


async def answer(request: Request, raised: Exception) -> JSONResponse:
    """A foreign key to an account that is gone is AccountErased; any other broken rule of the schema is our bug."""
    broken = getattr(getattr(raised, "orig", None), "__cause__", None)
    if not str(getattr(broken, "constraint_name", None)).endswith(_OF_AN_ACCOUNT):
        return await bug(request, raised)
    refused = AccountErased()
    return problem(request, refused.status, refused.code, refused.title, refused.detail)
