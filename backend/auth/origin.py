"""Cross-site request forgery: a browser says where a request comes from, and that must be us."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from backend.errors import AppError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(AppError):
    """A cookie-authenticated change must come from a page of this site."""

    status = 403


def require_same_origin(request: Request, needs_origin: bool = True) -> None:
    """Refuse an unsafe request whose Origin is not this host, or is missing where cookies authenticate."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    if origin is None:
        if needs_origin:
            raise ForeignOrigin("The request is authenticated by cookie but carries no Origin header.")
        return
    if urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise ForeignOrigin(f"The request comes from {origin[:200]!r}, not from this site.")
