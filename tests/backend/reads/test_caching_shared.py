"""What is kept where others could see it: other people, other sites, other processes; and balances."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY

from backend.app import create_app
from backend.settings import Settings
from backend.wallets import balances as wallet_balances
from tests.backend.reads.caching_kit import LIST, ONE, api, counted, follows, statements
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.reads.stories import raffle_created
from tests.backend.redis_server import Redis
from tests.support.anvil import Anvil, dev_account
from tools.run.postgres import DatabaseUris


async def test_personal_answers__are_nobody_elses(
    app: FastAPI, client: AsyncClient, olga: Person, otto: Person
) -> None:
    await follows(app)
    draft = await olga.draft()
    path = f"/api/v1/contests/{draft['id']}"
    mine = await olga.http.get(path)
    assert mine.headers["cache-control"] == "no-store"
    assert not mine.headers["etag"].startswith("W/"), "its edition, which is no validator of the answer"
    again = await olga.http.get(path, headers={"if-none-match": mine.headers["etag"]})
    assert again.status_code == 200
    for named in ("*", '"anything"'):
        for stranger in (client, otto.http):
            assert (await stranger.get(path, headers={"if-none-match": named})).status_code == 404
    assert (await olga.post(f"/{draft['id']}/announce")).status_code == 200
    seen = await client.get(path)
    assert seen.headers["cache-control"] == "public, no-cache"
    assert seen.headers["vary"] == "Cookie, Authorization"
    tag = {"if-none-match": seen.headers["etag"]}
    assert (await client.get(path, headers=tag)).status_code == 304
    assert seen.json()["mine"] is False
    for person, is_mine in ((olga, True), (otto, False)):
        answer = await person.http.get(path, headers=tag)
        assert (answer.status_code, answer.json()["mine"]) == (200, is_mine)
        assert answer.headers["cache-control"] == "no-store"
    # By cookie as by token, on the list as on the page.
    token = olga.http.headers["authorization"].removeprefix("Bearer ")
    listed = await client.get("/api/v1/contests")
    by_cookie = {"cookie": f"access={token}", "if-none-match": listed.headers["etag"]}
    own = await client.get("/api/v1/contests", headers=by_cookie)
    assert (own.status_code, own.json()["items"][0]["mine"]) == (200, True)
    assert own.headers["cache-control"] == "no-store"
    assert (await olga.http.patch("/api/v1/me", json={"display_name": "Olga"})).status_code == 200
    me = await otto.http.get("/api/v1/me", headers={"if-none-match": "*"})
    assert (me.status_code, me.headers["cache-control"], me.json()["email"]) == (
        200,
        "no-store",
        "otto@example.org",
    )


async def test_other_sites__caches_keep_their_answers_apart(
    settings: Settings, chain_with_a_raffle: ChainOfFacts
) -> None:
    theirs = "https://partner.example"
    async with api(settings, cors_origins=(theirs,)) as (_, client):
        for origin in (None, theirs, "https://stranger.example"):
            answer = await client.get(ONE, headers={} if origin is None else {"origin": origin})
            assert answer.headers["vary"] == "Origin"
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (theirs if origin == theirs else None)
        shown = (await client.get(ONE, headers={"origin": theirs})).headers["access-control-expose-headers"]
        assert "ETag" in shown
        preflight = {"origin": theirs, "access-control-request-method": "GET"}
        asked = {**preflight, "access-control-request-headers": "if-none-match"}
        assert (await client.options(ONE, headers=asked)).status_code == 200


async def test_redis__one_process_computes_for_all__and_away_each_for_itself(
    settings: Settings,
    chain_with_a_raffle: ChainOfFacts,
    redis_server: Redis,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = {"redis_url": redis_server.url}
    async with api(settings, **changes) as (one, here), api(settings, **changes) as (two, there):
        with statements(two, "raffle_raffle_created") as sent:
            computed = await here.get(LIST)
            found = await there.get(LIST)
            assert sent == []
            assert (found.content, found.headers["etag"]) == (computed.content, computed.headers["etag"])
            assert counted("shared") >= 1
            redis_server.stop()
            capsys.readouterr()
            failures = REGISTRY.get_sample_value("tombola_cache_redis_failures_total") or 0.0
            chain_with_a_raffle.block(raffle_created(2))
            answers = await asyncio.gather(*(client.get(LIST) for client in (here, there) for _ in range(9)))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert answers[0].json()["as_of_block"] == 2
            assert sent
            said = [line for line in capsys.readouterr().out.splitlines() if "answers are kept in" in line]
            assert len(said) == 2  # one for each process
            assert REGISTRY.get_sample_value("tombola_cache_redis_failures_total") == failures + 2
        redis_server.start()
        for app in (one, two):
            app.state.services.cache._shared._redis.away_until = 0.0
        chain_with_a_raffle.block()
        await here.get(LIST)
        with statements(two, "raffle_raffle_created") as sent:
            assert (await there.get(LIST)).json()["as_of_block"] == 3
            assert sent == []


async def test_balance__is_asked_once_for_each_block__and_right_after_a_transfer_that_was_mirrored(
    database: DatabaseUris,
    facts: ChainOfFacts,
    anvil: Anvil,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts.block()
    monkeypatch.setattr(wallet_balances, "KEEP_SECONDS", 3_600.0)
    asked: list[str] = []
    real = wallet_balances.balances

    async def counting(rpc: Any, whose: str, tokens: Any) -> list[int]:
        asked.append(whose)
        return await real(rpc, whose, tokens)

    monkeypatch.setattr(wallet_balances, "balances", counting)
    async with api(settings, rpc_urls=(anvil.url,)) as (app, _):
        olga, otto = await sign_up(app, "olga"), await sign_up(app, "otto")

        async def has(person: Person) -> int:
            answer = await person.http.get("/api/v1/wallet")
            assert answer.status_code == 200, answer.text
            assert (answer.json()["address"], answer.headers["cache-control"]) == (person.wallet, "no-store")
            return int(answer.json()["balances"][0]["amount"])

        assert [await has(olga), await has(otto)] == [0, 0]
        anvil.call(
            "eth_sendTransaction", {"from": dev_account(0).address, "to": olga.wallet, "value": hex(7)}
        )
        assert [await has(olga) for _ in range(3)] == [0, 0, 0]
        assert asked == [olga.wallet, otto.wallet]
        facts.block()
        assert [await has(person) for person in (olga, otto, olga)] == [7, 0, 7]
        crowd = await asyncio.gather(*(has(olga) for _ in range(20)))
        assert set(crowd) == {7}
        assert len(asked) == 4
        await olga.http.aclose()
        await otto.http.aclose()


async def test_switched_off__nothing_is_kept__and_validators_are_right(
    settings: Settings, chain_with_a_raffle: ChainOfFacts
) -> None:
    made = create_app(settings.model_copy(update={"cache_megabytes": 0}))
    transport = ASGITransport(made)
    async with LifespanManager(made), AsyncClient(transport=transport, base_url="http://tombola.test") as c:
        with statements(made, "raffle_raffle_created") as sent:
            first = await c.get(LIST)
            one = len(sent)
            same = await c.get(LIST, headers={"if-none-match": first.headers["etag"]})
            assert (same.status_code, len(sent)) == (304, 2 * one)
        chain_with_a_raffle.block()
        fresh = await c.get(LIST, headers={"if-none-match": first.headers["etag"]})
        assert fresh.status_code == 200
        assert await made.state.services.cache.key_now("-") is None
