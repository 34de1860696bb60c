"""The route of what happened to one's own account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from backend.audit.mine import BEGINNING, happenings
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.db import Db
from backend.errors import errors
from backend.routing import Router

router = Router(prefix="/account/audit", tags=["privacy"])


class HappeningOut(BaseModel):
    """Something that was done to the account or by its owner."""

    id: str = Field(examples=["e1042"])
    at: datetime
    action: str = Field(examples=["session.begin", "user.freeze", "wallet.withdraw"])
    actor: str = Field(
        description="`you`, the role of whoever it was (`support`, `admin`, `staff`), or a part of the system",
        examples=["you", "support", "sender"],
    )
    subject: str = Field(examples=["user:7f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10"])
    reason: str | None = Field(examples=["You told us that your phone was stolen"])
    detail: dict[str, Any] = Field(
        description="Ids and amounts", examples=[{"from": "user", "to": "organiser"}]
    )
    device: str | None = Field(description="Of a sign-in, for as long as the session is kept")
    network: str | None = Field(description="The same", examples=["203.0.113.7"])
    intent_id: UUID | None = Field(description="Of a withdrawal")


class HappeningPage(BaseModel):
    """Newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[HappeningOut]
    next_cursor: str | None = Field(examples=["1042-17", None])


@router.get("", summary="What happened to my account", responses=errors(NotSignedIn))
async def list_happenings(
    user: CurrentUser,
    db: Db,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}-[0-9]{1,18}$", description="From `next_cursor`")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> HappeningPage:
    """Sign-ins, changes of factors and limits, withdrawals, and what staff did, with their role and reason."""
    before = BEGINNING
    if cursor is not None:
        event, intent = cursor.split("-")
        before = (int(event), int(intent))
    found, following = await happenings(db, user.id, before, limit)
    return HappeningPage(
        items=[
            HappeningOut(
                id=one.id,
                at=one.at,
                action=one.action,
                actor=one.actor,
                subject=one.subject,
                reason=one.detail.get("reason") or None,
                detail={name: value for name, value in one.detail.items() if name != "reason"},
                device=one.device,
                network=one.network,
                intent_id=one.intent,
            )
            for one in found
        ],
        next_cursor=None if following is None else f"{following[0]}-{following[1]}",
    )
