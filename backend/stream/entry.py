"""Who is at the door: which sites' pages may connect, and whose token it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import WebSocket
from pydantic import SecretStr

from backend.auth.cookies import ACCESS_COOKIE
from backend.auth.tokens import Access
from backend.services import Services
from backend.stream import store


class NotSignedIn(Exception):
    """A token came that is not valid, or whose session is over."""


def may_come(socket: WebSocket, services: Services) -> bool:
    """A browser names the page's site: this one, or one that may call the API. Other programs name none."""
    origin = socket.headers.get("origin")
    return origin is None or origin in services.settings.cors_origins or _is_ours(socket)


async def who(socket: WebSocket, services: Services, token: SecretStr | None) -> Access | None:
    """The person behind the token or, without one, behind the cookie; None for nobody. Raises NotSignedIn.

    Every site's page can make a browser connect here with our cookie. It counts only where the browser says that the
    page is ours: not for a site that may call the API, nor for a program that says nothing.
    """
    secret = token.get_secret_value() if token is not None else _cookie(socket)
    if secret is None:
        return None
    access = services.access_tokens.read(secret)
    if access is None or not await store.is_signed_in(services.streaming, access.user_id, access.session_id):
        raise NotSignedIn
    return access


def _is_ours(socket: WebSocket) -> bool:
    origin = socket.headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc.lower() == socket.headers.get("host", "").lower()


def _cookie(socket: WebSocket) -> str | None:
    return socket.cookies.get(ACCESS_COOKIE) if _is_ours(socket) else None
