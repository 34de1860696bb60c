"""Routes of one's own sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import bindparam, select

from backend.audit.service import record
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.db import Db
from backend.errors import NotFound, errors
from backend.routing import Router
from backend.services import ServicesDep
from backend.sessions.service import end_session, end_sessions
from backend.users.tables import Session

router = Router(tags=["users"])
_OPEN = (
    select(Session)
    .where(
        Session.user_id == bindparam("user_id"),
        Session.revoked_at.is_(None),
        Session.last_used_at > bindparam("oldest"),
    )
    .order_by(Session.last_used_at.desc(), Session.id)
)


class SessionNotFound(NotFound):
    """You have no open session with this id"""


class SessionOut(BaseModel):
    """One place where the account is signed in."""

    id: UUID
    device: str = Field(
        description="What the browser said of itself",
        examples=["Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0"],
    )
    network: str = Field(description="Address at the last refresh", examples=["203.0.113.9"])
    created_at: datetime
    last_used_at: datetime = Field(description="The last sign-in or refresh; at most 15 minutes behind")
    current: bool = Field(description="Whether it is the one that asks")


class EndedOut(BaseModel):
    """How many sessions ended."""

    ended: int = Field(examples=[2])


@router.get("/sessions", summary="Where I am signed in", responses=errors(NotSignedIn))
async def list_sessions(user: CurrentUser, services: ServicesDep, db: Db) -> list[SessionOut]:
    """Open sessions, the last used first."""
    oldest = datetime.now(UTC) - timedelta(seconds=services.settings.refresh_token_seconds)
    found = await db.scalars(_OPEN, {"user_id": user.id, "oldest": oldest})
    return [
        SessionOut(
            id=session.id,
            device=session.device,
            network=session.network,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            current=session.id == user.session_id,
        )
        for session in found
    ]


@router.delete(
    "/sessions/{session_id:uuid}",
    status_code=204,
    summary="End one of my sessions",
    responses=errors(NotSignedIn, ForeignOrigin, SessionNotFound),
)
async def sign_out_session(session_id: UUID, user: CurrentUser, db: Db) -> None:
    """Its tokens end now."""
    if not await end_session(db, user.id, session_id):
        raise SessionNotFound(f"You have no open session {session_id}.")
    await record(db, f"user:{user.id}", "session.end", f"user:{user.id}", {"ended": 1})


@router.post(
    "/sessions/end-others", summary="End my other sessions", responses=errors(NotSignedIn, ForeignOrigin)
)
async def end_other_sessions(user: CurrentUser, db: Db) -> EndedOut:
    """All but the one that asks."""
    ended = await end_sessions(db, user.id, keep=user.session_id)
    await record(db, f"user:{user.id}", "session.end", f"user:{user.id}", {"ended": ended})
    return EndedOut(ended=ended)
