"""Routes of the administration of accounts. Each needs its role and a session that stepped up."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing, Support
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import AppError, errors
from backend.routing import Router
from backend.user_admin import service
from backend.user_admin.events import events
from backend.user_admin.schemas import EventPage, RoleIn, StandingIn, UserDetails, UserPage
from backend.user_admin.service import OwnAccount, UserNotFound

router = Router(prefix="/admin/users", tags=["administration"])
GUARDS: tuple[type[AppError], ...] = (NotSignedIn, ForeignOrigin, RoleMissing, StepUpRequired)


@router.get("", summary="Accounts", responses=errors(NotSignedIn, RoleMissing, StepUpRequired))
async def search_users(
    user: Support,
    _: SteppedUp,
    db: Db,
    email: Annotated[
        str | None, Query(max_length=254, description="How the address begins", examples=["ada@"])
    ] = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> UserPage:
    """Newest first."""
    return await service.search(db, user, email, None if cursor is None else int(cursor), limit)


@router.get(
    "/{user_id}",
    summary="One account",
    responses=errors(NotSignedIn, RoleMissing, StepUpRequired, UserNotFound),
)
async def read_user(user_id: UUID, user: Support, _: SteppedUp, db: Db) -> UserDetails:
    """With its wallet's address and how often it is signed in."""
    return await service.read(db, user, user_id)


@router.get(
    "/{user_id}/events",
    summary="What was done to an account",
    responses=errors(NotSignedIn, RoleMissing, StepUpRequired, UserNotFound),
)
async def list_events(
    user_id: UUID,
    user: Support,
    _: SteppedUp,
    db: Db,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> EventPage:
    """From the audit log, newest first: of the account, its wallet and its payments, by whomever."""
    return await events(db, user, user_id, None if cursor is None else int(cursor), limit)


@router.put(
    "/{user_id}/role", summary="Give an account a role", responses=errors(*GUARDS, UserNotFound, OwnAccount)
)
async def give_role(user_id: UUID, body: RoleIn, user: Admin, _: SteppedUp, db: Db) -> UserDetails:
    """Counts from the account's next request on."""
    return await service.give_role(db, user, user_id, body.role, body.reason)


@router.post(
    "/{user_id}/suspend", summary="Suspend an account", responses=errors(*GUARDS, UserNotFound, OwnAccount)
)
async def suspend_user(user_id: UUID, body: StandingIn, user: Admin, _: SteppedUp, db: Db) -> UserDetails:
    """Ends its sessions and keeps it from signing in. What is under way on chain goes on."""
    return await service.suspend(db, user, user_id, body.reason)


@router.post("/{user_id}/restore", summary="Restore an account", responses=errors(*GUARDS, UserNotFound))
async def restore_user(user_id: UUID, body: StandingIn, user: Admin, _: SteppedUp, db: Db) -> UserDetails:
    """Lets it sign in again."""
    return await service.restore(db, user, user_id, body.reason)
