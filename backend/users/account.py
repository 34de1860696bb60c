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


async def is_there(db: AsyncSession, user_id: UUID) -> bool:
    """Whether the account was not erased; then it stays until the transaction ends."""
    # FOR KEY SHARE, as a foreign key takes it: requests of one account do not wait for each other.
    query = select(User.id).where(User.id == user_id).with_for_update(read=True, key_share=True)
    return await db.scalar(query) is not None


async def require_account(db: AsyncSession, user_id: UUID) -> None:
    """Keep the account until the transaction ends; for what refers to the pseudonym alone. Raises AccountErased."""
    if not await is_there(db, user_id):
        raise AccountErased


async def answer(request: Request, raised: Exception) -> JSONResponse:
    """What went wrong because the account of who asks is gone is AccountErased; anything else is our bug.

    It may show as a foreign key without its account, or as a row of it that is not there any more.
    """
    broken = getattr(getattr(raised, "orig", None), "__cause__", None)
    if not str(getattr(broken, "constraint_name", None)).endswith(_OF_AN_ACCOUNT) and not await _is_gone(
        request
    ):
        return await bug(request, raised)
    refused = AccountErased()
    return problem(request, refused.status, refused.code, refused.title, refused.detail)


async def _is_gone(request: Request) -> bool:
    user_id = getattr(request.state, "user_id", None)
    if user_id is None:
        return False
    async with request.app.state.services.engine.connect() as db:
        return await db.scalar(select(User.id).where(User.id == user_id)) is None
