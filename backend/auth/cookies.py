"""The two cookies of a browser session: HttpOnly, SameSite=Strict, Secure outside local development."""

from __future__ import annotations

from fastapi import Response

from backend.settings import Settings

ACCESS_COOKIE = "access"
REFRESH_COOKIE = "refresh"
REFRESH_PATH = "/api/v1/sessions"


def set_cookies(response: Response, settings: Settings, access: str, refresh: str) -> None:
    """Hand both tokens to the browser; the refresh token travels only to the session routes."""
    _set(response, settings, ACCESS_COOKIE, access, settings.access_token_seconds, "/")
    _set(response, settings, REFRESH_COOKIE, refresh, settings.refresh_token_seconds, REFRESH_PATH)


def clear_cookies(response: Response, settings: Settings) -> None:
    """Make the browser forget the session."""
    _set(response, settings, ACCESS_COOKIE, "", 0, "/")
    _set(response, settings, REFRESH_COOKIE, "", 0, REFRESH_PATH)


def _set(response: Response, settings: Settings, name: str, value: str, max_age: int, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=path,
        httponly=True,
        samesite="strict",
        secure=not settings.is_local,
    )
