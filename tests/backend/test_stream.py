"""The event stream: who may listen, nothing missed and nothing repeated, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import websockets
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from backend.auth.tokens import Access
from backend.outbox.service import publish
from backend.settings import Settings
from backend.stream import codes
from backend.stream.position import Position
from backend.users.tables import Session, User
from tests.backend import stubs
from tests.backend.serving import Served, serve
from tests.backend.stream.client import closed, heard
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async


@pytest.fixture
async def served(settings: Settings, chain: Anvil) -> AsyncIterator[Served]:
    stubs.install(chain)
    quick = settings.model_copy(update={"stream_check_seconds": 0.05, "stream_heartbeat_seconds": 0.3})
    async with serve(quick) as running:
        yield running


async def somebody(served: Served) -> tuple[UUID, UUID, str]:
    """A user, a session and its access token."""
    user, session = uuid4(), uuid4()
    async with AsyncSession(served.services.engine) as db, db.begin():
        db.add(User(id=user, email=f"{user.hex}@example.org", password_hash="-"))
        await db.flush()
        db.add(Session(id=session, user_id=user))
    return user, session, served.services.access_tokens.issue(Access(user, session))


async def happen(served: Served, user: UUID | None, *subjects: str) -> None:
    """One transaction with an event for each subject."""
    async with AsyncSession(served.services.engine) as db, db.begin():
        for subject in subjects:
            await publish(db, user, "intent.created", subject, {"n": subject})


@asynccontextmanager
async def listening(
    served: Served, token: str, resume_after: str | None = None, **how: Any
) -> AsyncIterator[ClientConnection]:
    """A stream after its `ready`."""
    url = f"ws://127.0.0.1:{served.port}/api/v1/stream"
    async with connect(url, **how) as socket:
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.send(json.dumps({"type": "start", "token": token, "resume_after": resume_after}))
        yield socket


async def subjects(socket: ClientConnection, count: int) -> list[str]:
    return [(await heard(socket, "event"))["subject"] for _ in range(count)]


async def test_own_events__in_order__and_nobody_elses(served: Served) -> None:
    ann, _, token = await somebody(served)
    bob, _, _ = await somebody(served)
    async with listening(served, token) as socket:
        assert (await heard(socket))["complete"] is True
        await happen(served, bob, "bob's")
        await happen(served, ann, "1", "2")
        await happen(served, None, "the platform's")
        await happen(served, ann, "3")
        assert await subjects(socket, 3) == ["1", "2", "3"]
        quiet = await heard(socket)
        assert quiet["type"] == "heartbeat"
    await happen(served, ann, "4")
    async with listening(served, token, quiet["id"]) as socket:
        assert await subjects(socket, 1) == ["4"]


async def test_transactions_commit_in_another_order__order_of_commits_and_none_missed(served: Served) -> None:
    """The first number commits last. An order by number would have passed it over."""
    user, _, token = await somebody(served)
    engine = served.services.engine
    async with listening(served, token) as socket, AsyncSession(engine) as slow:
        await heard(socket, "ready")
        await publish(slow, user, "intent.created", "slow", {})
        await happen(served, user, "quick")
        async with listening(served, token, "1-0") as other:
            await heard(other, "ready")
            beat = await heard(other, "heartbeat")
            await heard(socket, "heartbeat")
            await slow.commit()
            assert sorted(await subjects(socket, 2)) == ["quick", "slow"]
            assert sorted(await subjects(other, 2)) == ["quick", "slow"]
    async with listening(served, token, beat["id"]) as socket:
        assert sorted(await subjects(socket, 2)) == ["quick", "slow"]


async def test_killed_again_and_again__resumed__each_event_once(served: Served) -> None:
    """Transactions of random length overlap while the reader is cut off after a few events, many times."""
    user, _, token = await somebody(served)
    names = [str(number) for number in range(120)]
    chance = random.Random(5)

    async def write(mine: list[str]) -> None:
        for name in mine:
            async with AsyncSession(served.services.engine) as db, db.begin():
                await publish(db, user, "intent.created", name, {})
                await asyncio.sleep(chance.random() * 0.02)

    async with listening(served, token) as socket:
        last = (await heard(socket, "ready"))["id"]
    writers = asyncio.gather(*(write(names[lane::4]) for lane in range(4)))
    seen: list[str] = []
    ids: list[Position] = []
    while len(seen) < len(names):
        async with listening(served, token, last) as socket:
            for _ in range(min(chance.randrange(1, 12), len(names) - len(seen))):
                message = await heard(socket, "event")
                seen.append(message["subject"])
                last = message["id"]
                ids.append(Position.parse(last))
            socket.transport.abort()
    await writers
    assert sorted(seen, key=int) == names
    assert ids == sorted(ids)


async def test_bad_first_message__4400(served: Served) -> None:
    url = f"ws://127.0.0.1:{served.port}/api/v1/stream"
    for first in (
        "",
        "{}",
        '{"type":"start","token":"x","resume_after":"5"}',
        "[" * 2000,
    ):
        async with connect(url) as socket:
            await socket.send(first)
            assert await closed(socket) == codes.MALFORMED
    async with connect(url) as socket:
        await socket.send(b"\x00\xff")
        assert await closed(socket) == codes.MALFORMED


async def test_no_valid_token__4401(served: Served) -> None:
    _, session, token = await somebody(served)
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for bad in ("", "x", forged):
        async with listening(served, bad) as socket:
            assert await closed(socket) == codes.SIGNED_OUT
    async with served.services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET revoked_at = now() WHERE id = :id"), {"id": session})
    async with listening(served, token) as socket:
        assert await closed(socket) == codes.SIGNED_OUT


async def test_token_in_the_address__is_not_looked_at(served: Served) -> None:
    _, _, token = await somebody(served)
    async with connect(f"ws://127.0.0.1:{served.port}/api/v1/stream?token={token}") as socket:
        await socket.send('{"type":"start","token":""}')
        assert await closed(socket) == codes.SIGNED_OUT


@pytest.mark.parametrize(
    ("statement"),
    [
        "UPDATE app.session SET revoked_at = now() WHERE id = :session",
        'UPDATE app."user" SET suspended_at = now(), suspended_reason = email WHERE id = :user',
    ],
)
async def test_session_ends_or_user_suspended__stream_ends(served: Served, statement: str) -> None:
    user, session, token = await somebody(served)
    async with listening(served, token) as socket:
        await heard(socket, "ready")
        async with served.services.engine.begin() as db:
            await db.execute(
                text(statement),
                {"session": session, "user": user} if ":session" in statement else {"user": user},
            )
        assert await closed(socket) == codes.SIGNED_OUT


async def test_token_in_the_cookie__counts_for_a_page_of_this_host_alone(served: Served) -> None:
    """Any site's page can make a browser come with the cookie; its Origin says whose page it is."""
    user, _, token = await somebody(served)
    url = f"ws://127.0.0.1:{served.port}/api/v1/stream"
    cookie = {"Cookie": f"access={token}"}
    async with connect(url, origin=Origin(served.url), additional_headers=cookie) as socket:
        await socket.send('{"type":"start"}')
        await heard(socket, "ready")
        await happen(served, user, "1")
        assert await subjects(socket, 1) == ["1"]
    served.services.settings = served.services.settings.model_copy(
        update={"cors_origins": ("https://friend.example",)}
    )
    for origin in ("https://friend.example", None):
        async with connect(
            url, origin=Origin(origin) if origin else None, additional_headers=cookie
        ) as socket:
            await socket.send('{"type":"start"}')
            assert await closed(socket) == codes.SIGNED_OUT
    with pytest.raises(websockets.InvalidStatus, match="403"):
        async with connect(url, origin=Origin("https://evil.example"), additional_headers=cookie):
            pass
    async with connect(url, origin=Origin(served.url), additional_headers={"Cookie": "access=x"}) as socket:
        await socket.send('{"type":"start"}')
        assert await closed(socket) == codes.SIGNED_OUT


