"""The wish to be erased: asked for with notice, withdrawn, looked at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.current_user import SignedIn
from backend.notices.security import tell_owner
from backend.outbox.service import mail
from backend.policies.clock import database_time
from backend.privacy.errors import ErasureNotFound, ErasurePending, ErasureRefused
from backend.privacy.obstacles import obstacles
from backend.privacy.tables import OPEN, Erasure
from backend.services import Services
from backend.users.account import require_account


async def ask(db: AsyncSession, services: Services, user: SignedIn) -> Erasure:
    """Begin the waiting time and tell the owner.

    Raises ErasurePending, ErasureRefused, AccountErased, ChainUnavailable, MirrorNotReady.
    """
    await _require_none(db, user.id)
    await db.commit()  # gives the connection back: the chain is asked meanwhile
    found = await obstacles(services, user.id)
    if found:
        raise ErasureRefused(found)
    await require_account(db, user.id)
    now = await database_time(db)
    wish = Erasure(user_id=user.id, requested_at=now, due_at=now + services.settings.erasure_wait)
    db.add(wish)
    try:
        await db.flush()
    except IntegrityError:
        # Asked for twice at once.
        await db.rollback()
        await _require_none(db, user.id)
        raise
    await _audit(db, user.id, "erasure.request", wish.id)
    await mail(
        db, user.id, user.email, "erasure_requested", {"due": wish.due_at.isoformat(timespec="seconds")}
    )
    return wish


async def current(db: AsyncSession, user_id: UUID) -> Erasure:
    """The wish under way. Raises ErasureNotFound."""
    wish = await _open(db, user_id)
    if wish is None:
        raise _none()
    return wish


async def withdraw(db: AsyncSession, user: SignedIn) -> None:
    """The account stays. Raises ErasureNotFound."""
    wish_id = await db.scalar(
        update(Erasure)
        .where(Erasure.user_id == user.id, OPEN)
        .values(withdrawn_at=func.clock_timestamp())
        .returning(Erasure.id)
    )
    if wish_id is None:
        raise _none()
    await _audit(db, user.id, "erasure.withdraw", wish_id)
    await tell_owner(db, user.id, "erasure.withdraw")


async def _require_none(db: AsyncSession, user_id: UUID) -> None:
    wish = await _open(db, user_id)
    if wish is not None:
        raise ErasurePending(
            f"The erasure of your account was asked for at {_shown(wish.requested_at)}: wait for it or withdraw it.",
            due_at=wish.due_at.isoformat(),
            requested_at=wish.requested_at.isoformat(),
        )


async def _open(db: AsyncSession, user_id: UUID) -> Erasure | None:
    wish: Erasure | None = await db.scalar(select(Erasure).where(Erasure.user_id == user_id, OPEN))
    return wish


async def _audit(db: AsyncSession, user_id: UUID, action: str, wish_id: UUID) -> None:
    await record(db, f"user:{user_id}", action, f"user:{user_id}", {"erasure": str(wish_id)})


def _none() -> ErasureNotFound:
    return ErasureNotFound("No erasure of your account was asked for, or it was withdrawn.")


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
