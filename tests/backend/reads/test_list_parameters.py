"""Orders and sparse fields of lists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx import AsyncClient

from backend.app import create_app
from backend.settings import schema_settings
from tests.backend.idempotency.test_keys import person
from tests.backend.reads.contest_kit import DRAFT
from tests.backend.reads.facts import GENESIS, ChainOfFacts, address
from tests.backend.reads.stories import raffle_created, token_created

DOCUMENT = create_app(schema_settings()).openapi()
CLOSES = {1: 500, 2: 300, 3: 400, 4: 300, 5: 100}
"""Raffles and when they close, in seconds."""


def schema_of(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


LISTS = {
    path: schema_of(answer)
    for path, item in DOCUMENT["paths"].items()
    if "get" in item
    and (answer := item["get"]["responses"].get("200", {}).get("content", {}).get("application/json", {}))
    and (answer := answer.get("schema", {})).get("$ref")
    and {"items", "next_cursor"} <= schema_of(answer).get("properties", {}).keys()
}


@pytest.mark.parametrize("path", LISTS)
def test_every_list_with_a_cursor__takes_cursor_limit_and_the_fields_of_its_items(path: str) -> None:
    taken = {one["name"]: one for one in DOCUMENT["paths"][path]["get"]["parameters"]}
    assert {"cursor", "fields"} <= taken.keys()
    assert "limit" in taken or path.endswith("/posts"), "as many as the platform tells"
    told = re.search(r" of: (.+)$", taken["fields"]["description"])
    assert told is not None
    item = schema_of(LISTS[path]["properties"]["items"]["items"])
    assert set(told[1].split(", ")) == item["properties"].keys()


async def walk(client: AsyncClient, path: str, headers: dict[str, str], **params: Any) -> list[Any]:
    """All items, page by page."""
    found: list[Any] = []
    while True:
        answer = await client.get(f"/api/v1{path}", params={"limit": 2, **params}, headers=headers)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if (cursor := answer.json()["next_cursor"]) is None:
            return found
        params["cursor"] = cursor


async def test_sorted_and_sparse__pages_fit_and_what_is_unknown_is_refused_in_words(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    tokens = [address(0x7000 + n) for n in range(5)]
    for number, closes in CLOSES.items():
        facts.block(
            raffle_created(number, closesAt=GENESIS + 100_000 + closes), token_created(tokens[number - 1])
        )
    ada = await person(client)
    for number in range(5):
        assert (
            await ada("POST", "/contests", None, {**DRAFT, "title": f"Contest {number}"})
        ).status_code == 201

    async def order(path: str, field: str, **params: Any) -> list[Any]:
        return [item[field] for item in await walk(client, path, ada.headers, fields=field, **params)]

    newest = ["5", "4", "3", "2", "1"]
    assert await order("/raffles", "id") == newest
    assert await order("/raffles", "id", sort="-created_at") == newest
    assert await order("/raffles", "id", sort="created_at") == newest[::-1]
    soonest = ["5", "2", "4", "3", "1"]
    for filters in ({}, {"state": "open"}, {"state": "open", "organiser": None}):
        asked = {name: value for name, value in filters.items() if value is not None}
        assert await order("/raffles", "id", sort="closes_at", **asked) == soonest
        assert await order("/raffles", "id", sort="-closes_at", **asked) == soonest[::-1]
    for sort in ("created_at", "-created_at", "closes_at", "-closes_at"):
        for cursor in (0, 2**256 - 1):
            answer = await client.get("/api/v1/raffles", params={"sort": sort, "cursor": cursor})
            assert answer.status_code == 200, answer.text
    made = await order("/tokens", "address", sort="created_at")
    assert len(made) == 5
    assert await order("/tokens", "address") == made[::-1]
    titles = [f"Contest {number}" for number in range(5)]
    assert await order("/contests", "title", sort="created_at") == titles
    assert await order("/contests", "title") == titles[::-1]

    whole = (await client.get("/api/v1/raffles", params={"limit": 2})).json()
    some = (await client.get("/api/v1/raffles", params={"limit": 2, "fields": "id,prizes"})).json()
    assert some == {
        **whole,
        "items": [{"id": item["id"], "prizes": item["prizes"]} for item in whole["items"]],
    }
    for fields, word in (("id,colour", "colour"), ("", "''"), ("id,", "''"), ("position", "position")):
        refused = await client.get("/api/v1/raffles", params={"fields": fields})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
        assert word in refused.json()["detail"]
        assert "ticket_price" in refused.json()["detail"]
    refused = await client.get("/api/v1/raffles", params={"sort": "price"})
    assert refused.status_code == 422
    assert "'-created_at', 'created_at', '-closes_at' or 'closes_at'" in refused.json()["detail"]
