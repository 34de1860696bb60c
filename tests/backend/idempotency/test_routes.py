"""Every unsafe route takes a key, or is in the list of those that do not, with a reason; no secret is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from backend.app import PREFIX, create_app
from backend.auth.access import ACCESS
from backend.idempotency.routes import SHOWN_ONCE, WITHOUT_KEY
from backend.settings import schema_settings
from tests.backend.app_routes import app_routes

UNSAFE = ("post", "put", "patch", "delete")
SECRETS = re.compile(r"secret|token|password|code|crypto|private|key|url|mnemonic|seed")
"""Names of fields in which something secret could stand."""
NO_SECRET = {
    "token": "a contract's address",
    "token_number": "which token it is",
    "code": "which error, credits, or factor",
    "recovery_codes_left": "how many",
    "contest_key": "what the chain calls a contest",
    "seed": "of a draw, for everybody to see",
    "avatar_url": "of a picture that others are shown",
    "url": "of a webhook, of documents, or of a checkout, which keeps it too",
    "previous_secret_until": "a time",
    "public_key": "of a passkey to be, with a challenge that only the authenticator can answer",
}
APP = create_app(schema_settings())
DOCUMENT = APP.openapi()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix(PREFIX)}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in UNSAFE and path.startswith(PREFIX)
}


def key_of(operation: dict[str, Any]) -> dict[str, Any] | None:
    return next((one for one in operation.get("parameters", ()) if one["name"] == "Idempotency-Key"), None)


@pytest.mark.parametrize("name", OPERATIONS)
def test_unsafe_route__takes_a_key_or_says_why_not(name: str) -> None:
    operation, excepted = OPERATIONS[name], name in WITHOUT_KEY
    assert (key_of(operation) is None) == excepted, f"{name}: a key, or a line in WITHOUT_KEY"
    if excepted:
        assert len(WITHOUT_KEY[name]) > 10
        return
    assert "idempotency_key_reused" in operation["responses"]["422"]["description"]
    assert ("answer_shown_once" in operation["responses"].get("409", {}).get("description", "")) == (
        name in SHOWN_ONCE
    )
    assert ACCESS[name] != "anyone", "whose key would it be?"
    assert set(told(operation).get("content", ())) <= {"application/json"}, (
        "what is kept is at hand in one piece"
    )
    # What is compared is the body that the framework read.
    route = next(route for route in app_routes(APP) if route.name == name)
    assert route.reads_body == ("requestBody" in operation)


def test_lists__name_routes_that_are_there() -> None:
    assert WITHOUT_KEY.keys() <= OPERATIONS.keys()
    assert OPERATIONS.keys() - WITHOUT_KEY.keys() >= SHOWN_ONCE


def test_answers_with_something_secret__are_not_kept() -> None:
    kept = OPERATIONS.keys() - WITHOUT_KEY.keys() - SHOWN_ONCE
    suspects = {
        (name, field)
        for name in kept
        for field in fields(answer(OPERATIONS[name]))
        if SECRETS.search(field) and field not in NO_SECRET
    }
    assert not suspects
    for name in SHOWN_ONCE:
        assert SECRETS.search(" ".join(fields(answer(OPERATIONS[name])))), f"{name}: where is its secret?"


def answer(operation: dict[str, Any]) -> Any:
    return next(iter(told(operation).get("content", {"": {}}).values())).get("schema", {})


def told(operation: dict[str, Any]) -> dict[str, Any]:
    """The answer that is no refusal."""
    found: dict[str, Any] = next(
        answer for status, answer in operation["responses"].items() if status < "300"
    )
    return found


def fields(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all fields below a schema."""
    if isinstance(schema, list):
        for one in schema:
            yield from fields(one, seen)
    elif isinstance(schema, dict):
        reference = str(schema.get("$ref", "")).rpartition("/")[2]
        if reference and reference not in seen:
            yield from fields(DOCUMENT["components"]["schemas"][reference], seen | {reference})
        for name, below in schema.items():
            if name == "properties":
                yield from below
                yield from fields(list(below.values()), seen)
            elif name in ("items", "anyOf", "oneOf", "allOf", "additionalProperties"):
                yield from fields(below, seen)
