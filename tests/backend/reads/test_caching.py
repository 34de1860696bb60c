"""What is kept of reads, and when it is not right any more (docs/caching.md)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend import mirror as module
from backend.caching.head import Head
from backend.mirror import open_snapshot
from backend.raffles import router as raffles_router
from tests.backend.reads.caching_kit import ANA, CROWD, LIST, ONE, counted, follows, statements
from tests.backend.reads.facts import ChainOfFacts, address
from tests.backend.reads.stories import raffle_created, tickets_bought
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris


async def test_validator__says_304_until_a_block_a_fork_finality_or_late_facts_change_the_answer(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, database: DatabaseUris
) -> None:
    facts = chain_with_a_raffle
    await follows(app)

    async def changed_since(tag: str) -> Any:
        answer = await client.get(ONE, headers={"if-none-match": tag})
        assert answer.status_code == 200, "the client was told that nothing changed"
        assert answer.headers["etag"] != tag
        return answer.json(), answer.headers["etag"]

    first = await client.get(ONE)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "public, no-cache"
    assert "vary" not in first.headers
    opaque = tag.removeprefix("W/")
    for named in (tag, opaque, f'"other", {tag}', "*"):
        with statements(app) as sent:
            same = await client.get(ONE, headers={"if-none-match": named})
        assert (same.status_code, same.content) == (304, b""), named
        assert (same.headers["etag"], same.headers["cache-control"]) == (tag, "public, no-cache")
        assert sent == []
    assert (await client.get(ONE, headers={"if-none-match": '"other"'})).json() == first.json()
    head = await client.head(ONE)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == str(len(first.content))
    for named in (tag, "*"):
        nothing = await client.get("/api/v1/raffles/2", headers={"if-none-match": named})
        assert nothing.status_code == 404
        assert (nothing.headers["cache-control"], "etag" in nothing.headers) == ("no-store", False)
    wrong = await client.get("/api/v1/raffles?limit=0", headers={"if-none-match": tag})
    assert wrong.status_code == 422

    facts.block()
    body, tag = await changed_since(tag)
    assert (body["as_of_block"], body["final"]) == (2, False)
    facts.block(tickets_bought(0, 2, ANA, 0))
    body, sold_two = await changed_since(tag)
    assert body["tickets_sold"] == "2"
    facts.roll_back(2)
    body, tag = await changed_since(sold_two)
    assert body["tickets_sold"] == "0"
    facts.block(tickets_bought(0, 5, ANA, 0))
    body, other_branch = await changed_since(sold_two)
    assert (body["as_of_block"], body["tickets_sold"]) == (3, "5")
    facts.finalise(1)
    body, tag = await changed_since(other_branch)
    assert body["final"] is False
    facts.finalise(3)
    body, tag = await changed_since(tag)
    assert body["final"] is True
    with psycopg.connect(database.listener, autocommit=True) as listener:
        listener.execute(
            "UPDATE mirror.source SET missing_from = 1 WHERE table_name = 'raffle_tickets_bought'"
        )
    await changed_since(tag)


async def test_hot_reads__are_computed_once_for_each_block__whoever_asks_however_they_write_it(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts
) -> None:
    await follows(app)
    organiser = "0x" + address(0xA1).hex()
    with statements(app, "raffle_raffle_created") as sent:
        await client.get(LIST)
        one = len(sent)
        spelt = ("", "?limit=20", "?limit=20&nothing=1", "?cursor=")
        assert [(await client.get(f"{LIST}{more}")).status_code for more in spelt] == [200, 200, 200, 422]
        assert len(sent) == one > 0
        await client.get(LIST, params={"organiser": organiser})
        await client.get(LIST, params={"organiser": organiser.upper().replace("X", "x")})
        assert len(sent) == 2 * one
        chain_with_a_raffle.block()
        assert (await client.get(LIST)).json()["as_of_block"] == 2
        assert len(sent) == 3 * one


async def test_stampede__at_a_new_block__one_query_and_one_answer(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts
) -> None:
    await follows(app)
    with statements(app, "raffle_raffle_created") as sent:
        await client.get(LIST)
        one = len(sent)
        for block in (2, 3):
            chain_with_a_raffle.block(raffle_created(block))
            sent.clear()
            computed, waited, hit = counted("computed"), counted("waited"), counted("hit")
            answers = await asyncio.gather(*(client.get(LIST) for _ in range(CROWD)))
            assert len(sent) == one, f"{len(sent)} statements for {CROWD} people"
            assert {answer.status_code for answer in answers} == {200}
            assert len({(answer.content, answer.headers["etag"]) for answer in answers}) == 1
            assert answers[0].json()["items"][0]["id"] == str(block)
            assert counted("computed") == computed + 1
            assert counted("waited") + counted("hit") == waited + hit + CROWD - 1


async def test_stampede__whoever_began_goes_away__the_others_get_the_answer(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follows(app)
    begun, go_on = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def slow(engine: Any) -> AsyncIterator[Any]:
        begun.set()
        await go_on.wait()
        async with open_snapshot(engine) as found:
            yield found

    monkeypatch.setattr(module, "open_snapshot", slow)
    before = counted("waited")
    with statements(app, "raffle_raffle_created") as sent:
        leader = asyncio.create_task(client.get(LIST))
        await begun.wait()
        others = [asyncio.create_task(client.get(LIST)) for _ in range(5)]

        async def all_wait() -> bool:
            return counted("waited") == before + 5

        await wait_until_async(all_wait, 30, what="five who wait")
        leader.cancel()
        await asyncio.gather(leader, return_exceptions=True)
        go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*others)} == {200}
        counts = len(sent)
        await client.get(LIST)
        assert len(sent) == counts > 0


async def test_failing_query__fails_for_those_who_wait__and_is_not_kept(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follows(app)
    asked = 0

    async def broken(*_: Any, **__: Any) -> Any:
        nonlocal asked
        asked += 1
        raise ZeroDivisionError

    with monkeypatch.context() as breaking:
        breaking.setattr(raffles_router.raffles, "page", broken)
        answers = await asyncio.gather(*(client.get(LIST) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {500}
        assert asked == 1
    assert (await client.get(LIST)).status_code == 200


async def test_fork_between_question_and_snapshot__the_answer_is_not_kept_for_the_block_that_was_asked(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = chain_with_a_raffle
    facts.block(tickets_bought(0, 2, ANA, 0))
    await follows(app)

    @asynccontextmanager
    async def after_a_fork(engine: Any) -> AsyncIterator[Any]:
        facts.roll_back(1)
        async with open_snapshot(engine) as found:
            yield found

    with monkeypatch.context() as forking:
        forking.setattr(module, "open_snapshot", after_a_fork)
        forked = await client.get(ONE)
    assert (forked.json()["as_of_block"], forked.json()["tickets_sold"]) == (1, "0")
    facts._forks.clear()  # the first branch after all, with the hash it had
    facts.block(tickets_bought(0, 2, ANA, 0))
    back = await client.get(ONE, headers={"if-none-match": forked.headers["etag"]})
    assert (back.status_code, back.json()["tickets_sold"]) == (200, "2")


async def test_head__is_known_by_notices__and_without_one_after_the_bound(
    database: DatabaseUris, chain_with_a_raffle: ChainOfFacts
) -> None:
    facts = chain_with_a_raffle
    trusting, doubting = Head(database.backend, bound=3_600), Head(database.backend, bound=0.05)
    tasks = [asyncio.create_task(one.run()) for one in (trusting, doubting)]
    try:

        async def both_know() -> bool:
            return None not in [await trusting.version(), await doubting.version()]

        await wait_until_async(both_know, 30, what="two heads")
        first = await trusting.version()
        facts.finalise(1)  # nobody is told

        async def doubting_sees_it() -> bool:
            return await doubting.version() != first

        await wait_until_async(doubting_sees_it, 30, what="a look without a notice")
        assert await trusting.version() == first
        facts.block()

        async def trusting_sees_it() -> bool:
            return await trusting.version() not in (None, first)

        await wait_until_async(trusting_sees_it, 30, what="the notice")
        second = await trusting.version()
        with psycopg.connect(database.superuser, autocommit=True) as db:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tombola head'"
                " AND datname = current_database()"
            )
        facts.block()

        async def back() -> bool:
            return await trusting.version() not in (None, first, second)

        await wait_until_async(back, 30, what="the connection")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_head_away__answers_are_computed_and_right(
    app: FastAPI, client: AsyncClient, chain_with_a_raffle: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follows(app)
    await client.get(LIST)
    monkeypatch.setattr(app.state.services.cache._head, "_connection", None)
    with statements(app, "raffle_raffle_created") as sent:
        first = await client.get(LIST)
        await client.get(LIST)
        assert len(sent) >= 2
    again = await client.get(LIST, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.headers["etag"]) == (304, first.headers["etag"])