async def test_origin__another_site_refused__this_one_and_none_let_in(served: Served) -> None:
    _, _, token = await somebody(served)
    for origin in ("https://evil.example", "null", f"http://127.0.0.1.evil.example:{served.port}"):
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with listening(served, token, origin=origin):
                pass
    async with listening(served, token, origin=served.url) as socket:
        await heard(socket, "ready")


async def test_too_many__of_a_person_or_an_address__4429(served: Served) -> None:
    _, _, token = await somebody(served)
    settings = served.services.settings
    served.services.settings = settings.model_copy(update={"streams_per_user": 1})
    async with listening(served, token) as first:
        await heard(first, "ready")
        async with listening(served, token) as second:
            assert await closed(second) == codes.TOO_MANY
    served.services.settings = settings.model_copy(update={"streams_per_address": 1})
    _, _, other = await somebody(served)
    async with listening(served, token) as first:
        await heard(first, "ready")
        async with listening(served, other) as second:
            assert await closed(second) == codes.TOO_MANY

    async def left() -> bool:
        return not served.app.state.stream._open

    await wait_until_async(left, 10, what="the places given back")
    async with listening(served, other) as again:
        await heard(again, "ready")


async def test_reader_too_slow__let_go_and_resumes_where_it_was(served: Served) -> None:
    user, _, token = await somebody(served)
    settings = served.services.settings
    served.services.settings = settings.model_copy(update={"stream_backlog": 3})
    async with listening(served, token) as socket:
        start = (await heard(socket, "ready"))["id"]
        # Handed out in one pass, before the stream's own task runs.
        await happen(served, user, *map(str, range(20)))
        assert await closed(socket) == codes.TOO_SLOW
    served.services.settings = settings
    async with listening(served, token, start) as socket:
        assert await subjects(socket, 20) == [str(number) for number in range(20)]


async def test_resumed_at_what_is_cleaned_away_or_of_another_database__says_incomplete(
    served: Served,
) -> None:
    user, _, token = await somebody(served)
    await happen(served, user, "1")
    async with listening(served, token, "1-0") as socket:
        assert (await heard(socket))["complete"] is True
        last = (await heard(socket, "event"))["id"]
    async with served.services.engine.begin() as db:
        await db.execute(text("UPDATE app.event_floor SET xid = (SELECT max(xid) FROM app.event)"))
    for after in ("1-0", last, f"{2**63}-1"):
        async with listening(served, token, after) as socket:
            assert (await heard(socket))["complete"] is False
            await happen(served, user, "new")
            assert await subjects(socket, 1) == ["new"]


async def test_postgres_ends_our_connections__stream_goes_on(served: Served) -> None:
    user, _, token = await somebody(served)
    async with listening(served, token) as socket:
        await heard(socket, "ready")
        async with served.services.engine.connect() as db:
            await db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await happen(served, user, "after")
        assert await subjects(socket, 1) == ["after"]
