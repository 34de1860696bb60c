"""More requests than a process can answer in time: the surplus is told at once to come back, the others are answered.

What a process accepts without bound it answers to nobody in time. A request counts while the process works on it, not
while its client sends the body or reads the answer: slow clients take no place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from fastapi import Request
from prometheus_client import Counter, Gauge
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import ServiceUnavailable, problem

log = structlog.get_logger(__name__)
PROBES = ("/healthz", "/readyz")
"""Whoever asks whether the process lives must not be told that it is busy."""
_SHED = Counter("tombola_requests_shed", "Requests refused because too many were under way")
_WORKING = Gauge("tombola_requests_under_way", "Requests the process works on")


class Overloaded(ServiceUnavailable):
    """The process works on as many requests as it may; try again in a second, a change under the same Idempotency-Key"""

    def __init__(self) -> None:
        super().__init__("More is asked right now than can be answered. Try again in a second.")
        self.headers["Retry-After"] = "1"


class Shedding:
    """At most `limit` requests are worked on at the same time."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit
        self._working = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._working >= self._limit:
            _SHED.inc()
            await _refusal(Request(scope))(scope, receive, send)
            return
        is_whole = False

        async def heard() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes now is that the client has left; the work goes on meanwhile
                return await receive()
            with self._counted(-1):
                message = await receive()
            is_whole = not message.get("more_body", False)
            return message

        async def told(message: Message) -> None:
            with self._counted(-1):
                await send(message)

        with self._counted(1):
            await self._app(scope, heard, told)

    @contextmanager
    def _counted(self, change: int) -> Iterator[None]:
        self._count(change)
        try:
            yield
        finally:
            self._count(-change)

    def _count(self, change: int) -> None:
        self._working += change
        _WORKING.inc(change)


def _refusal(request: Request) -> ASGIApp:
    refused = Overloaded()
    return problem(request, refused.status, refused.code, refused.title, refused.detail, refused.headers)
