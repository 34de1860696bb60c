"""The stream's reorganisations, and coming back: here and at another process."""

from __future__ import annotations

import asyncio
import random
import sys
from typing import Any

import pytest
import websockets
from sqlalchemy import text

from backend.settings import Settings
from backend.stream import chain_feed, codes
from backend.stream.hub import Hub
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.reads.random_chain import snapshot
from tests.backend.reads.stories import raffle_created
from tests.backend.serving import Served, serve
from tests.backend.stream.client import bought, closed, events, heard, listening
from tests.backend.test_stream import happen, somebody
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

PUBLIC = ["raffles", "tokens", "proposals"]


async def test_reorganisation__told_first__then_what_replaced_it(
    served: Served, facts: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts.block(raffle_created(), final=2)
    async with listening(served.port, [*PUBLIC, "blocks"]) as socket:
        settled = (await heard(socket, "ready"))["chain"]
        assert (await heard(socket))["event"] == "chain.block"
        facts.block(bought(0), final=2)
        assert (await events(socket, 2))[0]["data"]["first_ticket"] == "0"
        facts.block(bought(1), bought(2), final=2)
        seen = await events(socket, 3)
        facts.roll_back(3)
        back, head = await events(socket, 2)
        assert (back["event"], back["data"], back["topics"]) == (
            "chain.rolled_back",
            {"from_block": 4},
            [*PUBLIC, "blocks"],
        )
        assert back["id"] == f"b3-0-{facts.hash_of(3).hex()[:8]}"
        assert (head["event"], head["block"], head["data"]["rolled_back"]) == ("chain.block", 3, True)
        facts.block(bought(5), final=2)
        new, head = await events(socket, 2)
        assert (new["data"]["first_ticket"], head["data"]["rolled_back"]) == ("5", False)
        facts.roll_back(2)
        facts.block(final=2)
        facts.block(bought(6), final=2)
        while (last := await heard(socket, "event"))["event"] != "raffle.tickets_bought":
            pass
    facts.block(bought(7), final=2)

    # Here, and at a process that has never seen the old branch.
    async def resumed(port: int, after: str) -> list[tuple[str, Any]]:
        async with listening(port, PUBLIC, after={"chain": after}) as socket:
            assert (await heard(socket))["complete"] is True
            found = []
            while (message := await heard(socket))["type"] == "event":
                found.append((message["event"], message["data"].get("first_ticket") or message["data"]))
            assert message == {"type": "heartbeat", "chain": f"b5-0-{facts.hash_of(5).hex()[:8]}"}
            return found

    rest = [("raffle.tickets_bought", "6"), ("raffle.tickets_bought", "7")]
    void = ("chain.rolled_back", {"from_block": 3})
    async with serve(served.services.settings) as other:
        for port in (other.port, served.port):
            assert await resumed(port, settled) == rest
            assert await resumed(port, last["id"]) == rest[1:]
            assert await resumed(port, seen[1]["id"]) == [void, *rest]
            assert await resumed(port, new["id"]) == [void, *rest]


async def test_resumed_at_a_place_nobody_knows_or_too_far_back__incomplete(
    served: Served, facts: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_feed, "RECENT", 20)
    monkeypatch.setattr(chain_feed, "PAGE", 7)
    facts.block(raffle_created())
    facts.block(*map(bought, range(30)))
    two, three = facts.hash_of(2).hex()[:8], facts.hash_of(3).hex()[:8]
    async with listening(served.port, ["raffles"]) as live:
        await heard(live, "ready")
        for after, missed in (
            (f"b3-10-{three}", 19),
            (f"b3-29-{three}", 0),
            (f"b3-9-{three}", None),
            (f"b2-0-{two}", None),
            ("b3-20-00000000", None),
            ("b99-0-00000000", None),
            ("b0-0-00000000", None),
        ):
            async with listening(served.port, ["raffles"], after={"chain": after}) as socket:
                ready = await heard(socket)
                assert ready["complete"] is (missed is not None), after
                told = await events(socket, missed or 0)
                assert [each["id"] for each in told] == [f"b3-{n}-{three}" for n in range(30 - len(told), 30)]
                assert await heard(socket) == {"type": "heartbeat", "chain": f"b3-29-{three}"}
        # A block of several pages.
        facts.block(*map(bought, range(30, 50)))
        assert [each["data"]["first_ticket"] for each in await events(live, 20)] == [
            str(n) for n in range(30, 50)
        ]


async def test_resumed_at_a_process_that_is_behind__it_looks_first(
    served: Served, facts: ChainOfFacts, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_: Hub) -> float:
        return 3600.0

    monkeypatch.setattr(Hub, "_public_turn", asleep)
    monkeypatch.setattr(chain_feed, "PAGE", 7)
    async with (
        serve(settings) as late,
        listening(late.port, ["raffles"]) as patient,
        listening(served.port, ["raffles"]) as quick,
    ):
        for socket in (patient, quick):
            await heard(socket, "ready")
        facts.block(raffle_created(), bought(0))
        facts.block()
        facts.block()
        first, last = await events(quick, 2)
        async with listening(late.port, ["raffles"], after={"chain": first["id"]}) as socket:
            assert (await heard(socket))["complete"] is True
            assert (await heard(socket, "event"))["id"] == last["id"]
        assert [each["id"] for each in await events(patient, 2)] == [first["id"], last["id"]]
        # A reorganisation, and more after it than one page.
        facts.roll_back(1)
        facts.block(*map(bought, range(25)))
        while (last := await heard(quick, "event"))["id"] != f"b2-24-{facts.hash_of(2).hex()[:8]}":
            pass
        async with listening(late.port, ["raffles"], after={"chain": last["id"]}) as socket:
            assert await heard(socket) | {"topics": []} == {
                "type": "ready",
                "topics": [],
                "chain": last["id"],
                "complete": True,
            }
        back, *rest = await events(patient, 26)
        assert (back["event"], back["data"]) == ("chain.rolled_back", {"from_block": 2})
        assert [each["data"]["first_ticket"] for each in rest] == [str(number) for number in range(25)]


async def test_slow_reader_of_the_chain__let_go__others_are_not(served: Served, facts: ChainOfFacts) -> None:
    facts.block(raffle_created())
    settings = served.services.settings
    served.services.settings = settings.model_copy(update={"stream_backlog": 20})
    async with listening(served.port, ["raffles"]) as slow:
        start = (await heard(slow, "ready"))["chain"]
        served.services.settings = settings
        async with listening(served.port, ["raffles"]) as quick:
            await heard(quick, "ready")
            facts.block(*map(bought, range(90)))
            assert len(await events(quick, 90)) == 90
            assert await closed(slow) == codes.TOO_SLOW
    async with listening(served.port, ["raffles"], after={"chain": start}) as slow:
        assert [each["data"]["first_ticket"] for each in await events(slow, 90)] == [
            str(n) for n in range(90)
        ]


async def test_before_there_is_a_mirror__own_events_come__then_everything_is_void(
    settings: Settings, database: DatabaseUris
) -> None:
    async with serve(settings) as served:
        user, _, token = await somebody(served)
        async with listening(served.port, ["me", "raffles", "blocks"], token=token) as socket:
            assert (await heard(socket))["chain"] == "b0-0-00000000"
            await happen(served, user, "1")
            assert (await heard(socket, "event"))["subject"] == "1"
            facts = ChainOfFacts(database.listener)
            try:
                facts.block(raffle_created())
                back, head = await events(socket, 2)
                assert (back["event"], back["data"]) == ("chain.rolled_back", {"from_block": 0})
                assert (head["event"], head["block"]) == ("chain.block", 1)
                async with served.services.engine.connect() as db:
                    await db.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'backend'"
                            " AND datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )
                facts.block(bought(0))
                assert (await events(socket, 1))[0]["event"] == "raffle.tickets_bought"
            finally:
                facts.close()


class Reader:
    """A client as it should be: keeps what stands, goes on where it was, wherever it is let in."""

    def __init__(self) -> None:
        self.last = "b0-0-00000000"
        self.kept: dict[str, str] = {}
        self.resumed = self.voided = 0

    async def read(self, port: int, most: int, until: int | None = None) -> None:
        """Take up to so many messages, or wait for a block, and break off without a word."""
        async with listening(port, ["raffles", "blocks"], after={"chain": self.last}) as socket:
            assert (await heard(socket))["complete"] is True
            self.resumed += 1
            for _ in range(most):
                message = await heard(socket)
                self.last = message.get("chain") or message.get("id") or self.last
                self.take(message)
                if until is not None and message.get("event") == "chain.block" and message["block"] >= until:
                    break
            socket.transport.abort()

    def take(self, message: dict[str, Any]) -> None:
        if message.get("event") == "chain.rolled_back":
            first = message["data"]["from_block"]
            self.kept = {name: told for name, told in self.kept.items() if _block(name) < first}
            self.voided += 1
        elif message.get("event", "").startswith("raffle."):
            assert message["id"] not in self.kept, "told twice"
            assert not self.kept or _order(message["id"]) > max(map(_order, self.kept)), "told late"
            self.kept[message["id"]] = message["data"]["first_ticket"]


def _order(name: str) -> tuple[int, int]:
    block, log_index, _ = name[1:].split("-")
    return int(block), int(log_index)


def _block(name: str) -> int:
    return _order(name)[0]


async def test_process_killed__resumed_at_another__all_that_stands_and_nothing_twice(
    served: Served, facts: ChainOfFacts, settings: Settings, database: DatabaseUris
) -> None:
    """Blocks come and are taken back, a reader is cut off all the time and comes back here or there; then one of the
    two processes is killed.
    """
    chance, reader, port = random.Random(11), Reader(), free_port()
    env = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": settings.rpc_urls[0],
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "FILES_DIR": str(settings.files_dir),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "backend", "api"]
    tickets = iter(range(10**6))
    over = asyncio.Event()

    async def happenings_go_on() -> None:
        while not over.is_set():
            if chance.random() < 0.3 and facts.head > 8:
                await asyncio.to_thread(facts.roll_back, facts.head - chance.randrange(1, 4))
            one_block = [bought(next(tickets)) for _ in range(chance.randrange(3))]
            await asyncio.to_thread(facts.block, *one_block, final=max(0, facts.head - 6))
            await asyncio.sleep(chance.random() * 0.1)

    writing = asyncio.create_task(happenings_go_on())
    with Process(command, env) as process:
        await asyncio.to_thread(process.wait_for_http, f"http://127.0.0.1:{port}/healthz", 90)
        async with asyncio.timeout(90):
            while reader.resumed < 15 or reader.voided < 4:
                await reader.read(chance.choice((port, served.port)), chance.randrange(1, 9))
        reading, before = asyncio.create_task(reader.read(port, 10**6)), reader.resumed

        async def listens() -> bool:
            return reader.resumed > before

        await wait_until_async(listens, 10, what="the stream")
        process.kill()
        with pytest.raises(websockets.ConnectionClosed):
            await reading
    await reader.read(served.port, 5)
    over.set()
    await writing
    facts.block(bought(next(tickets)), final=facts.head)
    await reader.read(served.port, 10**6, until=facts.head)
    async with snapshot(database) as mirror:
        rows = await mirror.db.execute(
            text(
                "SELECT block_number, log_index, block_hash, first_ticket FROM mirror.raffle_tickets_bought"
                " ORDER BY 1, 2"
            )
        )
        stored = {f"b{row[0]}-{row[1]}-{row[2].hex()[:8]}": str(row[3]) for row in rows}
    assert reader.kept == stored
