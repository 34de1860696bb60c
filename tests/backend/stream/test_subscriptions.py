"""Subscriptions over WS /graphql, as a client of the protocol graphql-transport-ws speaks."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from backend.graphql.socket import MOST_SUBSCRIPTIONS
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.reads.stories import raffle_created
from tests.backend.serving import Served
from tests.backend.stream.client import bought, closed, say
from tests.backend.test_stream import happen, somebody

QUERY = """subscription ($topics: [String!]!, $after: ResumeAfter) {
    events(topics: $topics, resumeAfter: $after) { id chain event topics subject block data }
}"""


@asynccontextmanager
async def connected(
    served: Served, payload: dict[str, Any] | None = None, **how: Any
) -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{served.port}/api/v1/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], **how) as socket:
        with contextlib.suppress(websockets.ConnectionClosed):
            await say(socket, {"type": "connection_init", **({"payload": payload} if payload else {})})
        yield socket


async def heard(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        found: dict[str, Any] = json.loads(await socket.recv())
        return found


async def listen(socket: ClientConnection, *topics: str, name: str = "1", **after: str) -> None:
    variables = {"topics": topics, "after": after or None}
    await say(socket, {"id": name, "type": "subscribe", "payload": {"query": QUERY, "variables": variables}})


async def next_event(socket: ClientConnection) -> dict[str, Any]:
    message = await heard(socket)
    assert message["type"] == "next", message
    found: dict[str, Any] = message["payload"]["data"]["events"]
    return found


async def failed(socket: ClientConnection) -> str:
    """The code of an operation that ends with an error, from its start or later."""
    message = await heard(socket)
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    code: str = errors[0]["extensions"]["code"]
    return code


async def test_events__of_topics__resumed__until_completed(served: Served, facts: ChainOfFacts) -> None:
    user, session, token = await somebody(served)
    async with connected(served, {"token": token}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        await listen(socket, "me", "raffle:1")
        ready = await next_event(socket)
        assert (ready["event"], ready["topics"], ready["data"]) == (
            "stream.ready",
            ["me", "raffle:1"],
            {"complete": True},
        )
        facts.block(raffle_created(1), raffle_created(2))
        created = await next_event(socket)
        assert (created["event"], created["topics"], created["block"]) == (
            "raffle.raffle_created",
            ["raffle:1"],
            2,
        )
        await happen(served, user, "mine")
        mine = await next_event(socket)
        assert (mine["event"], mine["subject"], mine["topics"]) == ("intent.created", "mine", ["me"])
        await say(socket, {"id": "1", "type": "complete"})
        await say(socket, {"type": "ping"})
        assert (await heard(socket))["type"] == "pong"
        facts.block(bought(0))
        await listen(socket, "raffles", name="2", chain=created["id"])
        assert (await next_event(socket))["chain"] == created["id"]
        assert [(await next_event(socket))["event"] for _ in range(2)] == [
            "raffle.raffle_created",
            "raffle.tickets_bought",
        ]
        await listen(socket, "me", name="3")
        assert (await next_event(socket))["event"] == "stream.ready"
        async with served.services.engine.begin() as db:
            await db.execute(
                text("UPDATE app.session SET revoked_at = now() WHERE id = :id"), {"id": session}
            )
        over = [await heard(socket) for _ in range(4)]
        assert sorted((each["id"], each["type"]) for each in over) == [
            (name, kind) for name in "23" for kind in ("complete", "next")
        ]
        assert {
            each["payload"]["errors"][0]["extensions"]["code"] for each in over if each["type"] == "next"
        } == {"signed_out"}
        await listen(socket, "raffles", name="4")
        assert await failed(socket) == "signed_out"


async def test_nobody_and_strangers(served: Served) -> None:
    _, _, token = await somebody(served)
    for origin in ("https://evil.example", "null"):
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with connected(served, origin=Origin(origin)):
                pass
    async with connected(served, {"token": "x"}) as socket:
        assert await closed(socket) == 4403
    cookie: dict[str, Any] = {"additional_headers": {"Cookie": f"access={token}"}}
    for who, is_known in (({"origin": Origin(served.url), **cookie}, True), (cookie, False)):
        async with connected(served, **who) as socket:
            await heard(socket)
            await listen(socket, "me")
            if is_known:
                assert (await next_event(socket))["topics"] == ["me"]
            else:
                assert await failed(socket) == "topics_refused"
                assert (await heard(socket))["type"] == "complete"
                await listen(socket, "blocks", name="2")
                assert (await next_event(socket))["topics"] == ["blocks"]
    async with connect(f"ws://127.0.0.1:{served.port}/api/v1/graphql") as socket:
        assert await closed(socket) == 4406


async def test_what_is_refused__and_limits(served: Served) -> None:
    async with connected(served) as socket:
        await heard(socket)
        for query, code in (
            ("{ ownTopic }", "no_subscription"),
            ("subscription {", "query_malformed"),
            ("subscription { events(topics: []) " + "{ data " * 9 + "}" * 9 + "}", "query_too_deep"),
            ("subscription a { x } subscription b { x }", "operation_unclear"),
        ):
            await say(socket, {"id": "1", "type": "subscribe", "payload": {"query": query}})
            assert await failed(socket) == code, query
        await listen(socket, "raffle:x")
        assert await failed(socket) == "topics_refused"
        assert (await heard(socket))["type"] == "complete"
        await listen(socket, "raffles", chain="5")
        assert await failed(socket) == "resume_malformed"
        assert (await heard(socket))["type"] == "complete"
        for number in range(MOST_SUBSCRIPTIONS):
            await listen(socket, "raffles", name=f"s{number}")
            await next_event(socket)
        await listen(socket, "raffles", name="more")
        assert (await heard(socket))["type"] == "error"
    for junk in (
        "x",
        "[" * 10_000,
        "[]",
        "{}",
        '{"type":"subscribe","id":[],"payload":{"query":"{a}"}}',
        '{"type":"error"}',
    ):
        async with connected(served) as socket:
            await heard(socket)
            await socket.send(junk)
            assert await closed(socket) == 4400, junk
    hidden = served.services.settings
    served.services.settings = hidden.model_copy(
        update={"streams_per_address": 1, "environment": "production"}
    )
    async with connected(served) as socket:
        await heard(socket)
        async with connected(served) as second:
            assert await closed(second) == 4429
        assert "Did you mean" not in await _misspelt(socket)
    served.services.settings = hidden
    async with connected(served) as socket:
        await heard(socket)
        assert "Did you mean" in await _misspelt(socket)


async def _misspelt(socket: ClientConnection) -> str:
    query = {"query": "subscription { event(topics: []) { id } }"}
    await say(socket, {"id": "1", "type": "subscribe", "payload": query})
    return json.dumps(await heard(socket))
