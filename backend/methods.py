"""HEAD wherever there is GET, and 405 with every method of the path in `Allow` (RFC 9110, 9.3.2 and 10.2.1), although
each method is a route of its own.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import problem


class Heads:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, without_body)
        finally:
            if "endpoint" in asked:  # which route took it, for who counts requests
                scope["endpoint"] = asked["endpoint"]


def install(app: FastAPI) -> None:
    """Answer a method that a path has not. Call it when all routes are there."""
    offered = [
        (compile_path(route.path)[0], frozenset(route.methods))
        for route in iter_route_contexts(app.routes)
        if route.path is not None and route.methods
    ]

    async def refuse(request: Request, _raised: Exception) -> JSONResponse:
        path = request.url.path
        found = {name for pattern, names in offered if pattern.match(path) for name in names}
        allowed = sorted(found | {"HEAD"} if "GET" in found else found)
        return problem(
            request,
            405,
            "method_not_allowed",
            "Method Not Allowed",
            f"{request.method} is not offered at {path}; what is: {', '.join(allowed)}.",
            {"Allow": ", ".join(allowed)},
        )

    app.add_exception_handler(405, refuse)
