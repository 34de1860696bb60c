"""Every request has an id: answered as X-Request-Id, named in problems, borne by all log lines and rows it causes."""

from __future__ import annotations

import time

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.auth.origin import SAFE_METHODS
from backend.errors import bug
from backend.route_names import route_of
from backend.tracing.spans import Span, work
from backend.tracing.traceparent import Traceparent, following

log = structlog.get_logger(__name__)
HEADER = "X-Request-Id"
_NAME = HEADER.lower().encode()
_PROBES = frozenset({"/healthz", "/readyz"})


class Requests:
    """`trust`: a proxy of ours sets X-Request-Id or traceparent itself, so what they say is believed."""

    def __init__(self, app: ASGIApp, trust: bool) -> None:
        self._app = app
        self._trust = trust

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what nobody foresaw is answered here, so that this answer has its id too."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        origin = self._origin(scope)
        if scope["type"] == "websocket" or scope["path"] in _PROBES:
            with following(origin):
                await self._app(scope, receive, _with_id(send, origin, _Seen()))
            return
        began, seen = time.perf_counter(), _Seen()
        method = scope["method"]
        with work(method, origin, "server") as span:
            answer = _with_id(send, origin, seen)
            try:
                await self._app(scope, receive, answer)
            except Exception as error:
                if seen.status is not None:
                    raise
                await (await bug(Request(scope), error))(scope, receive, answer)
            finally:
                _tell(scope, seen.status, (time.perf_counter() - began) * 1_000, span)

    def _origin(self, scope: Scope) -> Traceparent:
        if not self._trust:
            return Traceparent.new()
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        return (
            Traceparent.read(headers.get(b"traceparent"))
            or Traceparent.of_request_id(headers.get(_NAME))
            or Traceparent.new()
        )


class _Seen:
    """What was answered."""

    status: int | None = None


def _with_id(send: Send, origin: Traceparent, seen: _Seen) -> Send:
    async def send_with_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            message = {**message, "headers": [*message["headers"], (_NAME, origin.request_id.encode())]}
        await send(message)

    return send_with_id


def _tell(scope: Scope, status: int | None, milliseconds: float, span: Span) -> None:
    """One line; the path only as its route, since ids, names and tokens of links stand in it. Reads that went well are
    told at the level `debug`."""
    method, route = scope["method"], route_of(scope)
    span.rename(f"{method} {route}" if route else method)
    span.note(
        {
            "http.request.method": method,
            **({"http.route": route} if route else {}),
            **({"http.response.status_code": status} if status else {}),
        }
    )
    if status is None or status >= 500:
        span.fail(str(status or "no answer"))
    tell = log.debug if method in SAFE_METHODS and (status or 500) < 500 else log.info
    tell("request", method=method, route=route, status=status, milliseconds=round(milliseconds, 1))
