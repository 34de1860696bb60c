"""Roles, and the dependencies of routes that need one.

Which route is for whom stands in one table, `backend.auth.access`; a test compares it with every route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

from fastapi import Depends

from backend.auth.current_user import CurrentUser, SignedIn
from backend.auth.role import Role
from backend.errors import AppError

__all__ = ["ROLES", "Admin", "Organiser", "Role", "RoleMissing", "Support", "requires"]
ROLES: tuple[Role, ...] = get_args(Role)


class RoleMissing(AppError):
    """Your account has not the role that this needs"""

    status = 403


def requires(*roles: Role) -> Callable[[SignedIn], Awaitable[SignedIn]]:
    """A dependency that lets in these roles only; raises RoleMissing."""

    async def check(user: CurrentUser) -> SignedIn:
        if user.role not in roles:
            raise RoleMissing(
                f"This needs the role {' or '.join(roles)}, and your account has the role {user.role}. "
                "Ask an administrator."
            )
        return user

    return check


admin = requires("admin")
support = requires("support", "admin")
organiser = requires("organiser", "admin")

Admin = Annotated[SignedIn, Depends(admin)]
Support = Annotated[SignedIn, Depends(support)]
Organiser = Annotated[SignedIn, Depends(organiser)]
