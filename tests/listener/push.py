"""A WebSocket server that announces the blocks a test wants announced, and misbehaves as the test wants."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.listener.fake_chain import Block, FakeChain
from tests.support.waiting import wait_until

Script = Callable[[web.WebSocketResponse], Awaitable[None]]


async def busy() -> web.Response:
    """A `handshake` that turns everybody away."""
    return web.Response(status=503)


class PushServer:
    """`eth_subscribe` for `chain`, in a thread of its own.

    `refuse`: a JSON-RPC error for eth_subscribe. `script`: runs in place of the subscription's quiet life once
    it is confirmed. `handshake`: runs before the handshake. `pongs` False: pings are not answered.
    """

    def __init__(self, chain: FakeChain) -> None:
        self.chain_id = hex(chain.chain_id)
        self.refuse: dict[str, Any] | None = None
        self.script: Script | None = None
        self.handshake: Callable[[], Awaitable[web.Response | None]] | None = None
        self.pongs = True
        self.connections = 0
        self._subscribers: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/v2/secret-key"

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    def announce(self, *blocks: Block) -> None:
        """Tell every subscriber of these blocks."""
        for block in blocks:
            self.say(notice(block.header))

    def mine(self, chain: FakeChain, logs: list[dict[str, Any]]) -> None:
        """Append a block and announce it."""
        chain.mine(logs)
        self.announce(chain.blocks[-1])

    def say(self, *texts: str | bytes) -> None:
        """Send frames to every subscriber."""
        self._run(self._send(texts))

    def cut(self) -> None:
        """Drop every connection without a word."""
        self._run(self._cut())

    def wait_for_subscriber(self, connections: int = 1) -> None:
        """Until somebody is subscribed, on this connection or a later one."""
        wait_until(lambda: self.subscribers and self.connections >= connections, what="a subscription")

    async def _send(self, texts: tuple[str | bytes, ...]) -> None:
        for socket in list(self._subscribers):
            with suppress(ConnectionError):  # it hung up on what was said
                for text in texts:
                    if isinstance(text, str):
                        await socket.send_str(text)
                    else:
                        await socket.send_bytes(text)

    async def _cut(self) -> None:
        for socket in list(self._subscribers):
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        if self.handshake is not None:
            refusal = await self.handshake()
            if refusal is not None:
                return refusal
        socket = web.WebSocketResponse(autoping=self.pongs)
        await socket.prepare(request)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await self._answer(socket, json.loads(message.data))
        finally:
            if socket in self._subscribers:
                self._subscribers.remove(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, call: dict[str, Any]) -> None:
        shell = {"jsonrpc": "2.0", "id": call["id"]}
        if call["method"] == "eth_chainId":
            await socket.send_json({**shell, "result": self.chain_id})
            return
        assert (call["method"], call["params"]) == ("eth_subscribe", ["newHeads"])
        if self.refuse is not None:
            await socket.send_json({**shell, "error": self.refuse})
            return
        await socket.send_json({**shell, "result": "0x1"})
        self._subscribers.append(socket)
        if self.script is not None:
            await self.script(socket)

    def _run(self, work: Awaitable[None]) -> None:
        async def awaited() -> None:
            await work

        asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_get("/v2/secret-key", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


def notice(header: Any) -> str:
    """A frame as geth sends it."""
    params = {"subscription": "0x1", "result": header}
    return json.dumps({"jsonrpc": "2.0", "method": "eth_subscription", "params": params})
