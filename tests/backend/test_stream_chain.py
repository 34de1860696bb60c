"""The stream's topics of what happens on chain: who gets what, reorganisations, resuming at another process."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import websockets
from sqlalchemy import text

from backend.settings import Settings
from backend.stream import chain_feed, codes
from backend.stream.hub import Hub
from tests.backend.reads.facts import ChainOfFacts, address, event, registry_document, shown
from tests.backend.reads.random_chain import snapshot
from tests.backend.reads.stories import (
    draw_requested,
    granted,
    proposal_created,
    raffle_created,
    tickets_bought,
    token_created,
    vote_cast,
)
from tests.backend.serving import Served, serve
from tests.backend.streaming import closed, events, heard, listening, say
from tests.backend.test_stream import happen, somebody
from tests.backend.world import make_settings
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

NOWHERE = "http://127.0.0.1:1"
ANN, BOB, TOKEN = address(0xB0B0), address(0xB0B1), address(0x70)
PUBLIC = ["raffles", "tokens", "proposals"]


@pytest.fixture
def facts(database: DatabaseUris) -> Iterator[ChainOfFacts]:
    chain = ChainOfFacts(database.listener)
    chain.block()
    yield chain
    chain.close()


@pytest.fixture
def settings(database: DatabaseUris, tmp_path: Any) -> Settings:
    made = make_settings(database.backend, [NOWHERE], tmp_path, registry=registry_document())
    return made.model_copy(update={"stream_check_seconds": 0.05, "stream_heartbeat_seconds": 0.3})


@pytest.fixture
async def served(settings: Settings, facts: ChainOfFacts) -> AsyncIterator[Served]:
    async with serve(settings) as running:
        yield running


def transfer(to: bytes, value: int = 5) -> Any:
    return event("Token", "Transfer", _at=TOKEN, **{"from": address(0), "to": to, "value": value})


def bought(number: int, raffle_id: int = 1) -> Any:
    return tickets_bought(number, 1, BOB, number, raffle_id)


def in_short(message: dict[str, Any]) -> tuple[str, list[str]]:
    return message["event"], message["topics"]


async def test_topics__each_fact_once_to_those_who_asked(served: Served, facts: ChainOfFacts) -> None:
    """One block, seen by a raffle's page, a list, a token's page and an account's."""
    lists = [*PUBLIC, "contests"]
    ann, token = f"account:{shown(ANN)}", f"token:{shown(TOKEN)}"
    async with (
        listening(served.port, ["raffle:1"]) as page,
        listening(served.port, lists) as overview,
        listening(served.port, [f"account:{shown(ANN).lower()}", "raffle:1", ann]) as account,
        listening(served.port, [token, "grant:18446744073709551616", "plan:1", "blocks"]) as other,
    ):
        ready = await heard(page)
        assert (ready["type"], ready["topics"], ready["complete"]) == ("ready", ["raffle:1"], True)
        assert "id" not in ready
        await heard(overview, "ready")
        assert (await heard(account, "ready"))["topics"] == [ann, "raffle:1"]
        assert (await heard(other, "ready"))["topics"][0] == token
        first = await heard(other)
        assert (first["event"], first["block"], first["data"]["rolled_back"]) == ("chain.block", 1, False)
        facts.block(
            raffle_created(),
            tickets_bought(0, 2, ANN, 0),
            bought(2),
            draw_requested(3, 1),
            token_created(TOKEN),
            transfer(ANN),
            transfer(BOB),
            granted(1, 0, ANN, 10**20),
            proposal_created(2**255),
            vote_cast(2**255, ANN, 1, 7),
            event("Raffle", "FeeChanged", feeBps=1, treasury=ANN),
            final=1,
        )
        seen = await events(page, 4)
        created = [
            "raffle.raffle_created",
            "raffle.tickets_bought",
            "raffle.tickets_bought",
            "raffle.draw_requested",
        ]
        assert [in_short(each) for each in seen] == [(name, ["raffle:1"]) for name in created]
        assert seen[1] == {
            "type": "event",
            "topics": ["raffle:1"],
            "id": f"b2-1-{facts.hash_of(2).hex()[:8]}",
            "event": "raffle.tickets_bought",
            "block": 2,
            "transaction": seen[1]["transaction"],
            "contract": facts.registry.contract("Raffle").address,
            "at": "2027-01-15T08:00:02Z",
            "data": {
                "raffle_id": "1",
                "buyer": shown(ANN),
                "payer": shown(ANN),
                "first_ticket": "0",
                "count": "2",
                "paid": str(2 * 10**17),
            },
        }
        votes = [("governor.proposal_created", ["proposals"]), ("governor.vote_cast", ["proposals"])]
        assert [in_short(each) for each in await events(overview, 7)] == [
            *((name, ["raffles"]) for name in created),
            ("token_factory.token_created", ["tokens"]),
            *votes,
        ]
        assert [in_short(each) for each in await events(account, 7)] == [
            (created[0], ["raffle:1"]),
            (created[1], [ann, "raffle:1"]),
            (created[2], ["raffle:1"]),
            (created[3], ["raffle:1"]),
            ("token.transfer", [ann]),
            ("vesting.granted", [ann]),
            ("governor.vote_cast", [ann]),
        ]
        assert [in_short(each) for each in await events(other, 5)] == [
            ("token_factory.token_created", [token]),
            ("token.transfer", [token]),
            ("token.transfer", [token]),
            ("vesting.granted", ["grant:18446744073709551616", "plan:1"]),
            ("chain.block", ["blocks"]),
        ]
        for socket in (page, overview, account):
            quiet = await heard(socket)
            assert quiet == {"type": "heartbeat", "chain": f"b2-9-{facts.hash_of(2).hex()[:8]}"}


