"""Compares the operations of two OpenAPI descriptions (3.1, as FastAPI writes them)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.api_compat.shapes import Document, Shapes

Operation = Mapping[str, Any]
_CODE = re.compile(r"`([a-z0-9_]+)`")


def breaks(old: Document, new: Document) -> list[str]:
    """What clients of the old description would stumble over, one line each: `GET /x, where: what`."""
    found: list[str] = []
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is not None:
                found.extend(f"{where}, {line}" for line in _operation(old, new, operation, now))
            elif not operation.get("deprecated"):
                found.append(f"{where}: is gone")
    return found


def codes(answer: Mapping[str, Any]) -> list[str]:
    """The stable codes of a refusal, which its description names (backend/errors.py)."""
    return sorted(set(_CODE.findall(answer.get("description", ""))))


def _operation(old: Document, new: Document, before: Operation, now: Operation) -> Iterator[str]:
    if before["operationId"] != now["operationId"]:
        yield f"operationId: is {now['operationId']}, was {before['operationId']}: clients call it by that name"
    if before["tags"][:1] != now["tags"][:1]:
        yield f"tags: the first is {now['tags'][:1]}, was {before['tags'][:1]}: clients find it under that name"
    yield from _security(before, now)
    yield from _parameters(old, new, before, now)
    yield from _body(old, new, before, now)
    yield from _answers(old, new, before, now)


def _security(before: Operation, now: Operation) -> Iterator[str]:
    """Each way in that there was is one still; nothing asked for is a way too."""
    ways = [set(way) for way in now.get("security") or [{}]]
    for way in before.get("security") or [{}]:
        if not any(one <= set(way) for one in ways):
            yield f"security: {' and '.join(way) or 'nobody in particular'} may not ask any more"


def _parameters(old: Document, new: Document, before: Operation, now: Operation) -> Iterator[str]:
    def named(operation: Operation) -> dict[str, Mapping[str, Any]]:
        return {f"{one['in']} {one['name']}": one for one in operation.get("parameters", ())}

    were, are = named(before), named(now)
    for name, parameter in were.items():
        if name not in are:
            if not parameter.get("deprecated"):
                yield f"{name}: is gone"
            continue
        if are[name].get("required") and not parameter.get("required"):
            yield f"{name}: is required now"
        yield from Shapes(old, new, sent=True).breaks(parameter["schema"], are[name]["schema"], name)
    for name, parameter in are.items():
        if name not in were and parameter.get("required"):
            yield f"{name}: is new and required"


def _body(old: Document, new: Document, before: Operation, now: Operation) -> Iterator[str]:
    was, body = before.get("requestBody"), now.get("requestBody")
    if body and body.get("required") and not (was or {}).get("required"):
        yield "body: is required now"
    if was and not body:
        yield "body: is gone"
    if was and body:
        yield from _contents(Shapes(old, new, sent=True), was, body, "body")


def _answers(old: Document, new: Document, before: Operation, now: Operation) -> Iterator[str]:
    for status, was in before["responses"].items():
        answer = now["responses"].get(status)
        if answer is None:
            yield f"{status}: is gone"
        elif status >= "400":
            gone = [code for code in codes(was) if code not in codes(answer)]
            yield from (f"{status}: code `{code}` is gone" for code in gone)
        else:
            yield from _contents(Shapes(old, new, sent=False), was, answer, status)
            for name in was.get("headers", {}).keys() - answer.get("headers", {}).keys():
                yield f"{status}: header {name} is gone"


def _contents(shapes: Shapes, was: Operation, now: Operation, where: str) -> Iterator[str]:
    contents = now.get("content", {})
    for media, content in was.get("content", {}).items():
        if media not in contents:
            yield f"{where}: is no {media} any more"
        else:
            yield from shapes.breaks(content.get("schema", {}), contents[media].get("schema", {}), where)
