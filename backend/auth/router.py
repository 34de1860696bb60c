"""POST /step-up: the password once more, before what is worth more than a stolen session."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy import select

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.passwords import MAX_LENGTH
from backend.auth.step_up import step_up, ways
from backend.auth.throttle import TooManyAttempts
from backend.db import Db
from backend.errors import AppError, errors
from backend.routing import Router
from backend.services import ServicesDep
from backend.users.tables import User

router = Router(tags=["users"])


class PasswordWrong(AppError):
    """The password is wrong"""

    status = 403


class WayNotOffered(AppError):
    """Your account has a second factor, so the password alone is not enough; `ways` says what is"""

    status = 403


class StepUpIn(BaseModel):
    """The password of the signed-in account."""

    model_config = ConfigDict(extra="forbid")

    method: Literal["password"] = "password"
    password: SecretStr = Field(max_length=MAX_LENGTH, examples=["correct horse battery staple"])


class StepUpOut(BaseModel):
    """The session counts as stepped up until then."""

    valid_until: datetime


@router.post(
    "/step-up",
    summary="Prove again that it is you",
    responses=errors(NotSignedIn, ForeignOrigin, PasswordWrong, WayNotOffered, TooManyAttempts),
)
async def step_up_with_password(
    body: StepUpIn, user: CurrentUser, services: ServicesDep, db: Db
) -> StepUpOut:
    """For five minutes this session may withdraw and change how the account is reached.

    Other sessions of the account gain nothing by it.
    """
    possible = await ways(db, user.id)
    if "password" not in possible:
        raise WayNotOffered(
            f"The password alone is not enough for this account. Use {' or '.join(possible)}.",
            ways=list(possible),
        )
    failures = services.step_up_failures
    await failures.check(str(user.session_id))
    encoded = await db.scalar(select(User.password_hash).where(User.id == user.id))
    await db.commit()  # gives the connection back: hashing takes long
    if not await services.passwords.matches(body.password.get_secret_value(), encoded):
        await failures.record(str(user.session_id))
        raise PasswordWrong("The password is wrong. Try again, or reset it.")
    return StepUpOut(valid_until=await step_up(db, user.session_id, "password"))
