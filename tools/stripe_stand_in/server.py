"""The stand-in as one HTTP server."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from aiohttp import web

from tools.stripe_stand_in.account import Account
from tools.stripe_stand_in.api import Api
from tools.stripe_stand_in.faults import Faults
from tools.stripe_stand_in.pages import Pages
from tools.stripe_stand_in.shapes import Object
from tools.stripe_stand_in.webhooks import Webhooks


class StandIn:
    """Serves one account. Events are sent by `webhooks`; without it they wait in `events`, for who reorders them."""

    def __init__(
        self,
        secret_key: str,
        *,
        webhooks: Webhooks | None = None,
        file: Path | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.events: list[Object] = []
        self.faults = Faults()
        self.account = Account(self._tell, clock, file)
        self._webhooks = webhooks
        self._port = port
        self._sending: asyncio.Task[None] | None = None
        app = web.Application()
        Api(self.account, self.faults, secret_key).add_to(app)
        Pages(self.account).add_to(app)
        app.router.add_get("/healthz", _health)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self.account.base_url

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.account.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        if self._webhooks is not None:
            self._sending = asyncio.create_task(self._webhooks.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending
        await self._runner.cleanup()

    def _tell(self, event: Object) -> None:
        if self._webhooks is None:
            self.events.append(event)
        else:
            self._webhooks.tell(event)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
