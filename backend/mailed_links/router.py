"""Routes around links sent by mail."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from sqlalchemy import select

from backend.audit.service import record
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin, require_same_origin
from backend.auth.passwords import MAX_LENGTH, MIN_LENGTH
from backend.auth.throttle import TooManyAttempts
from backend.db import Db
from backend.errors import AppError, errors
from backend.jobs.enqueue import enqueue
from backend.mailed_links.service import LinkInvalid, send_link, use_link
from backend.notices.service import tell_welcome
from backend.profile.changes import change_email, change_password
from backend.routing import Router
from backend.services import ServicesDep
from backend.users.schemas import Email
from backend.users.service import EmailTaken
from backend.users.tables import User

router = Router(tags=["users"])
SEND_RESET = "send_password_reset"

Token = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(
        description="What stands behind # in the link",
        examples=["q3Zb0c1mW7VdY0lq2k7s6T5o4n3M2l1K0j9I8h7G6f5"],
    ),
]


class EmailVerified(AppError):
    """Your address is confirmed already"""

    status = 409


class MailedLinkIn(BaseModel):
    """A link that was opened."""

    model_config = ConfigDict(extra="forbid")

    token: Token


class ResetRequest(BaseModel):
    """Whose password is forgotten."""

    model_config = ConfigDict(extra="forbid")

    email: Email


class ResetIn(BaseModel):
    """A link that was opened, and the new password."""

    model_config = ConfigDict(extra="forbid")

    token: Token
    password: SecretStr = Field(
        min_length=MIN_LENGTH, max_length=MAX_LENGTH, examples=["correct horse battery staple"]
    )


@router.post(
    "/email-verifications",
    status_code=204,
    summary="Send the link that confirms my address again",
    responses=errors(NotSignedIn, ForeignOrigin, EmailVerified, TooManyAttempts),
)
async def resend_verification(user: CurrentUser, services: ServicesDep, db: Db) -> None:
    """At most once a minute; only the newest link works. Registration sends the first."""
    found = await db.get_one(User, user.id)
    if found.email_verified_at is not None:
        raise EmailVerified(f"{found.email} is confirmed already.")
    await send_link(db, services.settings, found.id, "verify_email", found.email)


@router.post(
    "/email-verifications/finish",
    status_code=204,
    summary="Confirm an address by its link",
    responses=errors(ForeignOrigin, LinkInvalid, EmailTaken),
)
async def finish_verification(body: MailedLinkIn, request: Request, services: ServicesDep, db: Db) -> None:
    """Works once. Nobody needs to be signed in: the link may be opened on another device."""
    require_same_origin(request, needs_origin=False)
    used = await use_link(db, body.token, "verify_email", "change_email")
    if await change_email(db, used.user_id, used.email):
        await tell_welcome(db, services.settings, used.user_id)
    await record(
        db, f"user:{used.user_id}", "user.verify_email", f"user:{used.user_id}", {"purpose": used.purpose}
    )


@router.post(
    "/password-resets",
    status_code=204,
    summary="Ask for a link to choose a new password",
    responses=errors(ForeignOrigin),
)
async def request_reset(body: ResetRequest, request: Request, db: Db) -> None:
    """Answers the same, as quickly, whether or not there is an account for the address."""
    require_same_origin(request, needs_origin=False)
    user_id = await db.scalar(select(User.id).where(User.email == body.email))
    await enqueue(db, SEND_RESET, {"user_id": str(user_id or uuid4())})


@router.post(
    "/password-resets/finish",
    status_code=204,
    summary="Choose a new password by a link",
    responses=errors(ForeignOrigin, LinkInvalid),
)
async def finish_reset(body: ResetIn, request: Request, services: ServicesDep, db: Db) -> None:
    """Works once, and ends every session of the account. A second factor stays as it is."""
    require_same_origin(request, needs_origin=False)
    used = await use_link(db, body.token, "reset_password")
    encoded = await services.passwords.hash(body.password.get_secret_value())
    await change_password(db, used.user_id, encoded, keep_session=None)
    await record(db, f"user:{used.user_id}", "user.reset_password", f"user:{used.user_id}", {})
