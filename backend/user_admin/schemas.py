"""What the administration of accounts takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.role import Role


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(description="Kept with the account; its owner may read it", examples=["Card fraud, case 4711"]),
]


class RoleIn(_Body):
    """The role from now on, and why."""

    role: Role
    reason: Reason


class StandingIn(_Body):
    """Why the account is suspended, or let back in."""

    reason: Reason


class UserSummary(BaseModel):
    """One account in a list."""

    id: UUID
    email: str = Field(examples=["ada@example.org"])
    display_name: str | None
    role: Role
    email_verified: bool
    suspended: bool
    created_at: datetime


class UserDetails(UserSummary):
    """One account, without anything that would let somebody act as it."""

    wallet_id: UUID
    wallet_address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    wallet_frozen: bool
    locale: str
    time_zone: str
    open_sessions: int
    suspended_at: datetime | None
    suspended_reason: str | None


class EventOut(BaseModel):
    """Something that was done to an account, its wallet or its payments, as the audit log has it."""

    id: str = Field(examples=["1042"])
    at: datetime
    actor: str = Field(examples=["user:7f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10", "sender"])
    action: str = Field(examples=["wallet.freeze"])
    subject: str = Field(examples=["wallet:7f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10"])
    reason: str | None = Field(examples=["reported stolen by mail"])
    detail: dict[str, Any] = Field(description="Ids and amounts", examples=[{"amount": "450"}])


class EventPage(BaseModel):
    """Newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[EventOut]
    next_cursor: str | None


class UserPage(BaseModel):
    """Newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[UserSummary]
    next_cursor: str | None