async def test_changed_topics__and_what_is_refused(served: Served, facts: ChainOfFacts) -> None:
    user, _, token = await somebody(served)
    bad = [
        "raffle:",
        "raffle:01",
        "raffle:-1",
        f"raffle:{2**256}",
        "token:0x12",
        "account:me",
        "raffles:1",
        "x",
    ]
    async with listening(served.port, ["raffle:1", *bad]) as socket:
        assert (await heard(socket))["topics"] == ["raffle:1"]
        refused = [await heard(socket, "refused") for _ in range(2)]
        assert {each["reason"]: each["topics"] for each in refused} == {
            "malformed": bad[:6],
            "unknown": bad[6:],
        }
        assert all(each["detail"] for each in refused)
        await say(socket, {"type": "subscribe", "topics": ["me", "raffle:2", "blocks"]})
        assert await heard(socket, "topics") == {
            "type": "topics",
            "topics": ["raffle:1", "raffle:2", "blocks"],
        }
        assert (await heard(socket))["reason"] == "sign_in"
        assert (await heard(socket))["event"] == "chain.block"
        await say(socket, {"type": "unsubscribe", "topics": ["raffle:1", "blocks", "nonsense"]})
        assert (await heard(socket, "topics"))["topics"] == ["raffle:2"]
        facts.block(raffle_created(1), raffle_created(2))
        assert in_short(await heard(socket, "event")) == ("raffle.raffle_created", ["raffle:2"])
        await say(socket, {"type": "subscribe", "topics": [f"raffle:{n}" for n in range(60)]})
        assert len((await heard(socket, "topics"))["topics"]) == 50
        full = await heard(socket, "refused")
        assert (full["reason"], full["topics"][0], len(full["topics"])) == ("too_many", "raffle:50", 10)
    async with listening(served.port, token=token) as socket:
        assert await heard(socket, "ready") | {"id": 0} == {
            "type": "ready",
            "topics": ["me"],
            "id": 0,
            "complete": True,
        }
        await say(socket, {"type": "subscribe", "topics": ["raffles"]})
        assert (await heard(socket, "topics"))["chain"] == f"b2-1-{facts.hash_of(2).hex()[:8]}"
        facts.block(bought(1))
        await happen(served, user, "mine")
        assert {each["event"] for each in await events(socket, 2)} == {
            "raffle.tickets_bought",
            "intent.created",
        }
        beat = await heard(socket, "heartbeat")
        await say(socket, {"type": "unsubscribe", "topics": ["me", "raffles"]})
        assert (await heard(socket, "topics"))["topics"] == []
    facts.block(bought(2))
    await happen(served, user, "later")
    both = {"me": beat["id"], "chain": beat["chain"]}
    async with listening(served.port, ["me", "raffles"], token=token, after=both) as socket:
        assert {each["event"] for each in await events(socket, 2)} == {
            "raffle.tickets_bought",
            "intent.created",
        }
    board = served.app.state.stream._board
    assert not board._people
    for junk in (
        '{"type":"start","topics":[]}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","topics":"me"}',
        '{"type":"subscribe","topics":[5]}',
        '{"type":"subscribe","topics":["' + "x" * 101 + '"]}',
        '{"type":"unsubscribe","topics":["me"],"more":1}',
    ):
        async with listening(served.port, ["blocks"]) as socket:
            await socket.send(junk)
            assert await closed(socket) == codes.MALFORMED, junk
    for after in ("b1-1-00000000", {"chain": "1-1"}, {"chain": "b1-1-zzzzzzzz"}, {"other": "1-1"}, 5):
        async with listening(served.port, ["blocks"], after=after) as socket:
            assert await closed(socket) == codes.MALFORMED, after


