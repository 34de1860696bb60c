"""`CurrentUser`: who a request speaks for, by bearer header or by cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api_keys import identify as api_keys
from backend.auth.cookies import ACCESS_COOKIE
from backend.auth.origin import require_same_origin
from backend.auth.role import Role
from backend.auth.tokens import AccessTokens
from backend.db import Db
from backend.errors import AppError
from backend.hexes import checksum
from backend.users.tables import Session, User
from backend.wallets.tables import Wallet

PREFIX = "/api/v1"
bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="bearer")
cookie = APIKeyCookie(name=ACCESS_COOKIE, auto_error=False, scheme_name="cookie")
# Built once: composing a statement takes longer than sending it, and every signed-in request sends one of these.
_BY_SESSION = (
    select(User.id, User.email, Wallet.id, Wallet.address, User.role, Session.stepped_up_at)
    .join(Session, Session.user_id == User.id)
    .join(Wallet, Wallet.user_id == User.id)
    .where(
        Session.id == bindparam("session_id"),
        Session.revoked_at.is_(None),
        User.id == bindparam("user_id"),
        User.suspended_at.is_(None),
    )
)
_BY_USER = (
    select(User.email, Wallet.id, Wallet.address, User.role)
    .join(Wallet, Wallet.user_id == User.id)
    .where(User.id == bindparam("user_id"), User.suspended_at.is_(None))
)


class NotSignedIn(AppError):
    """The request carries no valid access token; sign in or refresh"""

    status = 401
    title = "Not signed in"

    def __init__(self) -> None:
        super().__init__(
            "Sign in first, or refresh the session: the access token is missing, expired or revoked.",
            headers={"WWW-Authenticate": "Bearer"},
        )


@dataclass(frozen=True)
class SignedIn:
    """A signed-in person and their custodial wallet.

    `stepped_up_at`: when this session last proved itself again (`backend.auth.step_up`), None for never.
    Somebody's API key acts with `session_id` its own id, which is no session's, and never steps up.
    """

    id: UUID
    email: str
    session_id: UUID
    wallet_id: UUID
    wallet_address: str
    role: Role
    stepped_up_at: datetime | None


async def current_user(
    request: Request,
    db: Db,
    header: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    cookie_token: Annotated[str | None, Depends(cookie)],
) -> SignedIn:
    """Resolve the token to a person; raises NotSignedIn, or ForeignOrigin for a cookie from elsewhere."""
    if header is not None and header.credentials.startswith(api_keys.BEGINNING):
        return await _by_key(request, db, header.credentials)
    tokens: AccessTokens = request.app.state.services.access_tokens
    token = header.credentials if header else cookie_token
    access = tokens.read(token) if token else None
    if access is None:
        raise NotSignedIn
    if header is None:
        require_same_origin(request)
    found = await db.execute(_BY_SESSION, {"session_id": access.session_id, "user_id": access.user_id})
    row = found.one_or_none()
    if row is None:
        raise NotSignedIn
    user_id, email, wallet_id, address, role, stepped_up_at = row
    request.state.user_id = user_id
    return SignedIn(user_id, email, access.session_id, wallet_id, checksum(address), role, stepped_up_at)


async def _by_key(request: Request, db: AsyncSession, token: str) -> SignedIn:
    """The owner of an API key, with the role they have now; raises ApiKeyRefused, ScopeMissing."""
    route: APIRoute = request.scope["route"]
    operation = f"{request.method} {route.path_format.removeprefix(PREFIX)}"
    user_id, key_id = await api_keys.key_owner(db, token, operation)
    row = (await db.execute(_BY_USER, {"user_id": user_id})).one_or_none()
    if row is None:
        raise NotSignedIn
    email, wallet_id, address, role = row
    request.state.user_id = user_id
    return SignedIn(user_id, email, key_id, wallet_id, checksum(address), role, stepped_up_at=None)


CurrentUser = Annotated[SignedIn, Depends(current_user)]
