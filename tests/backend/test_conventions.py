"""What every route keeps to (docs/api.md), read from the API's own description."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.app import PREFIX, create_app
from backend.errors import MEDIA_TYPE, NotFound
from backend.locations import MADE
from backend.routing import HEADERS, Router, deprecated
from backend.settings import schema_settings

DOCUMENT = create_app(schema_settings()).openapi()
PATHS = {
    path.removeprefix(PREFIX): item for path, item in DOCUMENT["paths"].items() if path.startswith(PREFIX)
}
OPERATIONS = [
    (method, path, operation)
    for path, item in PATHS.items()
    for method, operation in item.items()
    if method in ("get", "post", "put", "patch", "delete")
]
IDS = [f"{method.upper()} {path}" for method, path, _ in OPERATIONS]
SINGLE = {
    "me": "the account that asks",
    "account": "the same, in what it asks of us",
    "privacy": "an area",
    "wallet": "an account has one",
    "policy": "a wallet has one",
    "payments": "an area too",
    "subscription": "an account has one",
    "vesting": "an area",
    "governance": "an area",
    "backing": "an area",
    "analytics": "an area",
    "admin": "an area",
    "platform": "there is one",
    "config": "there is one",
    "status": "there is one",
    "graphql": "a language",
    "stripe": "a company",
    "totp": "an account has one",
    "password": "an account has one",
    "email": "an account has one",
    "avatar": "an account has one",
    "role": "an account has one",
    "erasure": "an account has one under way",
    "retention": "a rule",
    "audit": "a log",
    "passkey": "a way to sign in",
    "second-factor": "a way to sign in",
    "export": "an account has one under way, or a file",
    "optional": "a kind of consents",
    "statement": "an account has one",
    "price": "a contest has one",
    "bundle": "a contest has one",
    "preview": "a contest has one",
    "inclusion": "of one account",
    "announcement": "a text",
    "portal": "a page of Stripe's",
    "checkout": "deprecated",
    "concentration": "a figure",
    "mine": "what is mine of the list",
    "top": "the first of a list",
    "paused": "those of the list that are",
    "callback": "where platforms send people back to",
    "message": "a text to sign",
    "link": "to one file",
    "quote": "a price",
}
"""Nouns of one thing or of none that is counted, with why."""
VERBS = {
    *("finish", "refresh", "confirm", "retrieve", "cancel", "freeze", "unfreeze", "suspend", "restore"),
    *("announce", "commit", "disqualify", "rotate", "ping", "retry", "end-others", "step-up", "unsubscribe"),
}
"""What is done with a thing and is no change of a field: POST to the thing's path and the verb."""
NO_LOCATION = {
    "POST /connections": "a page of the platform's, whose address is in the answer",
    "POST /payments/portal": "the same, of Stripe's",
}
BODY_OF_DELETE = {"DELETE /me/avatar": "the account as it is without the picture"}


def words(path: str) -> list[str]:
    return [part for part in path.split("/") if part and not part.startswith("{")]


@pytest.mark.parametrize("path", PATHS)
def test_path__plural_nouns_in_kebab_case_with_ids_in_snake_case(path: str) -> None:
    for word in words(path):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*(\.(csv|pdf))?", word), word
        noun = word.split(".")[0]
        assert noun.endswith("s") or noun in SINGLE or noun in VERBS or word.endswith(".pdf"), (
            f"{word}: a plural, or a line in SINGLE"
        )
    for name in re.findall(r"{(.+?)}", path):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
    if words(path)[-1] in VERBS:
        assert set(PATHS[path]) <= {"post", "get", "delete"}, "what is done is a POST"


