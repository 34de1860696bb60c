"""Text that a database cannot keep or nobody can encode, in every field, query and path: refused, never our bug."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from httpx import AsyncClient, Response

from backend.app import create_app
from backend.services import Services
from backend.settings import schema_settings
from tests.backend.test_user_admin import person

TEXTS = ("\0", "a\0b", "\ud800", "9" * 400, "-1", "1e999", "\u202e\uffff", "")
IN_URLS = ("%00", "%FF", "%ED%A0%80", "9" * 400, "-1", "99999999999999999999", "%F0%9F%A6%84")
DOCUMENT = create_app(schema_settings()).openapi()
ENDING = {("delete", "/api/v1/sessions")}
"""What ends the session that asks."""


def example(schema: dict[str, Any]) -> Any:
    """Something that fits a schema."""
    if "$ref" in schema:
        return example(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for word in ("examples", "enum"):
        if schema.get(word):
            return copy.deepcopy(schema[word][0])
    for word in ("const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return example(schema[word][0])
    if "properties" in schema:
        return {name: example(one) for name, one in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(schema.get("items", {}))]
    return {"integer": 1, "number": 1, "boolean": True, "object": {}}.get(schema.get("type", ""), "text")


def with_hostile_leaves(body: Any) -> Iterator[Any]:
    """The body with each of its texts, and the whole of it, replaced by each hostile text; and with one more field."""
    if isinstance(body, str):
        yield from TEXTS
    elif isinstance(body, dict):
        for name, value in body.items():
            for other in with_hostile_leaves(value):
                yield {**body, name: other}
        yield from ({**body, name: text} for name in TEXTS for text in ("text", "\0"))
    elif isinstance(body, list):
        for position, value in enumerate(body):
            for other in with_hostile_leaves(value):
                yield [*body[:position], other, *body[position + 1 :]]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if (method, path) not in ENDING:
                yield method, path, operation


def urls(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """The operation's address with each hostile text in each of its places."""
    parameters = operation.get("parameters", [])
    places = [one for one in parameters if one["in"] in ("path", "query")]
    for chosen in places:
        for text in IN_URLS:
            filled, queries = path, []
            for one in places:
                value = text if one is chosen else quote(str(example(one["schema"])), safe="")
                if one["in"] == "path":
                    filled = filled.replace(f"{{{one['name']}}}", value)
                elif one is chosen or one.get("required"):
                    queries.append(f"{one['name']}={value}")
            yield f"{filled}?{'&'.join(queries)}" if queries else filled


def is_our_bug(answer: Response) -> bool:
    """Whether it is an error of ours; that there is no mirror in these tests is none."""
    return answer.status_code >= 500 and answer.json()["code"] != "mirror_not_ready"


def is_malformed(answer: Response) -> bool:
    """Whether what was sent is refused for its form: then the field is named."""
    return answer.status_code == 422 and answer.json()["code"] == "invalid_input"


async def test_bodies__hostile_text__refused_as_documented(
    app: FastAPI, client: AsyncClient, services: Services
) -> None:
    admin = await person(client, services, "admin", "admin")
    headers = {**admin["headers"], "content-type": "application/json", "idempotency-key": "one"}
    wrong, asked = [], 0
    for method, path, operation in operations():
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        described = content["application/json"]
        named = list(described.get("examples", {}).values())
        body = named[0]["value"] if named else example(described["schema"])
        filled = path.replace("{user_id}", admin["id"])
        for other in with_hostile_leaves(body):
            answer = await client.request(method, filled, content=json.dumps(other), headers=headers)
            asked += 1
            is_documented = str(answer.status_code) in operation["responses"]
            if (
                is_our_bug(answer)
                or not is_documented
                or (is_malformed(answer) and not answer.json()["errors"])
            ):
                wrong.append(
                    f"{method} {filled} {json.dumps(other)[:300]}: {answer.status_code} {answer.text}"
                )
    assert asked > 300
    assert not wrong, "\n".join(wrong)


async def test_addresses__hostile_text__refused_as_documented(
    app: FastAPI, client: AsyncClient, services: Services
) -> None:
    admin = await person(client, services, "admin", "admin")
    wrong, asked = [], 0
    for method, path, operation in operations():
        for url in urls(path, operation):
            answer = await client.request(method, url, headers=admin["headers"])
            asked += 1
            if is_our_bug(answer):
                wrong.append(f"{method} {url}: {answer.status_code} {answer.text}")
    assert asked > 300
    assert not wrong, "\n".join(wrong)
