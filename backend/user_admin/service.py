"""Looking at accounts and changing them, each time with a line in the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.auth.current_user import SignedIn
from backend.auth.role import Role
from backend.errors import AppError, NotFound
from backend.hexes import checksum
from backend.sessions.service import end_sessions
from backend.user_admin.schemas import UserDetails, UserPage, UserSummary
from backend.users.tables import Session, User
from backend.wallets.tables import Wallet


class UserNotFound(NotFound):
    """There is no account with this id"""


class OwnAccount(AppError):
    """Another administrator has to do this to your account, so that one is always left"""

    status = 409


async def search(
    db: AsyncSession, actor: SignedIn, beginning: str | None, cursor: int | None, limit: int
) -> UserPage:
    """Accounts whose address begins with `beginning`, newest first."""
    query = select(User).order_by(User.seq.desc()).limit(limit + 1)
    if beginning is not None:
        query = query.where(User.email.startswith(beginning.strip().lower(), autoescape=True))
    if cursor is not None:
        query = query.where(User.seq < cursor)
    found = list(await db.scalars(query))
    page = found[:limit]
    await record(db, f"user:{actor.id}", "user.search", "user:*", {"found": len(page)})
    return UserPage(
        items=[_summary(user) for user in page],
        next_cursor=str(page[-1].seq) if len(found) > limit else None,
    )


async def read(db: AsyncSession, actor: SignedIn, user_id: UUID) -> UserDetails:
    """One account; raises UserNotFound."""
    details = await _details(db, await _locked(db, user_id))
    await record(db, f"user:{actor.id}", "user.read", f"user:{user_id}", {})
    return details


async def give_role(db: AsyncSession, actor: SignedIn, user_id: UUID, role: Role, reason: str) -> UserDetails:
    """Change an account's role; raises UserNotFound, OwnAccount."""
    _not_own(actor, user_id)
    user = await _locked(db, user_id)
    detail = changed({"role": user.role}, {"role": role}, await seal(db, user_id, reason))
    await record(db, f"user:{actor.id}", "user.give_role", f"user:{user_id}", detail)
    user.role = role
    return await _details(db, user)


async def suspend(db: AsyncSession, actor: SignedIn, user_id: UUID, reason: str) -> UserDetails:
    """Keep an account out: its sessions end now and nobody signs in to it; raises UserNotFound, OwnAccount."""
    _not_own(actor, user_id)
    user = await _locked(db, user_id)
    before = {"suspended": user.suspended_at is not None}
    if user.suspended_at is None:
        user.suspended_at = datetime.now(UTC)
    user.suspended_reason = reason
    ended = await end_sessions(db, user_id)
    detail = changed(before, {"suspended": True}, await seal(db, user_id, reason))
    await record(
        db, f"user:{actor.id}", "user.suspend", f"user:{user_id}", {**detail, "sessions_ended": ended}
    )
    return await _details(db, user)


async def restore(db: AsyncSession, actor: SignedIn, user_id: UUID, reason: str) -> UserDetails:
    """Let a suspended account back in; raises UserNotFound."""
    user = await _locked(db, user_id)
    before = {"suspended": user.suspended_at is not None}
    user.suspended_at = user.suspended_reason = None
    detail = changed(before, {"suspended": False}, await seal(db, user_id, reason))
    await record(db, f"user:{actor.id}", "user.restore", f"user:{user_id}", detail)
    return await _details(db, user)


def _not_own(actor: SignedIn, user_id: UUID) -> None:
    if actor.id == user_id:
        raise OwnAccount("This is your own account. Another administrator has to do this.")


async def _locked(db: AsyncSession, user_id: UUID) -> User:
    user = await db.scalar(select(User).where(User.id == user_id).with_for_update(key_share=True))
    if user is None:
        raise UserNotFound(f"There is no account {user_id}.")
    return user


async def _details(db: AsyncSession, user: User) -> UserDetails:
    await db.flush()
    wallet = (await db.scalars(select(Wallet).where(Wallet.user_id == user.id))).one()
    open_sessions = await db.scalar(
        select(func.count()).where(Session.user_id == user.id, Session.revoked_at.is_(None))
    )
    return UserDetails(
        **dict(_summary(user)),
        wallet_id=wallet.id,
        wallet_address=checksum(wallet.address),
        wallet_frozen=wallet.frozen_at is not None,
        locale=user.locale,
        time_zone=user.time_zone,
        open_sessions=open_sessions or 0,
        suspended_at=user.suspended_at,
        suspended_reason=user.suspended_reason,
    )


def _summary(user: User) -> UserSummary:
    return UserSummary(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        role=user.role,
        email_verified=user.email_verified_at is not None,
        suspended=user.suspended_at is not None,
        created_at=user.created_at,
    )
