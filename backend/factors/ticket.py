"""Between the password and the second factor: a ticket, worth one session, for a few minutes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError
from backend.factors.tables import SignInTicket
from backend.factors.ways import Way, second_factors

LIFETIME = timedelta(minutes=5)
MOST_TRIES = 5


class SecondFactorRequired(AppError):
    """The password is right; complete the sign-in with `ticket` and one of `ways`"""

    status = 401
    keep_changes = True

    def __init__(self, ticket: str, ways: Sequence[Way]) -> None:
        super().__init__(
            "The password is right and this account has a second factor: complete the sign-in with it.",
            ticket=ticket,
            ways=list(ways),
            expires_in=int(LIFETIME.total_seconds()),
        )


class TicketRefused(AppError):
    """The ticket is unknown, used, expired or was tried too often; begin with the password again"""

    status = 401


async def require_second_factor(db: AsyncSession, user_id: UUID) -> None:
    """Called once the password was right: raises SecondFactorRequired, with a ticket, where a factor is on."""
    ways = await second_factors(db, user_id)
    if not ways:
        return
    now = datetime.now(UTC)
    await db.execute(
        delete(SignInTicket).where(SignInTicket.user_id == user_id, SignInTicket.expires_at <= now)
    )
    token = secrets.token_urlsafe(32)
    db.add(SignInTicket(token_hash=_hash(token), user_id=user_id, expires_at=now + LIFETIME))
    await db.flush()
    raise SecondFactorRequired(token, ways)


async def holder(db: AsyncSession, token: str) -> SignInTicket:
    """The ticket, locked; raises TicketRefused."""
    ticket = await db.scalar(
        select(SignInTicket)
        .where(SignInTicket.token_hash == _hash(token), SignInTicket.expires_at > datetime.now(UTC))
        .with_for_update()
    )
    if ticket is None or ticket.tries >= MOST_TRIES:
        raise TicketRefused(
            "This sign-in has run out: it was completed, took too long, or was tried too often. "
            "Begin with the password again."
        )
    return ticket


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