async def test_nobody__public_topics_alone__and_a_bad_token_is_no_way_to_be_nobody(served: Served) -> None:
    for topics in (None, ["me"], ["blocks", "me"]):
        async with listening(served.port, topics) as socket:
            assert await closed(socket) == codes.SIGNED_OUT
    cookie: dict[str, Any] = {"additional_headers": {"Cookie": "access=x"}}
    hows: list[dict[str, Any]] = [{"token": "x"}, {**cookie, "origin": served.url}]
    for how in hows:
        async with listening(served.port, ["blocks"], **how) as socket:
            assert await closed(socket) == codes.SIGNED_OUT
    async with listening(served.port, ["blocks"], **cookie) as socket:
        assert (await heard(socket))["type"] == "ready"


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

    # From memory, from the database, and at a process that has never seen the old branch.
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
    for memory in (chain_feed.RECENT, 1):
        monkeypatch.setattr(chain_feed, "RECENT", memory)
        async with serve(served.services.settings) as other:
            for port in (other.port, served.port):
                assert await resumed(port, settled) == rest
                assert await resumed(port, last["id"]) == rest[1:]
                assert await resumed(port, seen[1]["id"]) == [void, *rest]
                assert await resumed(port, new["id"]) == [void, *rest]


async def test_resumed_at_a_place_nobody_knows_or_too_far_back__incomplete(
    served: Served, facts: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts.block(raffle_created())
    facts.block(*map(bought, range(30)))
    first = f"b2-0-{facts.hash_of(2).hex()[:8]}"
    monkeypatch.setattr(chain_feed, "RECENT", 1)
    monkeypatch.setattr(chain_feed, "PAGE", 7)
    for after, most, complete in (
        (first, 30, True),
        (first, 29, False),
        ("b2-0-00000000", 30, False),
        ("b99-0-00000000", 30, False),
        ("b0-0-00000000", 31, True),
    ):
        monkeypatch.setattr(chain_feed, "MOST_MISSED", most)
        async with listening(served.port, ["raffles"], after={"chain": after}) as socket:
            assert (await heard(socket))["complete"] is complete, after
            got = await events(socket, (most if complete else 0))
            assert [each["id"] for each in got] == sorted(
                {each["id"] for each in got}, key=lambda name: [int(n) for n in name[1:].split("-")[:2]]
            )
            assert (await heard(socket))["type"] == "heartbeat"


async def test_resumed_at_a_process_that_is_behind__it_looks_first(
    served: Served, facts: ChainOfFacts, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_: Hub) -> float:
        return 3600.0

    monkeypatch.setattr(Hub, "_public_turn", asleep)
    async with (
        serve(settings) as late,
        listening(late.port, ["raffles"]) as patient,
        listening(served.port, ["raffles"]) as quick,
    ):
        for socket in (patient, quick):
            await heard(socket, "ready")
        facts.block(raffle_created(), bought(0))
        first, last = await events(quick, 2)
        async with listening(late.port, ["raffles"], after={"chain": first["id"]}) as socket:
            assert (await heard(socket))["complete"] is True
            assert (await heard(socket, "event"))["id"] == last["id"]
        assert [each["id"] for each in await events(patient, 2)] == [first["id"], last["id"]]


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
        "RPC_URLS": NOWHERE,
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
