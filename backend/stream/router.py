"""The stream's route: who may listen, and the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from backend.auth.throttle import network_of
from backend.auth.tokens import Access
from backend.routing import Router
from backend.services import Services
from backend.stream import codes, messages, store
from backend.stream.hub import Hub, Subscriber
from backend.stream.position import Position

router = Router(tags=["stream"])
START_SECONDS = 5.0
SEND_SECONDS = 10.0


class _End(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """A person's events. The token comes in the first message: an address ends up in logs."""
    hub: Hub = socket.app.state.stream
    services: Services = socket.app.state.services
    if not _may_come(socket, services.settings.cors_origins):
        await socket.close()  # before the handshake is accepted this is a 403
        return
    await socket.accept()
    network = network_of(socket.client.host if socket.client else None)
    code = codes.TOO_MANY
    with hub.place(f"network {network}", services.settings.streams_per_address) as free:
        if free:
            code = await _converse(socket, hub, services)
    if code:
        await _close(socket, code)


def _may_come(socket: WebSocket, others: Collection[str]) -> bool:
    """A browser names the page's site: this one, or one that may call the API. Other programs name none."""
    origin = socket.headers.get("origin")
    if origin is None or origin in others:
        return True
    return urlsplit(origin).netloc.lower() == socket.headers.get("host", "").lower()


async def _converse(socket: WebSocket, hub: Hub, services: Services) -> int:
    """From the first message to the end; returns the code to close with, 0 when the client has left."""
    try:
        start, access = await _introduced(socket, services)
        with hub.place(f"user {access.user_id}", services.settings.streams_per_user) as free:
            if not free:
                return codes.TOO_MANY
            await _serve(socket, hub, services, start, access)
    except _End as end:
        return end.code
    except (WebSocketDisconnect, RuntimeError):
        return 0
    return 0


async def _introduced(socket: WebSocket, services: Services) -> tuple[messages.Start, Access]:
    try:
        async with asyncio.timeout(START_SECONDS):
            start = messages.Start.model_validate_json(await socket.receive_text())
    except (ValidationError, TimeoutError, KeyError):
        raise _End(codes.MALFORMED) from None
    access = services.access_tokens.read(start.token.get_secret_value())
    if access is None or not await store.is_signed_in(services.engine, access.user_id, access.session_id):
        raise _End(codes.SIGNED_OUT)
    return start, access


async def _serve(
    socket: WebSocket, hub: Hub, services: Services, start: messages.Start, access: Access
) -> None:
    """Talk until one side ends it."""
    backlog: asyncio.Queue[store.StoredEvent] = asyncio.Queue(services.settings.stream_backlog)
    subscriber = Subscriber(access.user_id, access.session_id, backlog)
    live_from = await hub.join(subscriber)
    tasks: list[asyncio.Future[None]] = [
        asyncio.create_task(_tell(socket, hub, services, subscriber, start, live_from)),
        asyncio.create_task(_hear(socket)),
    ]
    try:
        waits: list[asyncio.Future[Any]] = [*tasks, subscriber.end]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if subscriber.end.done():
            raise _End(subscriber.end.result())
        for task in tasks:
            if task.done():
                task.result()
    finally:
        hub.leave(subscriber)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(socket: WebSocket) -> None:
    """Nothing is expected any more but the end."""
    await socket.receive_text()
    raise _End(codes.MALFORMED)


async def _tell(
    socket: WebSocket,
    hub: Hub,
    services: Services,
    subscriber: Subscriber,
    start: messages.Start,
    live_from: Position,
) -> None:
    """First what was missed, then what comes; never the same event twice, never an earlier one later."""
    seen = live_from
    complete = True
    if start.resume_after is not None:
        seen = Position.parse(start.resume_after)
        complete = await store.is_known(services.engine, seen)
        if not complete:
            seen = live_from
    await _send(socket, messages.ready(seen, complete))
    while seen < live_from:
        page = await store.missed(services.engine, subscriber.user_id, seen, live_from)
        for found in page:
            await _send(socket, messages.event(found))
        seen = page[-1].position if len(page) == store.PAGE else live_from
    while True:
        reached = hub.position
        try:
            async with asyncio.timeout(services.settings.stream_heartbeat_seconds):
                found = await subscriber.backlog.get()
        except TimeoutError:
            # Read before the wait: whatever is before it was handed out, and the backlog is empty.
            await _send(socket, messages.heartbeat(max(seen, reached)))
            continue
        if found.position > seen:
            await _send(socket, messages.event(found))
            seen = found.position


async def _send(socket: WebSocket, message: dict[str, object]) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await socket.send_json(message)
    except TimeoutError:
        raise _End(codes.TOO_SLOW) from None


async def _close(socket: WebSocket, code: int) -> None:
    """Say why, and read on until the client has answered: a server that stops reading never sees its answer."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await socket.close(code, codes.REASONS[code])
            while (await socket.receive())["type"] != "websocket.disconnect":
                continue
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        return
