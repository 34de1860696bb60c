"""How large a request's body may be, by route; refused with 413 before it is read, or while it arrives."""

from __future__ import annotations

import re

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import problem
from backend.graphql.limits import MOST_BYTES
from backend.users.avatar import MAX_AVATAR_BYTES

DEFAULT_BYTES = 64 * 1024
INTENT_BYTES = 128 * 1024
"""A raffle with 500 prizes, or a proposal with ten calls."""
CONTEST_BYTES = 512 * 1024
FILTERS_BYTES = 2 * 1024 * 1024
"""Two filters of 10,000 accounts each, with names as long as platforms allow."""
# None: the route reads its upload itself and stops at a limit of its own.
LIMITS: tuple[tuple[re.Pattern[str], int | None], ...] = (
    (re.compile("POST /api/v1/intents"), INTENT_BYTES),
    (re.compile("POST /api/v1/contests/[^/]+/imports"), None),
    (re.compile("POST /api/v1/contests|PATCH /api/v1/contests/[^/]+"), CONTEST_BYTES),
    (re.compile("PUT /api/v1/contests/[^/]+/filters"), FILTERS_BYTES),
    (re.compile("PUT /api/v1/me/avatar"), MAX_AVATAR_BYTES),
    (re.compile("POST /api/v1/graphql"), MOST_BYTES),
)


class _TooLargeError(Exception):
    """The body went past its limit; ends whoever reads it."""


class BodyLimits:
    """Counts what arrives, whatever Content-Length says; a chunked body has none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that ends at its limit."""
        limit = _limit(f"{scope['method']} {scope['path']}") if scope["type"] == "http" else None
        if limit is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await _refusal(request, limit)(scope, receive, send)
            return
        received = 0
        is_answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLargeError
            return message

        async def held_back(message: Message) -> None:
            """What the application says about a body that it could not read is not the answer."""
            nonlocal is_answered
            if received <= limit:
                is_answered = True
                await send(message)

        try:
            await self._app(scope, counted, held_back)
        except _TooLargeError:
            if is_answered:
                raise
        if received > limit and not is_answered:
            await _refusal(request, limit)(scope, receive, send)


def _limit(operation: str) -> int | None:
    return next((limit for route, limit in LIMITS if route.fullmatch(operation)), DEFAULT_BYTES)


def _refusal(request: Request, limit: int) -> ASGIApp:
    return problem(
        request,
        413,
        "body_too_large",
        "Body too large",
        f"The body of {request.method} {request.url.path} may have {limit} bytes. Send less.",
        {"Connection": "close"},
        limit_bytes=limit,
    )
