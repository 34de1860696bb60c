"""GET /tokens… and GET /status."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from tests.backend.reads.facts import ChainOfFacts, address, shown
from tests.backend.reads.stories import ORGANISER, token_created


async def read(client: AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_tokens__newest_first__in_pages(client: AsyncClient, facts: ChainOfFacts) -> None:
    tokens = [address(0x70 + n) for n in range(5)]
    facts.block(*(token_created(token, f"T{n}") for n, token in enumerate(tokens[:3])))
    facts.block(token_created(tokens[3], "T3", creator=address(0xA9)), token_created(tokens[4], "T4"))

    seen: list[str] = []
    page = await read(client, "/tokens", limit=2)
    while True:
        seen += [token["symbol"] for token in page["items"]]
        if page["next_cursor"] is None:
            break
        page = await read(client, "/tokens", limit=2, cursor=page["next_cursor"])
    of_one = await read(client, "/tokens", creator=shown(address(0xA9)))

    assert seen == ["T4", "T3", "T2", "T1", "T0"]
    assert [token["symbol"] for token in of_one["items"]] == ["T3"]


async def test_token__as_it_was_created(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(token_created(address(0x70), name="Mead\u202eow", symbol=""), final=1)

    token = await read(client, f"/tokens/{shown(address(0x70))}")

    assert (token["address"], token["name"], token["symbol"]) == (shown(address(0x70)), "Mead\u202eow", "")
    assert (token["cap"], token["initial_supply"], token["decimals"]) == (str(10**25), str(10**24), 18)
    assert (token["creator"], token["created_block"], token["final"]) == (shown(ORGANISER), 1, True)
    assert "position" not in token


async def test_token__unknown_or_no_address__problem(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block()
    unknown = await client.get(f"/api/v1/tokens/{shown(address(0x70))}")
    nonsense = await client.get("/api/v1/tokens/0x70")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "token_not_found")
    assert (nonsense.status_code, nonsense.json()["code"]) == (422, "invalid_input")


async def test_status__how_far_the_mirror_is(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(number=7, final=5)

    status = await read(client, "/status")

    assert status["listener"] == {
        "cursor_block": 7,
        "cursor_time": "2027-01-15T08:00:07Z",
        "head_block": 7,
        "lag_blocks": 0,
        "finalized_block": 5,
    }
    assert status["chain"] == {"chain_id": 31337, "name": "Local chain"}
    assert status["sender"] == {"open_intents": {}, "oldest_open_at": None, "frozen_wallets": 0}


async def test_every_route__has_summary_and_described_answers(client: AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    nouns = ("/raffles", "/contests", "/tokens", "/vesting", "/status")

    for path, operations in document["paths"].items():
        if not path.removeprefix("/api/v1").startswith(nouns):
            continue
        for operation in operations.values():
            assert operation["summary"], path
            assert any(status.startswith("2") for status in operation["responses"]), path
            refusals = [answer for status, answer in operation["responses"].items() if status >= "400"]
            assert all("application/problem+json" in answer["content"] for answer in refusals), path
