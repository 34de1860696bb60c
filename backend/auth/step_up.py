"""Step-up: money that leaves and changes of access need a session that proved itself again a moment ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import CurrentUser, SignedIn
from backend.db import Db
from backend.errors import AppError
from backend.factors.ways import Way as SecondFactor
from backend.factors.ways import second_factors
from backend.users.tables import Session

LIFETIME = timedelta(minutes=5)

Way = Literal["password"] | SecondFactor


class StepUpRequired(AppError):
    """Prove once more that it is you (POST /step-up), then repeat the request; `ways` says how you can"""

    status = 403


async def ways(db: AsyncSession, user_id: UUID) -> tuple[Way, ...]:
    """How this user can step up: by second factor where there is one, else by password."""
    return await second_factors(db, user_id) or ("password",)


async def step_up(db: AsyncSession, session_id: UUID, method: Way) -> datetime:
    """Note that the session proved itself with `method`; returns until when that counts."""
    now = datetime.now(UTC)
    await db.execute(
        update(Session).where(Session.id == session_id).values(stepped_up_at=now, step_up_method=method)
    )
    return now + LIFETIME


async def require_step_up(db: AsyncSession, user: SignedIn) -> None:
    """Raise StepUpRequired unless the user's session proved itself in the last five minutes."""
    if user.stepped_up_at is not None and datetime.now(UTC) - user.stepped_up_at < LIFETIME:
        return
    possible = await ways(db, user.id)
    raise StepUpRequired(
        f"Prove that it is you with POST /api/v1/step-up ({' or '.join(possible)}), then repeat this request.",
        ways=list(possible),
    )


async def stepped_up(user: CurrentUser, db: Db) -> SignedIn:
    """The signed-in user, who stepped up."""
    await require_step_up(db, user)
    return user


SteppedUp = Annotated[SignedIn, Depends(stepped_up)]
