"""A client of the event stream, for tests: says what is meant, hears what is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.backend.reads.facts import Event, address
from tests.backend.reads.stories import tickets_bought


@asynccontextmanager
async def listening(
    port: int, topics: Sequence[str] | None = None, *, token: str | None = None, after: Any = None, **how: Any
) -> AsyncIterator[ClientConnection]:
    """A stream that has been asked for."""
    start = {"type": "start", "token": token, "topics": topics, "resume_after": after}
    async with connect(f"ws://127.0.0.1:{port}/api/v1/stream", **how) as socket:
        with contextlib.suppress(websockets.ConnectionClosed):
            await say(socket, {name: value for name, value in start.items() if value is not None})
        yield socket


async def say(socket: ClientConnection, message: dict[str, Any]) -> None:
    """Send a message."""
    await socket.send(json.dumps(message))


async def heard(socket: ClientConnection, kind: str | None = None) -> dict[str, Any]:
    """The next message (of a kind)."""
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if kind is None or message["type"] == kind:
                return message


async def events(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next events."""
    return [await heard(socket, "event") for _ in range(count)]


async def closed(socket: ClientConnection) -> int:
    """The code the server closes with."""
    await asyncio.wait_for(_drained(socket), 10)
    assert socket.close_code is not None
    return socket.close_code


async def _drained(socket: ClientConnection) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for _ in socket:
            pass


BOB = address(0xB0B1)


def bought(number: int, raffle_id: int = 1) -> Event:
    """Somebody buys a ticket of this number."""
    return tickets_bought(number, 1, BOB, number, raffle_id)
