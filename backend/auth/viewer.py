"""`Viewer` (an account's id, or None for a visitor) and `Member`: who looks, for reads.

They give their database connection back before the read starts. A read works on a snapshot of its own
(`backend.mirror`); holding two connections in one request would let many requests wait for each other.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials

from backend.auth.current_user import NotSignedIn, SignedIn, bearer, cookie, current_user
from backend.db import Db


async def _viewer(
    request: Request,
    db: Db,
    header: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    cookie_token: Annotated[str | None, Depends(cookie)],
) -> SignedIn | None:
    """None for a visitor without a token; one that is not valid (any more), or no bearer's, is refused, not ignored."""
    if header is None and not cookie_token and "authorization" not in request.headers:
        return None
    found = await current_user(request, db, header, cookie_token)
    await db.rollback()
    return found


async def _viewer_id(viewer: Annotated[SignedIn | None, Depends(_viewer)]) -> UUID | None:
    return None if viewer is None else viewer.id


async def _member(viewer: Annotated[SignedIn | None, Depends(_viewer)]) -> SignedIn:
    if viewer is None:
        raise NotSignedIn
    return viewer


Viewer = Annotated[UUID | None, Depends(_viewer_id)]

Member = Annotated[SignedIn, Depends(_member)]
