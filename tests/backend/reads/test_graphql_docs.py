"""docs/graphql.md: its examples answer and cost what they say, and it names every refusal there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from httpx import AsyncClient

from backend.graphql import cost, limits, persisted
from tests.backend.reads.graphql_kit import SCHEMA, URL, ask
from tools.generated import GRAPHQL, ROOT, difference, graphql_schema

DOCS = (ROOT / "docs" / "graphql.md").read_text()
EXAMPLES = re.findall(r"```graphql\n# cost (\d+)\n(.*?)```", DOCS, re.DOTALL)


async def test_examples__answer_without_errors_and_cost_what_they_say(told: AsyncClient) -> None:
    assert len(EXAMPLES) == DOCS.count("```graphql")
    for said, query in EXAMPLES:
        found = await ask(told, query)
        assert found["errors"] is None, (query, found["errors"])
        assert None not in found["data"].values(), query
        assert cost.check(SCHEMA, cost.read(query), {}, None).cost == int(said), query
    (body,) = (json.loads(one) for one in re.findall(r"```json\n(.*?)\n```", DOCS))
    for _ in ("with its text", "by its hash"):
        answer = (await told.post(URL, json=body)).json()
        assert answer["data"] == {"asOf": {"block": 103}}, answer
        body.pop("query", None)


def test_every_refusal_is_in_the_docs_with_its_limit() -> None:
    code = "".join(path.read_text() for path in Path(cost.__file__).parent.glob("*.py"))
    codes = {
        *re.findall(r'QueryRefused\(\s*"(\w+)"', code),
        *re.findall(r'"code": "(\w+)"', code),
        *re.findall(r'_refused\(message, "(\w+)"', code),
    } - {"internal_error"}
    assert len(codes) > 12
    assert {one for one in codes if f"`{one}`" not in DOCS} == set()
    for number in (
        limits.MOST_TOKENS,
        limits.MOST_NESTING,
        limits.MOST_DEPTH,
        limits.MOST_FIELDS,
        limits.MOST_DIRECTIVES,
        limits.MOST_REPEATS,
        limits.MOST_COST,
        persisted.MOST_KEPT,
    ):
        assert re.search(rf"\b{number:,}\b", DOCS), number


def test_schema_file__is_what_the_code_says() -> None:
    assert difference(GRAPHQL, graphql_schema()) == []
