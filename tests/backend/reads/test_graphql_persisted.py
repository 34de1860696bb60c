"""Queries that are known by their SHA-256: sent once, found by POST and GET; and an operator's own list of them."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from backend.app import create_app
from backend.graphql import persisted
from backend.graphql.checks import check_documents
from backend.graphql.documents import MOST_BYTES, read_documents
from backend.graphql.limits import MOST_COST
from backend.graphql.persisted import Memory, Queries, hash_of
from backend.services import Services
from backend.settings import Settings, SettingsError
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.reads.graphql_kit import URL, statements
from tests.backend.test_limits import Redis

BLOCK = "{ asOf { block } }"
RAFFLES = "query ($n: Int!) { raffles(limit: $n) { items { id } } }"
UNKNOWN = hash_of("{ unknown }")


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@asynccontextmanager
async def api(settings: Settings, **changes: Any) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """An API process with these settings, and somebody who asks it."""
    made = create_app(settings.model_copy(update=changes))
    transport = ASGITransport(made, raise_app_exceptions=False)
    async with LifespanManager(made), AsyncClient(transport=transport, base_url="http://tombola.test") as one:
        yield made, one


def named(sha256: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256}}


async def post(client: AsyncClient, sha256: str, query: str | None = None, **variables: Any) -> Any:
    body = {"extensions": named(sha256), "variables": variables} | ({} if query is None else {"query": query})
    answer = await client.post(URL, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def get(client: AsyncClient, sha256: str, **more: Any) -> Response:
    return await client.get(URL, params={"extensions": json.dumps(named(sha256)), **more})


def code(answer: Any) -> str:
    assert answer["data"] is None
    return str(answer["errors"][0]["extensions"]["code"])


async def test_sent_once__found_by_its_hash__by_post_and_by_get(
    told: AsyncClient, services: Services
) -> None:
    sha256 = hash_of(RAFFLES)
    with statements(services) as sent:
        unknown = await post(told, sha256, n=2)
    # What clients look for, to send the query with its hash then.
    assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (code(unknown), sent) == ("persisted_query_not_found", [])

    whole = await post(told, sha256, RAFFLES, n=2)
    assert [one["id"] for one in whole["data"]["raffles"]["items"]] == ["7", "6"]
    assert await post(told, sha256, n=2) == whole
    assert (await post(told, sha256.upper(), n=1))["data"]["raffles"]["items"] == [{"id": "7"}]

    cached = await get(told, sha256, variables='{"n": 2}', operationName="")
    assert code(cached.json()) == "operation_unclear"
    cached = await get(told, sha256, variables='{"n": 2}')
    assert (cached.status_code, cached.json()) == (200, whole)
    assert cached.headers["cache-control"] == "public, max-age=5"


async def test_refused__in_words__and_nothing_is_kept_or_asked_of_the_database(
    told: AsyncClient, services: Services
) -> None:
    with statements(services) as sent:
        mismatch = await post(told, UNKNOWN, BLOCK)
        assert code(mismatch) == "persisted_query_mismatch"
        assert hash_of(BLOCK) in mismatch["errors"][0]["message"]
        for query, expected in (
            ("{ raffles", "query_malformed"),
            ("{ nothing }", "query_invalid"),
            ("{ " + "raffles(limit: 100) { items { prizes { rank } } } " * 9 + "}", "query_too_costly"),
            ("{ a: raffle(id: 1) { id } }", "query_invalid"),
            (RAFFLES, "query_invalid"),  # without its variable
        ):
            assert code(await post(told, hash_of(query), query)) == expected, query
            assert code(await post(told, hash_of(query))) == "persisted_query_not_found", query
        for variables in ('{"n": "x"}', '{"n": 0.5}', "{}"):
            answer = await get(told, hash_of(RAFFLES), variables=variables)
            assert (code(answer.json()), answer.headers["cache-control"]) == (
                "persisted_query_not_found",
                "no-store",
            )
    assert sent == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "query.extensions"),
        ({"extensions": "{"}, "extensions"),
        ({"extensions": "[" * 900}, "extensions"),
        ({"extensions": "{}"}, "extensions"),
        ({"extensions": "x" * 1_001}, "query.extensions"),
        ({"extensions": '{"persistedQuery": {"version": 2, "sha256Hash": ""}}'}, "extensions.persistedQuery"),
        ({"extensions": json.dumps(named("x" * 64))}, "extensions.persistedQuery"),
        ({"extensions": json.dumps(named(UNKNOWN)), "variables": "[1]"}, "variables"),
        ({"extensions": json.dumps(named(UNKNOWN)), "variables": "[" * 3_000}, "variables"),
        ({"extensions": json.dumps(named(UNKNOWN)), "variables": "9" * 4_001}, "query.variables"),
        ({"extensions": json.dumps(named(UNKNOWN)), "operationName": "x" * 201}, "query.operationName"),
        ({"extensions": json.dumps(named(UNKNOWN)), "query": ""}, "query"),
        ({"extensions": json.dumps(named(UNKNOWN)), "query": BLOCK}, "query"),
    ],
)
async def test_get__malformed__problem_that_names_the_field(
    client: AsyncClient, params: dict[str, str], field: str
) -> None:
    answer = await client.get(URL, params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert answer.json()["errors"][0]["field"].startswith(field)


async def test_post__malformed__problem(client: AsyncClient) -> None:
    for body in (
        {},
        {"variables": {}},
        {"query": None, "extensions": {}},
        {"query": "", "extensions": named(UNKNOWN)},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": UNKNOWN}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": UNKNOWN[:-1]}}},
        {"extensions": {"persistedQuery": UNKNOWN}},
        [{"extensions": named(UNKNOWN)}],
    ):
        answer = await client.post(URL, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), body


def test_memory__bounded_by_count_and_bytes__what_was_asked_for_longest_ago_goes() -> None:
    memory = Memory(most=3, most_bytes=100)
    for name in "abc":
        memory.keep(name, name * 10)
    assert memory.find("a") == "a" * 10
    memory.keep("d", "d")
    assert [memory.find(name) is not None for name in "abcd"] == [True, False, True, True]
    memory.keep("e", "é" * 45)
    assert [memory.find(name) is not None for name in "acde"] == [False, False, True, True]
    memory.keep("f", "f" * 101)
    assert [memory.find(name) is not None for name in "def"] == [False, False, False]
    memory.keep("g", "g" * 100)
    memory.keep("g", "g" * 100)
    assert memory.find("g") is not None


async def test_redis__two_processes_know_the_same_queries__bounded__and_it_may_go_away(
    settings: Settings,
    facts: ChainOfFacts,
    redis_server: Redis,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    facts.block()
    monkeypatch.setattr(persisted, "MOST_KEPT", 3)
    async with (
        api(settings, redis_url=redis_server.url) as (one, here),
        api(settings, redis_url=redis_server.url) as (other, there),
    ):
        assert (await post(here, hash_of(BLOCK), BLOCK))["errors"] is None
        assert (await post(there, hash_of(BLOCK)))["data"] == {"asOf": {"block": 1}}
        # Redis is no authority: what it has under a hash has to be what the hash is of.
        with redis.Redis.from_url(redis_server.url) as store:
            store.hset("tombola:graphql:texts", UNKNOWN, RAFFLES)
        assert code(await post(there, UNKNOWN)) == "persisted_query_not_found"
        texts = [f"{{ a{number}: asOf {{ block }} }}" for number in range(4)]
        for text in texts:
            assert (await post(here, hash_of(text), text))["errors"] is None
        with redis.Redis.from_url(redis_server.url) as store:
            store.hdel("tombola:graphql:texts", UNKNOWN)
            kept = {str(name, "ascii") for name in store.hkeys("tombola:graphql:texts")}
            assert kept == {str(name, "ascii") for name in store.zrange("tombola:graphql:used", 0, -1)}
        assert kept == {hash_of(text) for text in texts[1:]}

        redis_server.stop()
        both: list[Services] = [one.state.services, other.state.services]
        for services in both:
            await services.graphql_queries.close()  # what is connected still
        assert (await post(there, hash_of(BLOCK)))["data"] == {"asOf": {"block": 1}}
        assert code(await post(there, hash_of(texts[0]))) == "persisted_query_not_found"
        assert (await post(there, hash_of(texts[0]), texts[0]))["errors"] is None
        assert "redis_away" in capsys.readouterr().out
        redis_server.start()
        for services in both:
            services.graphql_queries._redis.away_until = time.monotonic()
        assert (await post(there, hash_of(RAFFLES), RAFFLES, n=1))["errors"] is None
        assert (await post(here, hash_of(RAFFLES), n=1))["errors"] is None


async def test_a_list_of_ones_own__found_by_hash_at_once__and_nothing_else_where_that_is_set(
    settings: Settings, facts: ChainOfFacts, tmp_path: Path
) -> None:
    facts.block()
    folder = tmp_path / "queries"
    folder.mkdir()
    (folder / "block.graphql").write_text(f"# Where are we?\n{BLOCK}\n")
    (folder / "README.md").write_text("no query")
    listed = (folder / "block.graphql").read_text()
    async with api(settings, graphql_documents=folder) as (_, client):
        assert (await post(client, hash_of(listed)))["data"] == {"asOf": {"block": 1}}
        assert (await post(client, hash_of(RAFFLES), RAFFLES, n=1))["errors"] is None
    only = {"graphql_documents": folder, "graphql_persisted_only": True}
    async with api(settings, **only) as (made, client):
        assert (await get(client, hash_of(listed))).json()["data"] == {"asOf": {"block": 1}}
        # The same text is the same query.
        assert (await client.post(URL, json={"query": listed})).json()["data"] == {"asOf": {"block": 1}}
        with statements(made.state.services) as sent:
            assert code((await client.post(URL, json={"query": RAFFLES})).json()) == "query_not_listed"
            assert code(await post(client, hash_of(RAFFLES), RAFFLES, n=1)) == "query_not_listed"
            assert code(await post(client, hash_of(listed), BLOCK)) == "persisted_query_mismatch"
            for _ in range(2):
                assert code(await post(client, hash_of(RAFFLES), n=1)) == "query_not_listed"
            assert code((await get(client, UNKNOWN)).json()) == "query_not_listed"
        assert sent == []


def test_documents__a_manifest_of_texts_by_their_hash(tmp_path: Path, settings: Settings) -> None:
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({hash_of(BLOCK): BLOCK, hash_of(RAFFLES): RAFFLES}))
    found = read_documents(manifest)
    assert found == {hash_of(BLOCK): BLOCK, hash_of(RAFFLES): RAFFLES}
    check_documents(settings, found)
    assert read_documents(None) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no JSON of texts by their SHA-256"),
        ("[]", "is no JSON of texts by their SHA-256"),
        ("{}", "holds no query"),
        (json.dumps({UNKNOWN: BLOCK}), f"whose SHA-256 is {hash_of(BLOCK)}"),
        ("x" * (MOST_BYTES + 1), f"has more than {MOST_BYTES} bytes"),
        ("\udcff", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_documents__unusable__said_at_the_start(tmp_path: Path, content: str | None, said: str) -> None:
    manifest = tmp_path / "persisted.json"
    if content is not None:
        manifest.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match="GRAPHQL_DOCUMENTS") as refused:
        read_documents(manifest)
    assert said in str(refused.value)


def test_documents__an_empty_folder__said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no query"):
        read_documents(tmp_path)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ raffles", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("query A { asOf { block } } query B { __schema { types { name } } }", "introspection"),
        ("{ a: raffles(limit: 100) { items { prizes { rank kind amount } } } " * 1 + "b: raffles(limit: 100)"
         " { items { prizes { rank kind token symbol decimals amount tokenId claimed returned } } } }",
         f"{MOST_COST} is the most"),
        ("fragment A on Query { asOf { block } }", "no"),
    ],
)  # fmt: skip
def test_documents__that_would_never_be_answered__said_at_the_start(
    settings: Settings, query: str, said: str
) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(SettingsError, match="GRAPHQL_DOCUMENTS: the query") as refused:
        check_documents(production, {hash_of(query): query})
    assert said in str(refused.value)


def test_only_listed_ones__without_a_list__refuses_to_start() -> None:
    with pytest.raises(ValueError, match="GRAPHQL_PERSISTED_ONLY is set but GRAPHQL_DOCUMENTS is not"):
        Settings(
            database_url="postgresql:///x", rpc_urls=("http://x",), registry=Path("x"), graphql_persisted_only=True
        )  # fmt: skip


async def test_queries__without_redis__found_by_this_process() -> None:
    queries = Queries({hash_of(BLOCK): BLOCK})
    assert (queries.listed(hash_of(BLOCK)), await queries.find(hash_of(BLOCK))) == (BLOCK, BLOCK)
    assert await queries.find(hash_of(RAFFLES)) is None
    await queries.keep(hash_of(RAFFLES), RAFFLES)
    assert (queries.listed(hash_of(RAFFLES)), await queries.find(hash_of(RAFFLES))) == (None, RAFFLES)
    await queries.close()
