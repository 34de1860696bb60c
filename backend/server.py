"""The API's HTTP server, which goes without anybody noticing.

At SIGTERM it first drains: /readyz answers 503, so that who looks there sends nothing new, everything is still served,
and each answer ends its connection. Then it takes in whoever has connected, listens no more (a proxy that is refused
asks another process), answers what it was asked, closes streams with 1012 and ends.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import ExitStack
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from backend.settings import Settings

log = structlog.get_logger(__name__)
TICK = 0.1
LINGER_SECONDS = 1.0
"""Who has connected has this long to say what it wants."""
STOP_SECONDS = 15
"""Requests that are under way have this long; locally nobody waits for them."""
LOCAL_STOP_SECONDS = 2


class Server(uvicorn.Server):
    """Serves one application until SIGTERM or SIGINT; a second SIGINT ends it at once."""

    def __init__(self, app: FastAPI, settings: Settings, **config: Any) -> None:
        self._state = app.state
        self._drain_seconds = settings.drain
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=STOP_SECONDS if self._drain_seconds else LOCAL_STOP_SECONDS,
                server_header=False,
                ws_max_size=16_384,
                # Each stream would compress the same short message by itself, with a window of its own in memory.
                ws_per_message_deflate=False,
                **config,
            )
        )

    async def main_loop(self) -> None:
        """Serve, then drain."""
        await super().main_loop()
        if not self._drain_seconds or self.force_exit:
            return
        log.info("draining", seconds=self._drain_seconds, next="listening no more")
        self._state.is_draining = True
        for tick in range(round(self._drain_seconds / TICK)):
            if self.force_exit:
                return
            await self.on_tick(tick)  # dates its answers
            await asyncio.sleep(TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no more, answer who has come, end."""
        if self._drain_seconds and not self.force_exit:
            await self._take_in(self._stop_listening())
            await self._answer_who_came()
        await super().shutdown(sockets)

    def _stop_listening(self) -> list[socket.socket]:
        """Close the ports. Connections that the kernel has made and nobody has taken would be reset by that: returned."""
        with ExitStack() as stack:
            # The event loop's sockets take nobody by hand; copies of them do.
            ports = [
                stack.enter_context(socket.socket(fileno=os.dup(one.fileno())))
                for server in self.servers
                for one in server.sockets
            ]
            for server in self.servers:
                server.close()
            return [connection for port in ports for connection in _accepted(port)]

    async def _take_in(self, connections: list[socket.socket]) -> None:
        """Serve them as if they had been taken a moment earlier."""
        for connection in connections:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    async def _answer_who_came(self) -> None:
        """Return when every connection has been answered, or has said nothing for LINGER_SECONDS."""
        for _ in range(round(LINGER_SECONDS / TICK)):
            if not any(_is_unanswered(one) for one in self.server_state.connections):
                return
            await asyncio.sleep(TICK)


def _accepted(port: socket.socket) -> list[socket.socket]:
    """Every connection that waits at a port."""
    port.setblocking(False)
    found: list[socket.socket] = []
    while True:
        try:
            connection, _ = port.accept()
        except BlockingIOError:
            return found
        connection.setblocking(False)
        found.append(connection)


def _is_unanswered(connection: Any) -> bool:
    """Whether it is one of HTTP whose request has not come, or has no answer yet; streams are no such."""
    if not hasattr(connection, "cycle"):
        return False
    return connection.cycle is None or not connection.cycle.response_complete
