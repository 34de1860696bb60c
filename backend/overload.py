"""More requests than a process can answer in time: the surplus is told at once to come back, the others are answered.

What a process accepts without bound it answers to nobody in time. A request takes a place while the process works on it:
not while its client sends the body or reads the answer, nor while it waits for what is computed for another one. Those
cost only memory, and have a bound of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

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


_door: ContextVar[Shedding | None] = ContextVar("door", default=None)
"""What let this context's request in."""


def waiting(*, for_a_start: bool = False) -> AbstractContextManager[None]:
    """Inside, this request only waits for what is found out for another one: it takes no place.

    `for_a_start`: its own work comes afterwards, and needs one. Raises Overloaded where there is none then.
    """
    door = _door.get()
    return nullcontext() if door is None else door.left(for_a_start=for_a_start)


class Overloaded(ServiceUnavailable):
    """The process works on as many requests as it may; try again in a second, a change under the same Idempotency-Key"""

    def __init__(self) -> None:
        super().__init__("More is asked right now than can be answered. Try again in a second.")
        self.headers["Retry-After"] = "1"


class Shedding:
    """At most `working` requests are worked on at the same time, and `inside` are in the process."""

    def __init__(self, app: ASGIApp, working: int, inside: int) -> None:
        self._app = app
        self._most_working, self._most_inside = working, inside
        self._working = self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._is_full or self._inside >= self._most_inside:
            _SHED.inc()
            await _refusal(Request(scope))(scope, receive, send)
            return
        is_whole = False

        async def heard() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes now is that the client has left; the work goes on meanwhile
                return await receive()
            with self.left():
                message = await receive()
            is_whole = not message.get("more_body", False)
            return message

        async def told(message: Message) -> None:
            with self.left():
                await send(message)

        token = _door.set(self)
        self._inside += 1
        self._count(1)
        try:
            await self._app(scope, heard, told)
        finally:
            self._count(-1)
            self._inside -= 1
            _door.reset(token)

    @contextmanager
    def left(self, *, for_a_start: bool = False) -> Iterator[None]:
        """Inside, a request of ours takes no place; see `waiting`."""
        self._count(-1)
        is_refused = False
        try:
            yield
            is_refused = for_a_start and self._is_full
        finally:
            self._count(1)
        if is_refused:
            _SHED.inc()
            raise Overloaded

    @property
    def _is_full(self) -> bool:
        return self._working >= self._most_working

    def _count(self, change: int) -> None:
        self._working += change
        _WORKING.inc(change)


def _refusal(request: Request) -> ASGIApp:
    refused = Overloaded()
    return problem(request, refused.status, refused.code, refused.title, refused.detail, refused.headers)
