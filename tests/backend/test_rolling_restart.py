"""Two processes of each kind behind nginx: restarted in turn, and killed, while people read, pay and listen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import redis
import websockets
from sqlalchemy.ext.asyncio import AsyncSession
from websockets.asyncio.client import connect

from backend.outbox.service import mail
from backend.settings import Settings
from tests.backend.fleet import KINDS, Fleet
from tests.backend.reads.facts import registry_document
from tests.backend.test_auth import PASSWORD, register, step_up
from tests.backend.working import comes_true, value
from tests.backend.world import POL, World, fresh_address, make_settings
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

PAUSE = 0.03
"""Between two requests of one person: a person, no load test."""
CLIENT = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
"""Not the proxy's own address where that is possible, so that it shows whose the API sees."""
LINK = {"link": "https://tombola.test/verify#abc", "expires": "tomorrow"}


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    """Settings that know the real contracts, so that the listener makes all tables."""
    return make_settings(database.backend, [chain.url], tmp_path, registry=registry_document())


@dataclass
class Traffic:
    """What people did, and what they were told."""

    port: int
    bearer: dict[str, str]
    intents: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    repeated: int = 0
    streams: int = 0
    after: dict[str, str] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    may_repeat: bool = False
    """Whether a change that failed is sent again, which it must not need as long as nobody is killed."""

    @asynccontextmanager
    async def flowing(self, world: World, person: UUID) -> AsyncIterator[None]:
        """Everybody does what they do while the block runs."""
        parts: list[Callable[[httpx.AsyncClient], Awaitable[None]]] = [
            lambda http: self._read(http, "/api/v1/raffles", {}),
            lambda http: self._read(http, "/api/v1/status", {}),
            lambda http: self._read(http, "/api/v1/wallet", self.bearer),
            self._pay,
        ]
        people = [asyncio.create_task(self._again_and_again(part)) for part in parts]
        people.append(asyncio.create_task(self._ask_for_mail(world, person)))
        listening = asyncio.create_task(self._listen())
        try:
            yield
            self.over.set()
            await asyncio.gather(*people)  # nobody leaves before the answer
            await wait_until_async(self._is_told_all, 60, what="every end told")
        finally:
            for task in (*people, listening):
                task.cancel()
            await asyncio.gather(*people, listening, return_exceptions=True)

    @property
    def confirmed(self) -> Counter[str]:
        """How often the stream told of each intent that it is confirmed."""
        return Counter(one["data"]["intent_id"] for one in self.events if one["event"] == "intent.confirmed")

    async def _is_told_all(self) -> bool:
        return set(self.intents) <= self.confirmed.keys()

    def client(self) -> httpx.AsyncClient:
        """A browser."""
        transport = httpx.AsyncHTTPTransport(verify=False, local_address=CLIENT)
        return httpx.AsyncClient(base_url=f"https://127.0.0.1:{self.port}", transport=transport, timeout=30)

    async def _again_and_again(self, part: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        async with self.client() as http:
            while not self.over.is_set():
                await part(http)
                await asyncio.sleep(PAUSE)

    async def _read(self, http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
        answer = await http.get(path, headers=headers)
        if answer.status_code != 200:
            self.failed.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")

    async def _pay(self, http: httpx.AsyncClient) -> None:
        """A transfer under a key of its own, sent again as it is where nobody knows what became of it."""
        body = {"kind": "transfer", "token": None, "to": fresh_address(), "amount": str(POL // 1000)}
        headers = {**self.bearer, "Idempotency-Key": uuid4().hex}
        while True:
            try:
                answer = await http.post("/api/v1/intents", json=body, headers=headers)
                said = f"{answer.status_code} {answer.text[:200]}"
            except httpx.TransportError as error:
                answer, said = None, repr(error)
            if answer is not None and answer.status_code == 202:
                self.intents.append(answer.json()["id"])
                return
            if not self.may_repeat or (answer is not None and answer.status_code < 500):
                self.failed.append(f"POST /intents: {said}")
                return
            self.repeated += 1

    async def _listen(self) -> None:
        """A stream of one's own events and of blocks that goes on where it was."""
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        while True:
            with contextlib.suppress(websockets.WebSocketException, OSError):
                async with connect(f"wss://127.0.0.1:{self.port}/api/v1/stream", ssl=trust) as socket:
                    start = {"type": "start", "topics": ["me", "blocks"], "resume_after": self.after or None}
                    start["token"] = self.bearer["authorization"].removeprefix("Bearer ")
                    await socket.send(json.dumps({k: v for k, v in start.items() if v is not None}))
                    async for text in socket:
                        self._hear(json.loads(text))

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "ready":
            self.streams += 1
            if not message["complete"]:
                self.failed.append(f"stream: {message}")
        for mine, kind in (("id", "me"), ("chain", "chain")):
            if message["type"] != "event" and mine in message:
                self.after[kind] = message[mine]
        if message["type"] != "event":
            return
        if message["topics"] == ["me"]:
            self.after["me"] = message["id"]
            self.events.append(message)
        else:
            self.after["chain"] = message["id"]
            self.heads.append(message["block"])

    async def _ask_for_mail(self, world: World, person: UUID) -> None:
        """Work for the workers."""
        while not self.over.is_set():
            async with AsyncSession(world.services.engine) as db, db.begin():
                await mail(db, person, "ann@example.org", "verify_email", LINK)
            await asyncio.sleep(PAUSE * 10)


async def _restart(fleet: Fleet, world: World, name: str) -> None:
    """The process is asked to end, leaves nothing behind, and is started again."""
    kind, _, number = name.partition(" ")
    await fleet.stop(name)
    if kind == "sender":
        owner = fleet.said(name, "sender_ready")["owner"]
        kept = "SELECT count(*) FROM app.wallet WHERE lease_owner = :owner"
        assert await value(world.services, kept, owner=UUID(owner)) == 0, "a wallet waits for who has ended"
    if kind == "worker":
        kept = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL"
        assert await value(world.services, kept) == 0, "a job waits for who has ended"
    if kind == "listener":
        await fleet.leads(f"listener {'2' if number == '1' else '1'}")
    await _start(fleet, name)


async def _start(fleet: Fleet, name: str) -> None:
    """Start it and wait until it works, and nginx sends requests there."""
    fleet.start(name)
    await fleet.ready(name)
    if name.startswith("api"):
        answered = fleet.answered(name)
        await wait_until_async(_soon(lambda: fleet.answered(name) > answered), 30, what=f"requests at {name}")


def _soon(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    return lambda: asyncio.to_thread(condition)


async def _introduce(fleet: Fleet, world: World) -> tuple[Traffic, UUID]:
    """Somebody with money and a session; whose address the API has seen."""
    traffic = Traffic(fleet.port, {})
    async with traffic.client() as http:
        user = await register(http)
        world.anvil.call("anvil_setBalance", user["wallet_address"], hex(100 * POL))
        asked, claimed = {"email": user["email"], "password": PASSWORD}, {"x-forwarded-for": "203.0.113.9"}
        session = (await http.post("/api/v1/sessions", json=asked, headers=claimed)).json()
        http.cookies.clear()
        traffic.bearer = await step_up(http, {"authorization": f"Bearer {session['access_token']}"})
        (shown,) = (await http.get("/api/v1/sessions", headers=traffic.bearer)).json()
        assert shown["network"] == CLIENT, "the client's own address: not the proxy's, nor one it claims"
        plain = await http.get(f"http://127.0.0.1:{fleet.plain_port}/raffles/7?a=1")
        assert plain.headers["location"] == "https://127.0.0.1/raffles/7?a=1"
    return traffic, UUID(user["id"])


def in_redis(fleet: Fleet) -> set[str]:
    """What the API processes share there."""
    kinds = {b"tombola:read:": "kept answers", b"tombola/": "limits", b"tombola:": "limits"}
    with redis.Redis.from_url(fleet.redis_url) as store:
        return {next(kinds[one] for one in kinds if key.startswith(one)) for key in store.scan_iter()}


async def test_rolling_restart__nothing_fails_nothing_is_lost_nothing_comes_twice(
    world: World, database: DatabaseUris, tmp_path: Path
) -> None:
    async with Fleet(world.services.settings, database, tmp_path) as fleet:
        traffic, person = await _introduce(fleet, world)
        async with traffic.flowing(world, person):
            await wait_until_async(_soon(lambda: len(traffic.events) > 3), 30, what="traffic")
            for number in (1, 2):
                for kind in KINDS:
                    await _restart(fleet, world, f"{kind} {number}")
            assert traffic.failed == [], fleet.access_log[-2000:]
            assert traffic.repeated == 0
            traffic.may_repeat = True
            for kind in KINDS:
                fleet.kill(f"{kind} 1")
            await asyncio.gather(*(_start(fleet, f"{kind} 1") for kind in KINDS))
            paid = len(traffic.intents)
            await wait_until_async(_soon(lambda: len(traffic.intents) > paid + 3), 30, what="payments")
        assert traffic.failed == [], fleet.access_log[-2000:]
        assert in_redis(fleet) == {"kept answers", "limits"}
        await comes_true(world.services, "SELECT bool_and(state = 'sent') FROM app.mail", timeout=30)
    await world.settled()
    made = await value(world.services, "SELECT count(*) FROM app.intent WHERE kind = 'transfer'")
    assert made == len(traffic.intents), "one for each wish"
    assert traffic.confirmed == Counter(traffic.intents), "each told once"
    ids = [one["id"] for one in traffic.events]
    assert len(set(ids)) == len(ids), "an event came twice"
    assert traffic.heads == sorted(traffic.heads)
    assert traffic.streams > 2, "the stream was interrupted"
