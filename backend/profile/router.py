"""Routes of one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Path, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.current_user import CurrentUser, NotSignedIn, SignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.auth.throttle import TooManyAttempts
from backend.db import Db
from backend.editions import IfMatch, edition, require, tell
from backend.errors import NotFound, errors
from backend.files.store import FileMissing, FilesUnavailable, read_whole
from backend.mailed_links.service import send_link
from backend.notices.security import tell_owner
from backend.profile.changes import change_password
from backend.profile.pictures import avatar_file, keep_avatar, remove_avatar
from backend.profile.schemas import NewEmail, NewPassword, ProfileIn
from backend.routing import Router
from backend.services import ServicesDep
from backend.users.avatar import MAX_AVATAR_BYTES, AvatarUnusable
from backend.users.schemas import UserOut
from backend.users.tables import User
from backend.users.view import show_user

router = Router(tags=["users"])
IMMUTABLE = "public, max-age=31536000, immutable"
_PICTURE = {
    "required": True,
    "content": {"image/*": {"schema": {"type": "string", "format": "binary", "maxLength": MAX_AVATAR_BYTES}}},
}


class AvatarNotFound(NotFound):
    """There is no picture with this key"""


@router.get("/me", summary="Who am I?", responses=errors(NotSignedIn))
async def read_me(user: CurrentUser, db: Db, response: Response) -> UserOut:
    """The signed-in account."""
    found = await db.get_one(User, user.id)
    tell(response, _edition(found))
    return show_user(found, user.wallet_address)


@router.patch("/me", summary="Change my profile", responses=errors(NotSignedIn, ForeignOrigin))
async def change_profile(
    body: ProfileIn, user: CurrentUser, db: Db, response: Response, if_match: IfMatch = None
) -> UserOut:
    """Name, language, time zone, and which notices are not mailed; what the body leaves out stays."""
    found = await db.get_one(User, user.id)
    if if_match is not None:
        await db.refresh(found, with_for_update={"key_share": True})
        require(if_match, _edition(found))
    for name in body.model_fields_set:
        setattr(found, name, getattr(body, name))
    await db.flush()
    tell(response, _edition(found))
    return show_user(found, user.wallet_address)


@router.post(
    "/me/password",
    status_code=204,
    summary="Change my password",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired),
)
async def new_password(body: NewPassword, user: SteppedUp, services: ServicesDep, db: Db) -> None:
    """Ends every other session; a mail says that it happened."""
    encoded = await services.passwords.hash(body.password.get_secret_value())
    await change_password(db, user.id, encoded, keep_session=user.session_id)
    await record(db, f"user:{user.id}", "user.change_password", f"user:{user.id}", {})


@router.post(
    "/me/email",
    status_code=204,
    summary="Change my e-mail address",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, TooManyAttempts),
)
async def new_email(body: NewEmail, user: SteppedUp, services: ServicesDep, db: Db) -> None:
    """A link goes to the new address and changes it when it is opened; a notice goes to the old one.

    Whether another account has the new address is not said.
    """
    found = await db.get_one(User, user.id)
    await tell_owner(db, found.id, "user.ask_email_change")
    is_taken = await db.scalar(select(User.id).where(User.email == body.email)) is not None
    if not is_taken:
        await send_link(db, services.settings, found.id, "change_email", body.email)
    await record(db, f"user:{user.id}", "user.ask_email_change", f"user:{user.id}", {})


@router.put(
    "/me/avatar",
    summary="Change my picture",
    responses=errors(NotSignedIn, ForeignOrigin, AvatarUnusable, FilesUnavailable),
    openapi_extra={"requestBody": _PICTURE},
)
async def set_avatar(
    request: Request, user: CurrentUser, services: ServicesDep, db: Db, later: BackgroundTasks
) -> UserOut:
    """The body is a JPEG, PNG, WebP or GIF of at most 5 MiB and 25 million pixels.

    It is cut square and written anew at 256 pixels: nothing else that was in the file is kept.
    """
    await db.commit()  # gives the connection back: reading and decoding take long
    key = await keep_avatar(services.files, await request.body())
    return await _use_avatar(db, user, services, later, key)


@router.delete("/me/avatar", summary="Remove my picture", responses=errors(NotSignedIn, ForeignOrigin))
async def delete_avatar(user: CurrentUser, services: ServicesDep, db: Db, later: BackgroundTasks) -> UserOut:
    """The file is deleted."""
    return await _use_avatar(db, user, services, later, None)


@router.get(
    "/avatars/{key}",
    summary="A picture",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
        **errors(AvatarNotFound, FilesUnavailable),
    },
)
async def read_avatar(
    key: Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0123456789abcdef0123456789abcdef"])],
    services: ServicesDep,
) -> Response:
    """Whoever was shown the address may look; it never shows another picture."""
    try:
        picture = await read_whole(services.files, avatar_file(key))
    except FileMissing:
        raise AvatarNotFound(f"There is no picture {key}.") from None
    return Response(picture, media_type="image/webp", headers={"Cache-Control": IMMUTABLE})


def _edition(user: User) -> str:
    return edition(**{name: getattr(user, name) for name in ProfileIn.model_fields})


async def _use_avatar(
    db: AsyncSession, user: SignedIn, services: ServicesDep, later: BackgroundTasks, key: str | None
) -> UserOut:
    found = (await db.scalars(select(User).where(User.id == user.id).with_for_update(key_share=True))).one()
    if found.avatar_key is not None:
        # After the commit: a picture that is still referred to is never missing.
        later.add_task(remove_avatar, services.files, found.avatar_key)
    found.avatar_key = key
    await db.flush()
    return show_user(found, user.wallet_address)
