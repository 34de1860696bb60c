"""An account as its owner sees it."""

from __future__ import annotations

from typing import cast

from backend.notices.kinds import Mutable
from backend.users.schemas import UserOut
from backend.users.tables import User

AVATARS = "/api/v1/avatars"


def avatar_url(user: User) -> str | None:
    """Where the account's picture is, on this site."""
    return None if user.avatar_key is None else f"{AVATARS}/{user.avatar_key}"


def show_user(user: User, wallet_address: str) -> UserOut:
    """All of it."""
    return UserOut(
        id=user.id,
        email=user.email,
        wallet_address=wallet_address,
        role=user.role,
        email_verified=user.email_verified_at is not None,
        display_name=user.display_name,
        locale=user.locale,
        time_zone=user.time_zone,
        muted_notices=cast(list[Mutable], user.muted_notices),
        avatar_url=avatar_url(user),
    )
