"""What was done to an account: its lines of the audit log, with the reasons that are kept beside it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.audit.tables import AuditEvent, Remark
from backend.auth.current_user import SignedIn
from backend.payments.tables import Payment
from backend.user_admin.schemas import EventOut, EventPage
from backend.user_admin.service import UserNotFound
from backend.users.tables import User
from backend.wallets.tables import Wallet

MOST_PAYMENTS = 1_000
LOOKED = "user.read"
"""That staff looked is written down too, and would hide the rest here."""


async def events(
    db: AsyncSession, actor: SignedIn, user_id: UUID, cursor: int | None, limit: int
) -> EventPage:
    """Newest first, without the looks at it; raises UserNotFound."""
    if await db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise UserNotFound(f"There is no account {user_id}.")
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject.in_(await _subjects(db, user_id)), AuditEvent.action != LOOKED)
        .order_by(AuditEvent.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(AuditEvent.id < cursor)
    found = list(await db.scalars(query))
    page = found[:limit]
    said = await _reasons(db, user_id, page)
    await record(db, f"user:{actor.id}", LOOKED, f"user:{user_id}", {"what": "events"})
    return EventPage(
        items=[
            EventOut(
                id=str(event.id),
                at=event.at,
                actor=event.actor,
                action=event.action,
                subject=event.subject,
                reason=said.get(_sealed(event), _sealed(event)) or None,
                detail={name: value for name, value in event.detail.items() if name != "reason"},
            )
            for event in page
        ],
        next_cursor=str(page[-1].id) if len(found) > limit else None,
    )


async def _subjects(db: AsyncSession, user_id: UUID) -> list[str]:
    wallets = await db.scalars(select(Wallet.id).where(Wallet.user_id == user_id))
    payments = await db.scalars(
        select(Payment.id).where(Payment.user_id == user_id).order_by(Payment.seq.desc()).limit(MOST_PAYMENTS)
    )
    return [
        f"user:{user_id}",
        *(f"wallet:{one}" for one in wallets),
        *(f"payment:{one}" for one in payments),
    ]


async def _reasons(db: AsyncSession, user_id: UUID, found: list[AuditEvent]) -> dict[str, str]:
    """What the seals of these events stand for."""
    seals = {_sealed(event) for event in found} - {""}
    query = select(Remark.seal, Remark.text).where(Remark.user_id == user_id, Remark.seal.in_(seals))
    return {row.seal: row.text for row in await db.execute(query)}


def _sealed(event: AuditEvent) -> str:
    said = event.detail.get("reason")
    return said if isinstance(said, str) else ""
