"""Requests by the route's template: how many, how they ended, how long they took. Never by their own path.

A request that no route took (an unknown path, or refused before) is counted under the route `none`.
"""

from __future__ import annotations

import time

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.route_names import route_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
REQUESTS = Counter(
    "tombola_http_requests",
    "Requests answered, by the route's template, method and class of status",
    ["route", "method", "status"],
)
DURATION = Histogram(
    "tombola_http_request_duration_seconds",
    "From a request's arrival to the end of its answer",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
IN_FLIGHT = Gauge("tombola_http_requests_in_flight", "Requests being answered")


class Measured:
    """Counts each HTTP request; the outermost wrapper, so what the others refuse counts too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500  # of who ends without an answer

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, watched)
        finally:
            IN_FLIGHT.dec()
            route = route_of(scope) or NO_ROUTE
            REQUESTS.labels(route, method, f"{status // 100}xx").inc()
            DURATION.labels(route).observe(time.perf_counter() - began)