def test_lists_of_exceptions__have_no_line_too_many() -> None:
    used = {word for path in PATHS for word in words(path)}
    assert SINGLE.keys() | VERBS <= used
    assert NO_LOCATION.keys() | BODY_OF_DELETE.keys() | MADE.keys() <= set(IDS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_operation__keeps_to_the_conventions(method: str, path: str, operation: dict[str, Any]) -> None:
    name, responses = f"{method.upper()} {path}", operation["responses"]
    done = {status: answer for status, answer in responses.items() if status < "400"}
    assert len(done) == 1
    ((status, answer),) = done.items()
    if method == "delete":
        assert status == "204" or name in BODY_OF_DELETE
    if method in ("get", "put", "patch"):
        assert status in ("200", "303")
    assert (status == "204") == (not answer.get("content") and status != "303")
    if status == "201" or name in MADE:
        assert ("Location" in answer.get("headers", {})) != (name in NO_LOCATION)
    for number, refusal in responses.items():
        if number >= "400":
            assert set(refusal["content"]) == {MEDIA_TYPE}, number
            assert re.match(r"`[a-z_]+`: ", refusal["description"]), number
    assert {"429", "500", "503"} <= responses.keys()
    assert ("401" in responses) == bool(operation.get("security")) or not operation.get("security")
    assert operation["summary"]
    assert operation["tags"]
    for taken in operation.get("parameters", ()):
        if taken["in"] == "query":
            is_graphqls = (name, taken["name"]) == ("GET /graphql", "operationName")
            assert is_graphqls or re.fullmatch(r"[a-z]+(_[a-z]+)*", taken["name"])


def test_operation_ids__name_one_each() -> None:
    found = Counter(operation["operationId"] for _, _, operation in OPERATIONS)
    assert [name for name, times in found.items() if times > 1] == []


def test_lists__say_items_and_only_items_and_what_goes_with_them() -> None:
    for method, path, operation in OPERATIONS:
        if method != "get" or "200" not in operation["responses"]:
            continue
        schema = (
            operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        )
        bare = schema.get("type") == "array"
        assert not bare or path in BARE, f"{path}: a list is in `items`"


BARE = {"/sessions": "of at most some dozen, since the first version"}


class Gone(NotFound):
    """There is nothing."""


async def test_deprecated_route__says_so_in_every_answer_and_in_the_description(
    app: FastAPI, client: AsyncClient
) -> None:
    router = Router()
    since, sunset = date(2027, 1, 1), date(2027, 7, 15)

    @router.get("/old/{number}", **deprecated(since=since, sunset=sunset, instead="GET /new"))
    async def old(number: int) -> dict[str, int]:
        if number == 0:
            raise Gone("There is nothing.")
        return {"number": number}

    app.include_router(router, prefix=PREFIX)
    app.router.routes.insert(0, app.router.routes.pop())  # before the web app's catch-all
    for number in (0, 1):
        answer = await client.get(f"{PREFIX}/old/{number}")
        assert answer.status_code == (200 if number else 404)
        assert answer.headers["deprecation"] == "@1798761600"
        assert answer.headers["sunset"] == "Thu, 15 Jul 2027 00:00:00 GMT"
        assert answer.headers["link"] == '</api/v1/docs>; rel="deprecation"; title="GET /new"'
    assert "deprecation" not in (await client.get(f"{PREFIX}/prices")).headers


def test_deprecations_there_are__leave_six_months_and_name_what_is_there() -> None:
    found = [operation for _, _, operation in OPERATIONS if operation.get("deprecated")]
    assert found
    assert all(bool(operation.get("deprecated")) == (HEADERS in operation) for _, _, operation in OPERATIONS)
    for operation in found:
        headers = operation[HEADERS]
        since = int(headers["Deprecation"].removeprefix("@"))
        assert (
            parsedate_to_datetime(headers["Sunset"]).timestamp() - since
            >= timedelta(days=182).total_seconds()
        )
        instead = re.search(r'title="(.+)"', headers["Link"])
        assert instead is not None
        assert instead[1] in IDS
        (told,) = [answer for status, answer in operation["responses"].items() if status < "300"]
        assert {"Deprecation", "Sunset", "Link"} <= told["headers"].keys()
