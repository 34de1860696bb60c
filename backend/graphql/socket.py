"""`WS /graphql`: subscriptions by the protocol graphql-transport-ws, which strawberry speaks.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. What comes in is checked before strawberry sees it, each
operation is measured before it is executed, and a connection takes the places that a stream takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated, Any, Literal

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from graphql import GraphQLError, OperationType, get_operation_ast
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.async_base_view import AsyncWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.types.unset import UNSET

from backend.auth.throttle import network_of
from backend.graphql import cost
from backend.graphql.limits import QueryRefused
from backend.graphql.subscriptions import Listener, schema
from backend.process import DATABASE_TROUBLE
from backend.routing import Router
from backend.stream import codes, entry

log = structlog.get_logger(__name__)
router = Router(tags=["graphql"])
INIT_SECONDS = 5
SEND_SECONDS = 10.0
MOST_SUBSCRIPTIONS = 5
"""Of one connection; each has topics of its own."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Params(_Said):
    token: SecretStr | None = Field(default=None, max_length=4096)


class _Init(_Said):
    type: Literal["connection_init"]
    payload: _Params = _Params()


class _Ping(_Said):
    type: Literal["ping", "pong"]


class _Operation(_Said):
    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - the protocol's name


class _Subscribe(_Said):
    type: Literal["subscribe"]
    id: str = Field(max_length=100)
    payload: _Operation


class _Complete(_Said):
    type: Literal["complete"]
    id: str = Field(max_length=100)


_MESSAGE: TypeAdapter[_Init | _Ping | _Subscribe | _Complete] = TypeAdapter(
    Annotated[_Init | _Ping | _Subscribe | _Complete, Field(discriminator="type")]
)


class _View:
    """What strawberry asks of the HTTP side."""

    def __init__(self, socket: WebSocket, places: ExitStack) -> None:
        self._socket, self._places = socket, places

    async def on_ws_connect(self, listener: Listener) -> Any:
        """Who it is, and a place for them."""
        params = _Params.model_validate(listener.connection_params)
        try:
            listener.access = await entry.who(self._socket, listener.services, params.token)
        except (entry.NotSignedIn, *DATABASE_TROUBLE):
            raise ConnectionRejectionError from None
        if listener.access is not None:
            most = listener.services.settings.streams_per_user
            if not self._places.enter_context(listener.hub.place(f"user {listener.access.user_id}", most)):
                raise ConnectionRejectionError
        return UNSET


class _Socket(AsyncWebSocketAdapter):
    """Checked messages in; messages out, within a time."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self.stuck = asyncio.Event()

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        try:
            while True:
                found = _MESSAGE.validate_json(await self._socket.receive_text())
                said = found.model_dump()
                if isinstance(found, _Init):
                    said["payload"] = {"token": found.payload.token}
                yield said
        except ValidationError as error:
            raise NonJsonMessageReceived from error
        except KeyError as error:
            raise NonTextMessageReceived from error
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_text(json.dumps(message, separators=(",", ":")))
        except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:
            self.stuck.set()
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        await self._socket.close(code, reason)


class _Handler(BaseGraphQLTransportWSHandler[Listener, None]):
    async def handle_task_exception(self, error: Exception) -> None:
        """The client has left while something was sent to it: nothing to tell anybody."""
        if not isinstance(error, WebSocketDisconnected):
            log.error("graphql_failed", exc_info=error)

    async def handle_subscribe(self, message: Any) -> None:
        """Measure it, then do as strawberry does."""
        said = message["payload"]
        try:
            document = cost.read(said["query"])
            cost.check(self.schema._schema, document, said["variables"] or {}, said["operationName"])  # type: ignore[attr-defined]
            meant = get_operation_ast(document, said["operationName"])
            if meant is None or meant.operation is not OperationType.SUBSCRIPTION:
                raise QueryRefused(
                    "no_subscription", "Only subscriptions come here: send queries to POST /graphql."
                )
        except (QueryRefused, GraphQLError) as error:
            code = error.code if isinstance(error, QueryRefused) else "query_malformed"
            told = {"message": str(getattr(error, "message", error)), "extensions": {"code": code}}
            await self.websocket.send_json({"id": message["id"], "type": "error", "payload": [told]})
            return
        await super().handle_subscribe(message)


@router.websocket("/graphql")
async def subscribe(socket: WebSocket) -> None:
    """Subscriptions, to whom the stream is open."""
    services, hub = socket.app.state.services, socket.app.state.stream
    if not entry.may_come(socket, services):
        await socket.close()  # before the handshake is accepted this is a 403
        return
    if GRAPHQL_TRANSPORT_WS_PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await socket.close(4406, f"speak {GRAPHQL_TRANSPORT_WS_PROTOCOL}")
        return
    await socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
    network = network_of(socket.client.host if socket.client else None)
    with ExitStack() as places:
        if not places.enter_context(hub.place(f"network {network}", services.settings.streams_per_address)):
            await socket.close(codes.TOO_MANY, codes.REASONS[codes.TOO_MANY])
            return
        carrier = _Socket(socket)
        handler = _Handler(
            view=_View(socket, places),  # type: ignore[arg-type]
            websocket=carrier,
            context=Listener(hub, services),
            root_value=None,
            schema=schema(introspection=services.settings.is_local),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=MOST_SUBSCRIPTIONS,
        )
        talking, stuck = asyncio.create_task(handler.handle()), asyncio.create_task(carrier.stuck.wait())
        try:
            await asyncio.wait({talking, stuck}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (talking, stuck):
                task.cancel()
            await asyncio.gather(talking, stuck, return_exceptions=True)
