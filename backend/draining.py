"""A process that is about to end: it says so at /readyz, serves on, and keeps no connection for another request."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Draining:
    """While the process drains, every answer ends its connection: a proxy's next request opens one elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not scope["app"].state.is_draining:
            await self._app(scope, receive, send)
            return

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, closing)
