"""The application behind a real HTTP server, for what a client in this process cannot try: WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from backend.app import create_app
from backend.services import Services
from backend.settings import Settings
from tests.support.waiting import wait_until_async
from tools.ports import free_port


@dataclass(frozen=True)
class Served:
    """A running server."""

    app: FastAPI
    port: int

    @property
    def services(self) -> Services:
        """What it runs on."""
        found: Services = self.app.state.services
        return found

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Served]:
    """An API process's server in this process."""
    app, port = create_app(settings), free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # Signals stay pytest's.
    running = asyncio.create_task(server._serve())
    try:

        async def started() -> bool:
            return server.started

        await wait_until_async(started, 15, what="the server")
        yield Served(app, port)
    finally:
        server.should_exit = True
        await running
