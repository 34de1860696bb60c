"""Fault 40, GraphQL's half: the same answers as REST, and no query that costs more than it may."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.graphql import answers, cost
from backend.graphql.limits import (
    MOST_BYTES,
    MOST_COST,
    MOST_DEPTH,
    MOST_DIRECTIVES,
    MOST_ERRORS,
    MOST_FIELDS,
    MOST_REPEATS,
    MOST_TOKENS,
    READ_COST,
    QueryRefused,
)
from backend.graphql.schema import schema
from backend.services import Services
from backend.settings import Settings
from listener.mirror.reads import raffles
from tests.backend.reads.contest_kit import draw, opening_of, sign_up
from tests.backend.reads.facts import ChainOfFacts, shown
from tests.backend.reads.graphql_kit import (
    ANA,
    BEN,
    MEAD,
    SCHEMA,
    URL,
    ask,
    camel,
    data,
    everything,
    rest,
    statements,
    without,
)
from tools.run.postgres import DatabaseUris

PRIZES = "prizes { rank kind token symbol decimals amount tokenId claimed returned }"


async def test_lists__same_as_rest__page_by_page(told: AsyncClient) -> None:
    for field, path, kind, more in (
        ("raffles", "/raffles", "Raffle", ""),
        ("tokens", "/tokens", "Token", ""),
        ("grants", "/vesting/grants", "Grant", ""),
    ):
        cursor, pages = None, 0
        while True:
            params = {} if cursor is None else {"cursor": cursor}
            expected = await rest(told, path, limit=4, **params)
            query = f"query ($cursor: String) {{ {field}(limit: 4, cursor: $cursor{more}) {everything(f'{kind}Page')} }}"
            found = (await data(told, query, cursor=cursor))[field]
            assert found == expected
            cursor, pages = found["nextCursor"], pages + 1
            if cursor is None:
                break
        assert pages == (1 if field == "tokens" else 2 if field == "raffles" else 3)


async def test_filters__same_as_rest(told: AsyncClient) -> None:
    for field, path, params, arguments in (
        ("raffles", "/raffles", {"state": "drawn"}, 'state: "drawn"'),
        ("raffles", "/raffles", {"organiser": shown(ANA)}, f'organiser: "{shown(ANA)}"'),
        ("grants", "/vesting/grants", {"plan_id": "2"}, 'planId: "2"'),
        ("grants", "/vesting/grants", {"beneficiary": shown(BEN)}, f'beneficiary: "{shown(BEN)}"'),
        ("tokens", "/tokens", {"creator": shown(ANA)}, f'creator: "{shown(ANA)}"'),
    ):
        expected = [one.get("id", one.get("address")) for one in (await rest(told, path, **params))["items"]]
        key = "address" if field == "tokens" else "id"
        found = (await data(told, f"{{ {field}({arguments}) {{ items {{ {key} }} }} }}"))[field]["items"]
        assert [one[key] for one in found] == expected


async def test_one_raffle__with_draw_entries_and_winners__same_as_rest(told: AsyncClient) -> None:
    query = f"""{{
        raffle(id: "1") {{ {everything("RaffleDetails")[2:-2]}
            entries(limit: 1) {everything("EntryPage")} winners {everything("WinnerPage")} }}
        asOf {{ block finalized }}
    }}"""
    found = await data(told, query)
    raffle = found["raffle"]
    assert without(raffle, "entries", "winners") == without(
        await rest(told, "/raffles/1"), "asOfBlock", "final", "entries"
    )
    assert raffle["draw"]["seed"] is not None
    assert raffle["entries"] == await rest(told, "/raffles/1/entries", limit=1)
    winners = await rest(told, "/raffles/1/winners")
    # Names are of accounts here; GraphQL tells what the chain shows.
    winners["items"] = [without(one, "name") for one in winners["items"]]
    assert without(raffle["winners"], "final") == without(winners, "final")
    assert [one["claimed"] for one in raffle["winners"]["items"]] == [False, True, False]
    assert found["asOf"] == {"block": 103, "finalized": 2}


async def test_one_token__with_figures_and_holders__same_as_rest(told: AsyncClient) -> None:
    mead = shown(MEAD)
    query = f"""{{ token(address: "{mead.lower()}") {{ {everything("TokenDetails")[2:-2]}
        figures {everything("TokenFigures")} holders {everything("HolderPage")} }} }}"""
    token = (await data(told, query))["token"]
    assert without(token, "figures", "holders") == without(
        await rest(told, f"/tokens/{mead}"), "asOfBlock", "final"
    )
    assert token["figures"] == without(await rest(told, f"/tokens/{mead}/figures"), "asOfBlock", "final")
    assert token["holders"] == await rest(told, f"/tokens/{mead}/holders")
    assert [one["amount"] for one in token["holders"]["items"]] == ["300", "200"]


async def test_proposals__with_state_and_votes(told: AsyncClient) -> None:
    query = f"""query ($token: String!) {{
        proposals(token: $token) {everything("ProposalPage")}
        proposal(id: "1", token: $token) {{ id state quorum votesFor votes {everything("VotePage")} }}
    }}"""
    found = await data(told, query, token=shown(MEAD))
    assert [one["id"] for one in found["proposals"]["items"]] == ["2", "1"]
    one = found["proposal"]
    assert (one["state"], one["quorum"], one["votesFor"]) == ("defeated", "20", "7")
    assert [(vote["voter"], vote["weight"]) for vote in one["votes"]["items"]] == [(shown(ANA), "7")]


async def test_contests__what_everybody_sees__same_as_rest_without_an_account(
    app: FastAPI, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris, settings: Settings
) -> None:
    facts.block()
    olga = await sign_up(app, "olga")
    published, draft = await olga.draft(), await olga.draft()
    draw(facts, opening_of(database.superuser, await olga.commit(published)))
    selected = everything("ContestDetails")[2:-2] + " final filters bundleUrl certificateUrl"
    site = settings.site
    query = f"""query ($one: UUID!, $draft: UUID!) {{
        contests(state: "completed") {everything("ContestPage")}
        contest(id: $one) {{ {selected} drawn {everything("ContestWinnerPage")} }}
        draft: contest(id: $draft) {{ id }}
    }}"""
    # Who asks makes no difference.
    for who in (client, olga.http):
        found = await data(who, query, one=published["id"], draft=draft["id"])
        assert found["draft"] is None
        expected = await rest(client, "/contests", state="completed")
        assert found["contests"]["items"] == [without(one, "mine") for one in expected["items"]]
        one = await rest(client, f"/contests/{published['id']}")
        hidden = ("mine", "failure", "failedBy", "fileName", "intentId", "filters", "asOfBlock", "final")
        selected_fields = without(
            found["contest"], "drawn", "final", "filters", "bundleUrl", "certificateUrl"
        )
        assert camel(selected_fields) == without(one, *hidden)
        assert found["contest"]["filters"] == one["filters"]
        file = f"{site}/api/v1/contests/{published['id']}"
        assert found["contest"]["bundleUrl"] == f"{file}/bundle"
        is_final = found["contest"]["final"]
        assert is_final is one["final"]
        assert found["contest"]["certificateUrl"] == (f"{file}/certificate.pdf" if is_final else None)
        assert found["contest"]["drawn"] == await rest(client, f"/contests/{published['id']}/winners")
    await olga.http.aclose()


async def test_what_is_not_there__null(told: AsyncClient) -> None:
    query = f"""{{ raffle(id: "99") {{ id }} token(address: "{shown(ANA)}") {{ name }}
        contest(id: "00000000-0000-0000-0000-000000000000") {{ id }} }}"""
    assert await data(told, query) == {"raffle": None, "token": None, "contest": None}


async def test_aliases__are_read_together(told: AsyncClient, services: Services) -> None:
    counts = []
    for numbers in ("1", "1234567"):
        with statements(services) as sent:
            query = "{" + " ".join(f'r{one}: raffle(id: "{one}") {{ id title }}' for one in numbers) + "}"
            assert len(await data(told, query)) == len(numbers)
        counts.append(len(sent))
    assert counts[0] == counts[1]


BIG = "{ items { " + PRIZES + " } }"
TWICE = "a: raffles(limit: {n}) {big} b: raffles(limit: {n}) {big}"
DOUBLING = " ".join(
    f"fragment F{n} on Query {{ a: asOf {{ block }} ...F{n + 1} ...F{n + 1} }}" for n in range(30)
)
BODIES = [
    *("[" * 7_000, '[{"query": "{ asOf { block } }"}]', '{"query": 1}', "", '{"id": "x"}'),
    '{"query": "{a}", "variables": [1]}',
]
HOSTILE = {
    "pages of pages": ("{ " + TWICE.format(n=100, big=BIG) + " }", "query_too_costly"),
    "pages by variable": ("query ($n: Int!) { " + TWICE.format(n="$n", big=BIG) + " }", "query_too_costly"),
    "pages by default": ("query ($m: Int = 100) { " + TWICE.format(n="$m", big=BIG) + " }", "query_too_costly"),
    "reads": ("{" + " ".join(f"a{n}: raffles {{ final }}" for n in range(110)) + "}", "query_too_costly"),
    "10,000 aliases": ("{" + " ".join(f"a{n}: asOf {{ block }}" for n in range(10_000)) + "}", "query_too_long"),
    "10,000 times the same": ("{" + "asOf { block } " * 10_000 + "}", "query_too_long"),
    "as many fields as tokens allow": ("{" + " ".join("a" for _ in range(700)) + "}", "query_too_wide"),
    "the same again": ("{ asOf { " + "block " * (MOST_REPEATS + 1) + "} }", "query_repetitive"),
    "a few directives": ("{ asOf " + "@skip(if: false) " * (MOST_DIRECTIVES + 1) + "{ block } }", "query_too_conditional"),
    "directives": ("{ asOf " + "@include(if: true) " * 5_000 + "{ block } }", "query_too_long"),
    "unknown directives": ("{ asOf " + "@x " * 5_000 + "{ block } }", "query_too_long"),
    "too deep": ("{ a { b { c { d { e { f { g { h { i } } } } } } } } }", "query_too_deep"),
    "deep in a fragment": (
        "{ ...A } fragment A on Query { a { b { c { d { ...B } } } } }"
        " fragment B on X { e { f { g { h { i } } } } }",
        "query_too_deep",
    ),
    "lists in lists": ("{ raffle(id: " + "[" * 7_000 + "]" * 7_000 + ") { id } }", "query_too_deep"),
    "braces": ("{ raffles " * 400 + "{ id }" + " }" * 400, "query_too_deep"),
    "fragments in a circle": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "fragment_cycle"),
    "fragment of itself": ("{ ...A } fragment A on Query { asOf { block } ...A }", "fragment_cycle"),
    "fragments that double": (
        "{ ...F0 } " + DOUBLING + " fragment F30 on Query { asOf { block } }",
        "query_too_costly",
    ),
    "operations": (" ".join(f"query Q{n} {{ asOf {{ block }} }}" for n in range(300)), "query_too_long"),
    "several operations": ("query A { asOf { block } } query B { asOf { block } }", "operation_unclear"),
    "no operation": ("fragment A on Query { asOf { block } }", "operation_unclear"),
    "no query": ("{ raffles", "query_malformed"),
    "a query of signs": ("\u0000\u202e{", "query_malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile__refused_by_its_text_alone(name: str) -> None:
    query, code = HOSTILE[name]
    if code == "query_malformed":
        return
    with pytest.raises(QueryRefused) as refused:
        cost.check(SCHEMA, cost.read(query), {"n": 100}, None)
    assert refused.value.code == code


async def test_hostile__a_clear_problem_and_nothing_asked_of_the_database(
    told: AsyncClient, services: Services
) -> None:
    for name, (query, code) in HOSTILE.items():
        with statements(services) as sent:
            answer = await told.post(URL, json={"query": query, "variables": {"n": 100}})
        if len(query) > MOST_BYTES:
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), name
        else:
            assert answer.status_code == 200, (name, answer.text)
            (error,) = answer.json()["errors"]
            assert (answer.json()["data"], error["extensions"]["code"]) == (None, code), name
        assert sent == [], name


async def test_refused__says_what_the_limit_is_and_what_it_would_be(told: AsyncClient) -> None:
    (error,) = (await ask(told, HOSTILE["pages of pages"][0]))["errors"]
    assert error["extensions"] == {"code": "query_too_costly", "limit": MOST_COST, "cost": 20_402}
    assert "would cost 20402, and 10000 is the most" in error["message"]
    (error,) = (await ask(told, HOSTILE["too deep"][0]))["errors"]
    assert error["extensions"] == {"code": "query_too_deep", "limit": MOST_DEPTH, "depth": 9}
    (error,) = (await ask(told, HOSTILE["as many fields as tokens allow"][0]))["errors"]
    assert error["extensions"] == {"code": "query_too_wide", "limit": MOST_FIELDS, "fields": 700}
    query = "{" + "a " * MOST_TOKENS + "}"
    (error,) = (await ask(told, query))["errors"]
    assert error["extensions"] == {"code": "query_too_long", "limit": MOST_TOKENS}


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ asOf { block } }", {}, READ_COST + 2),
        ("{ raffles { final } }", {}, READ_COST + 2),
        ("{ raffles(limit: 7) { items { id } } }", {}, READ_COST + 1 + 7 * 2),
        ("{ raffles { items { id } } }", {}, READ_COST + 1 + 20 * 2),
        ("query ($n: Int) { raffles(limit: $n) { items { id } } }", {"n": 3}, READ_COST + 1 + 3 * 2),
        ("query ($n: Int = 4) { raffles(limit: $n) { items { id } } }", {}, READ_COST + 1 + 4 * 2),
        # What is no size of a page is refused when it is executed; until then it counts as the largest.
        ("query ($n: Int) { raffles(limit: $n) { items { id } } }", {"n": -5}, READ_COST + 1 + 100 * 2),
        ("query ($n: Int) { raffles(limit: $n) { items { id } } }", {"n": "x"}, READ_COST + 1 + 100 * 2),
        ("{ raffles(limit: " + "9" * 5_000 + ") { items { id } } }", {}, READ_COST + 1 + 100 * 2),
        ("{ raffles { items @skip(if: true) { id } } }", {}, READ_COST + 1 + 20 * 2),
        ("{ ...A ...A } fragment A on Query { asOf { block } }", {}, 2 * (READ_COST + 2)),
        ("{ raffles(limit: 5) { ...P } } fragment P on RafflePage { items { id } }", {}, READ_COST + 1 + 5 * 2),
        ('{ raffle(id: "1") { entries(limit: 9) { items { buyer } } } }', {}, 2 * READ_COST + 2 + 9 * 2),
    ],
)  # fmt: skip
def test_cost__pages_multiply(query: str, variables: dict[str, Any], expected: int) -> None:
    assert cost.check(SCHEMA, cost.read(query), variables, None).cost == expected


def test_cost__of_the_operation_that_is_meant() -> None:
    document = cost.read("query A { asOf { block } } query B { raffles { final } asOf { block } }")
    assert cost.check(SCHEMA, document, {}, "A").cost == READ_COST + 2
    for unclear in (None, "C"):
        with pytest.raises(QueryRefused, match="name one of them"):
            cost.check(SCHEMA, document, {}, unclear)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ raffles(limit: 0) { final } }", "limit: must be 1 to 100"),
        ("{ raffles(limit: 101) { final } }", "limit: must be 1 to 100"),
        ("{ raffles(limit: " + "9" * 400 + ") { final } }", "Int cannot represent non 32-bit signed integer"),
        ('{ raffles(cursor: "-1") { final } }', "cursor: must be decimal digits"),
        ('{ raffle(id: "' + "9" * 99 + '") { id } }', "id: must be decimal digits, at most 2^256 - 1"),
        ('{ raffles(organiser: "0x12") { final } }', "organiser: '0x12' is no address"),
        ('{ contest(id: "1") { id } }', "Value cannot represent a UUID"),
        ('{ raffles(state: "lost") { final } }', "state: must be one of open, closed"),
        ("{ secrets { id } }", "Cannot query field 'secrets' on type 'Query'."),
        ("{ raffles { items { entries { final } } } }", "Sub selection|must not have a selection"),
        ("mutation { raffles { final } }", "not configured|not supported|mutation"),
        ("subscription { raffles { final } }", "not configured|not supported|subscription"),
        ("{ asOf @x { block } }", "Unknown directive '@x'."),
    ],
)  # fmt: skip
async def test_wrong__said_in_words(told: AsyncClient, query: str, said: str) -> None:
    answer = await ask(told, query)
    assert re.search(said if "|" in said else re.escape(said), answer["errors"][0]["message"]), answer[
        "errors"
    ]
    assert answer["errors"][0]["extensions"]["code"] in ("query_invalid", "invalid_input")


async def test_many_mistakes__few_are_listed(told: AsyncClient) -> None:
    answer = await ask(told, "{" + " ".join(f"x{n}" for n in range(100)) + "}")
    assert len(answer["errors"]) == MOST_ERRORS


@pytest.mark.parametrize("body", BODIES)
async def test_body__no_single_query__problem(told: AsyncClient, body: str) -> None:
    answer = await told.post(URL, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_variables__deep_or_unknown__refused_in_words(told: AsyncClient) -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    for value in (deep, {"a": 1}, True, 2**70, "1"):
        answer = await ask(told, "query ($n: Int!) { raffles(limit: $n) { final } }", n=value)
        assert answer["errors"][0]["extensions"]["code"] == "query_invalid", value
    assert (await ask(told, "{ asOf { block } }", unused=deep))["errors"] is None


def test_introspection__off_in_production__also_by_suggestion() -> None:
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
        found = schema(introspection=False).execute_sync(query)
        assert found.errors is not None
        assert "introspection" in found.errors[0].message.lower()
    said = schema(introspection=False).execute_sync("{ raffle { id } rafles { final } }").errors
    assert said is not None
    assert not any("Did you mean" in one.message for one in said)


async def test_introspection__locally__for_tools(told: AsyncClient, services: Services) -> None:
    found = await data(told, "{ __schema { queryType { name } } }")
    assert found["__schema"]["queryType"]["name"] == "Query"
    services.settings = services.settings.model_copy(update={"environment": "production"})
    answer = await ask(told, "{ __schema { queryType { name } } }")
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "query_invalid")


async def test_our_own_fault__logged_and_not_told(told: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("password=hunter2 at /home/app")

    monkeypatch.setattr(raffles, "page", broken)
    answer = await ask(told, "{ raffles { final } }")
    assert answer["errors"][0]["extensions"] == {"code": "internal_error"}
    assert "hunter2" not in str(answer)


async def test_takes_too_long__ended(told: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(raffles, "page", endless)
    with monkeypatch.context() as impatient:
        impatient.setattr(answers, "SECONDS", 0.05)
        answer = await ask(told, "{ raffles { final } }")
    assert answer["errors"][0]["extensions"] == {"code": "query_timeout", "limit": 0.05}
    assert await data(told, "{ asOf { block } }") == {"asOf": {"block": 103}}


async def test_no_mirror_yet__503_as_everywhere(client: AsyncClient) -> None:
    answer = await client.post(URL, json={"query": "{ asOf { block } }"})
    assert (answer.status_code, answer.json()["code"]) == (503, "mirror_not_ready")


async def test_throttled_as_reads_are(told: AsyncClient, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"requests_per_minute_per_network": 3})
    answers = [await told.post(URL, json={"query": "{ asOf { block } }"}) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert "changes" not in answers[0].headers["ratelimit-policy"]
