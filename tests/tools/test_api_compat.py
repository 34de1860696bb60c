"""Each promise of the API is broken once in a small description, and each addition made: what is refused, what passes?"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from backend.app import create_app
from backend.settings import schema_settings
from tools.api_compat import __main__ as command
from tools.api_compat.__main__ import WHAT_TO_DO, newest, promises
from tools.api_compat.operations import breaks

Change = Callable[[dict[str, Any]], Any]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


SMALL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1.0.0"},
    "components": {
        "schemas": {
            "Wish": {
                "type": "object",
                "required": ["kind"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"enum": ["buy", "sell"], "type": "string"},
                    "count": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1},
                    "note": {"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}]},
                    "old": {"type": "string", "deprecated": True},
                    "rule": {"oneOf": [ref("Likes"), ref("Words")]},
                },
            },
            "Likes": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "likes"}, "least": {"type": "integer"}},
            },
            "Words": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "words"}, "word": {"type": "string"}},
            },
            "Thing": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "state": {"enum": ["open", "closed"], "type": "string"},
                    "price": {"type": "integer"},
                    "parts": {"type": "array", "items": ref("Thing")},
                    "rules": {"type": "array", "items": {"oneOf": [ref("Likes"), ref("Words")]}},
                    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                },
            },
        }
    },
    "paths": {
        "/things": {
            "get": {
                "operationId": "list_things",
                "tags": ["things"],
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}},
                    {"in": "query", "name": "state", "schema": {"type": "string"}},
                    {"in": "query", "name": "ago", "deprecated": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {**content({"type": "array", "items": ref("Thing")}), "headers": {"ETag": {}}},
                    "404": {"description": "`thing_unknown`: no such; `shop_closed`: later"},
                },
            },
            "post": {
                "operationId": "make_thing",
                "tags": ["things"],
                "security": [{"bearer": []}, {"cookie": []}],
                "requestBody": {"required": True, **content(ref("Wish"))},
                "responses": {"201": content(ref("Thing"))},
            },
            "delete": {"operationId": "end_things", "tags": ["things"], "deprecated": True, "responses": {}},
        }
    },
}
GET, POST = "GET /things", "POST /things"


def get(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["paths"]["/things"])["get"]  # type: ignore[no-any-return]


def post(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["paths"]["/things"])["post"]  # type: ignore[no-any-return]


def shape(document: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(document["components"]["schemas"])[name]  # type: ignore[no-any-return]


def member(document: dict[str, Any], name: str, of: str) -> dict[str, Any]:
    return dict(shape(document, name)["properties"])[of]  # type: ignore[no-any-return]


def words(document: dict[str, Any]) -> Any:
    """A third kind of rule, for what is sent and what is answered."""
    document["components"]["schemas"]["Age"] = {"type": "object", "properties": {"kind": {"const": "age"}}}
    member(document, "Wish", "rule")["oneOf"].append(ref("Age"))
    member(document, "Thing", "rules")["items"]["oneOf"].append(ref("Age"))


BROKEN: list[tuple[str, Change]] = [
    (f"{POST}: is gone", lambda d: d["paths"]["/things"].pop("post")),
    (f"{GET}: is gone", lambda d: d["paths"].pop("/things")),
    (
        f"{GET}, operationId: is read_things, was list_things",
        lambda d: get(d).update(operationId="read_things"),
    ),
    (f"{GET}, tags: the first is ['shop']", lambda d: get(d).update(tags=["shop"])),
    (
        f"{GET}, security: nobody in particular may not ask",
        lambda d: get(d).update(security=[{"bearer": []}]),
    ),
    (f"{POST}, security: cookie may not ask", lambda d: post(d)["security"].pop()),
    (f"{GET}, query limit: is gone", lambda d: get(d)["parameters"].pop(0)),
    (f"{GET}, query state: is required now", lambda d: get(d)["parameters"][1].update(required=True)),
    (
        f"{GET}, query new: is new and required",
        lambda d: get(d)["parameters"].append({"in": "query", "name": "new", "required": True, "schema": {}}),
    ),
    (
        f"{GET}, query limit: maximum is 50, was 100",
        lambda d: get(d)["parameters"][0]["schema"].update(maximum=50),
    ),
    (
        f"{GET}, query state: maxLength is 5, was none",
        lambda d: get(d)["parameters"][1]["schema"].update(maxLength=5),
    ),
    (
        f"{GET}, query state: pattern is ^a, was none",
        lambda d: get(d)["parameters"][1]["schema"].update(pattern="^a"),
    ),
    (
        f"{GET}, query state: takes only 'open' now",
        lambda d: get(d)["parameters"][1]["schema"].update(enum=["open"]),
    ),
    (
        f"{GET}, query state: its format is uuid",
        lambda d: get(d)["parameters"][1]["schema"].update(format="uuid"),
    ),
    (
        f"{GET}, query limit: no longer takes integer",
        lambda d: get(d)["parameters"][0]["schema"].update(type="boolean"),
    ),
    (f"{POST}, body: is gone", lambda d: post(d).pop("requestBody")),
    (f"{GET}, body: is required now", lambda d: get(d).update(requestBody={"required": True, **content({})})),
    (
        f"{POST}, body: is no application/json any more",
        lambda d: post(d)["requestBody"].update(content={"text/csv": {}}),
    ),
    (f"{POST}, body.count: is gone", lambda d: shape(d, "Wish")["properties"].pop("count")),
    (f"{POST}, body.count: is required now", lambda d: shape(d, "Wish")["required"].append("count")),
    (
        f"{POST}, body.new: is new and required",
        lambda d: (shape(d, "Wish")["required"].append("new"), shape(d, "Wish")["properties"].update(new={})),
    ),
    (f"{POST}, body.count: minimum is 2, was 1", lambda d: member(d, "Wish", "count").update(minimum=2)),
    (
        f"{POST}, body.count: is 2 when left out, was 1",
        lambda d: member(d, "Wish", "count").update(default=2),
    ),
    (
        f"{POST}, body.kind: no longer takes 'sell'",
        lambda d: member(d, "Wish", "kind")["enum"].remove("sell"),
    ),
    (f"{POST}, body.note: no longer takes null", lambda d: member(d, "Wish", "note")["anyOf"].pop()),
    (
        f"{POST}, body.note: maxLength is 5, was 10",
        lambda d: member(d, "Wish", "note")["anyOf"][0].update(maxLength=5),
    ),
    (
        f"{POST}, body.rule: no longer takes object of kind 'words'",
        lambda d: member(d, "Wish", "rule")["oneOf"].pop(),
    ),
    (f"{POST}, body.rule.least: is required now", lambda d: shape(d, "Likes")["required"].append("least")),
    (f"{POST}, body.rule: refuses members", lambda d: shape(d, "Likes").update(additionalProperties=False)),
    (f"{POST}, 201: is gone", lambda d: post(d)["responses"].pop("201")),
    (f"{GET}, 404: is gone", lambda d: get(d)["responses"].pop("404")),
    (
        f"{GET}, 404: code `shop_closed` is gone",
        lambda d: get(d)["responses"]["404"].update(description="`thing_unknown`: no such"),
    ),
    (f"{GET}, 200: header ETag is gone", lambda d: get(d)["responses"]["200"].pop("headers")),
    (f"{GET}, 200[].price: is gone", lambda d: shape(d, "Thing")["properties"].pop("price")),
    (f"{GET}, 200[].id: may be left out now", lambda d: shape(d, "Thing")["required"].remove("id")),
    (f"{GET}, 200[].id: its format is None, was uuid", lambda d: member(d, "Thing", "id").pop("format")),
    (
        f"{GET}, 200[].price: may now be number, was integer",
        lambda d: member(d, "Thing", "price").update(type="number"),
    ),
    (
        f"{GET}, 200[].price: may now be null",
        lambda d: shape(d, "Thing")["properties"].update(
            price={"anyOf": [{"type": "integer"}, {"type": "null"}]}
        ),
    ),
    (f"{GET}, 200[].state: is any value now", lambda d: member(d, "Thing", "state").pop("enum")),
    (
        f"{GET}, 200[].counts.*: may now be string",
        lambda d: member(d, "Thing", "counts")["additionalProperties"].update(type="string"),
    ),
    (
        f"{GET}, 200: may now be object, was array",
        lambda d: get(d)["responses"]["200"].update(content(ref("Thing"))),
    ),
]
KEPT: dict[str, Change] = {
    "nothing changed": lambda d: None,
    "a new operation": lambda d: d["paths"].update(
        {"/new": {"get": {"operationId": "x", "tags": [], "responses": {}}}}
    ),
    "what was deprecated goes": lambda d: (
        d["paths"]["/things"].pop("delete"),
        get(d)["parameters"].pop(2),
        shape(d, "Wish")["properties"].pop("old"),
    ),
    "a new optional parameter": lambda d: get(d)["parameters"].append(
        {"in": "query", "name": "new", "schema": {}}
    ),
    "a new optional member of a body": lambda d: shape(d, "Wish")["properties"].update(
        new={"type": "string"}
    ),
    "a new member of an answer": lambda d: shape(d, "Thing")["properties"].update(new={"type": "string"}),
    "more is taken": lambda d: (
        member(d, "Wish", "count").update(maximum=200, minimum=0),
        member(d, "Wish", "kind")["enum"].append("lend"),
        member(d, "Wish", "count").update(type="number"),
    ),
    "a member of an answer is always there": lambda d: shape(d, "Thing")["required"].append("price"),
    "a new word in an answer": lambda d: member(d, "Thing", "state")["enum"].append("paused"),
    "a new kind of a thing that has several": words,
    "a new status and a new code": lambda d: get(d)["responses"].update(
        {"409": {"description": "`busy`: later"}}
    ),
    "nobody has to say who they are": lambda d: post(d)["security"].insert(0, {}),
    "other words": lambda d: get(d).update(summary="Other words", description="for people"),
}


@pytest.mark.parametrize(("line", "change"), BROKEN, ids=[line for line, _ in BROKEN])
def test_breaks__a_promise_is_broken__says_where_and_what(line: str, change: Change) -> None:
    new = deepcopy(SMALL)
    change(new)
    found = breaks(SMALL, new)
    assert found, "not seen"
    assert any(one.startswith(line) for one in found), found
    # The baseline has no prose, and still all that is compared.
    assert breaks(promises(SMALL), new) == found


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT)
def test_breaks__additions_and_what_was_deprecated__pass(change: Change) -> None:
    new = deepcopy(SMALL)
    change(new)
    assert breaks(SMALL, new) == []
    assert breaks(promises(SMALL), new) == []


def test_api__keeps_what_its_last_release_promised() -> None:
    last = json.loads(newest().read_text())
    found = breaks(last, create_app(schema_settings()).openapi())
    assert found == [], "\n".join([*found, WHAT_TO_DO.format(version=last["info"]["version"])])


def test_write__promises_are_broken__needs_to_be_accepted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = deepcopy(SMALL)
    monkeypatch.setattr(command, "BASELINES", tmp_path / "api")
    monkeypatch.setattr(command, "description", lambda: described)

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["api_compat", *arguments])
        return command.main()

    assert run("--write") == 0
    first = newest_in(tmp_path)
    described["info"]["version"] = "1.10.0"
    described["paths"].pop("/things")
    assert (run(), run("--write"), newest_in(tmp_path)) == (1, 1, first)
    assert "GET /things: is gone\nPOST /things: is gone\nClients of 1.0.0 would" in capsys.readouterr().out
    assert run("--write", "--accept") == 0
    described["info"]["version"] = "1.9.0"
    assert (run(), command.newest().name) == (0, "openapi-1.10.0.json"), "1.10 is after 1.9"


def newest_in(folder: Path) -> str:
    (file,) = (folder / "api").iterdir()
    return file.read_text()
