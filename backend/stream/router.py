"""The stream's route: the handshake, the first message, and one connection's two directions until it ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from backend.auth.throttle import network_of
from backend.auth.tokens import Access
from backend.process import DATABASE_TROUBLE
from backend.routing import Router
from backend.services import Services
from backend.stream import codes, entry
from backend.stream.conversation import Conversation
from backend.stream.hub import Hub
from backend.stream.messages import Change, Start, Told
from backend.stream.subscriber import Subscriber
from backend.stream.topics import ME

router = Router(tags=["stream"])
START_SECONDS = 5.0
SEND_SECONDS = 10.0


class _End(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """Events as they are committed. A token comes in the first message: an address ends up in logs."""
    hub: Hub = socket.app.state.stream
    services: Services = socket.app.state.services
    if not entry.may_come(socket, services):
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


async def _converse(socket: WebSocket, hub: Hub, services: Services) -> int:
    """From the first message to the end; returns the code to close with, 0 when the client has left."""
    try:
        start, access = await _introduced(socket, services)
        if access is None:
            await _serve(socket, hub, services, start, access)
            return 0
        with hub.place(f"user {access.user_id}", services.settings.streams_per_user) as free:
            if not free:
                return codes.TOO_MANY
            await _serve(socket, hub, services, start, access)
    except _End as end:
        return end.code
    except (WebSocketDisconnect, RuntimeError):
        return 0
    except DATABASE_TROUBLE:
        return codes.AGAIN
    return 0


async def _introduced(socket: WebSocket, services: Services) -> tuple[Start, Access | None]:
    try:
        async with asyncio.timeout(START_SECONDS):
            start = Start.model_validate_json(await socket.receive_text())
    except (ValidationError, TimeoutError, KeyError):
        raise _End(codes.MALFORMED) from None
    try:
        access = await entry.who(socket, services, start.token)
    except entry.NotSignedIn:
        raise _End(codes.SIGNED_OUT) from None
    if access is None and (start.topics is None or ME in start.topics):
        raise _End(codes.SIGNED_OUT)
    return start, access


async def _serve(
    socket: WebSocket, hub: Hub, services: Services, start: Start, access: Access | None
) -> None:
    """Talk until one side ends it."""
    backlog: asyncio.Queue[Told] = asyncio.Queue(services.settings.stream_backlog)
    subscriber = Subscriber(access, backlog)
    conversation = Conversation(hub, services, subscriber)
    tasks: list[asyncio.Future[None]] = []
    try:
        await conversation.begin([ME] if start.topics is None else start.topics, start.resume_after)
        tasks += [
            asyncio.create_task(_tell(socket, conversation)),
            asyncio.create_task(_hear(socket, conversation)),
        ]
        waits: list[asyncio.Future[Any]] = [*tasks, subscriber.end]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if subscriber.end.done():
            raise _End(subscriber.end.result())
        for task in tasks:
            if task.done():
                task.result()
    finally:
        conversation.end()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(socket: WebSocket, conversation: Conversation) -> None:
    """Changes of topics, until the end."""
    while True:
        try:
            change = Change.model_validate_json(await socket.receive_text())
        except (ValidationError, KeyError):
            raise _End(codes.MALFORMED) from None
        await conversation.change(change)


async def _tell(socket: WebSocket, conversation: Conversation) -> None:
    """Send everything there is to say."""
    async with aclosing(conversation.tell()) as all_told:
        async for told in all_told:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await socket.send_text(told.text)
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
