"""A JSON-RPC proxy that misbehaves on demand, between the sender and anvil."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

Handler = Callable[[dict[str, Any], Callable[[], Awaitable[dict[str, Any]]]], Awaitable[dict[str, Any]]]


class DroppedError(Exception):
    """Raise in a fault to close the connection without an answer."""


class FaultProxy:
    """Forwards calls to `upstream`. `faults[method]` is asked first and may forward, change, refuse or drop.

    A fault is `async (call, forward) -> answer`; `forward()` sends the call on and returns the node's answer.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self.faults: dict[str, Handler] = {}
        self.seen: Counter[str] = Counter()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_post("/{key:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        calls = body if isinstance(body, list) else [body]
        try:
            answers = [await self._answer(call) for call in calls]
        except DroppedError:
            if request.transport is not None:
                request.transport.abort()
            raise
        return web.json_response(answers if isinstance(body, list) else answers[0])

    async def _answer(self, call: dict[str, Any]) -> dict[str, Any]:
        self.seen[call["method"]] += 1

        async def forward() -> dict[str, Any]:
            async with self._session.post(self._upstream, json=call) as response:
                answer: dict[str, Any] = await response.json()
                return answer

        fault = self.faults.get(call["method"])
        return await (fault(call, forward) if fault else forward())


def refuse(message: str, code: int = -32000) -> Handler:
    """Answer with an error, forward nothing."""

    async def fault(call: dict[str, Any], _forward: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": code, "message": message}}

    return fault


def answer(result: Any) -> Handler:
    """Answer this, forward nothing."""

    async def fault(call: dict[str, Any], _forward: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": call["id"], "result": result}

    return fault


async def accept_then_drop(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
    """The node has it, the sender never hears so."""
    await forward()
    raise DroppedError


async def accept_then_500(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
    """The node has it, the gateway says it broke."""
    await forward()
    raise web.HTTPInternalServerError(text="upstream broke")


async def swallow(call: dict[str, Any], _forward: Any) -> dict[str, Any]:
    """The provider says yes and sends nothing on."""
    from eth_utils.crypto import keccak

    raw = bytes.fromhex(call["params"][0][2:])
    return {"jsonrpc": "2.0", "id": call["id"], "result": "0x" + keccak(raw).hex()}


async def empty(call: dict[str, Any], _forward: Any) -> dict[str, Any]:
    """Nothing is known."""
    return {"jsonrpc": "2.0", "id": call["id"], "result": None}


def times(count: int, fault: Handler) -> Handler:
    """Misbehave so often, then forward."""
    left = [count]

    async def limited(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if left[0] <= 0:
            answer: dict[str, Any] = await forward()
            return answer
        left[0] -= 1
        return await fault(call, forward)

    return limited


def after(delay: float, fault: Handler) -> Handler:
    """Answer late."""

    async def late(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        answer = await fault(call, forward)
        await asyncio.sleep(delay)
        return answer

    return late


async def forwarded(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
    """No fault."""
    answer: dict[str, Any] = await forward()
    return answer
