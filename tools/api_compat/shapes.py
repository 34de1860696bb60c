"""Compares two JSON Schemas (2020-12, as pydantic writes them) in what a client sends or is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import gt, lt, ne
from typing import Any

Schema = Mapping[str, Any]
Document = Mapping[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "multipleOf", "uniqueItems")
_REF = "#/components/schemas/"


@dataclass
class Shapes:
    """Walks an old and a new schema side by side; each thing that breaks is a line.

    `sent`: whether clients send it. Then everything that was right must still be; otherwise everything that is
    answered now must be what clients were told to expect.
    """

    old: Document
    new: Document
    sent: bool
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def breaks(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """What `new` breaks of `old`; `where` begins each line."""
        names = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if all(names):
            # A shape may hold itself; one that many hold is told once for each operation.
            if names in self._seen:
                return
            self._seen.add(names)
        olds, news = _kinds(self.old, old), _kinds(self.new, new)
        if self.sent and "default" in old and "default" in new and old["default"] != new["default"]:
            yield f"{where}: is {new['default']!r} when left out, was {old['default']!r}"
        several = sum(_type(one) == "object" for one in olds) > 1
        for one in olds if self.sent else news:
            others = [other for other in (news if self.sent else olds) if _fits(one, other)]
            if others:
                yield from self._best(one, others, where)
            elif self.sent:
                yield f"{where}: no longer takes {_words(one)}"
            elif not (several and _type(one) == "object"):
                yield f"{where}: may now be {_words(one)}, was {' or '.join(map(_words, olds))}"

    def _best(self, one: Schema, others: Sequence[Schema], where: str) -> Iterator[str]:
        """The kind of several that it comes nearest to."""
        seen, found = set(self._seen), []
        for other in others:
            self._seen = set(seen)
            old, new = (one, other) if self.sent else (other, one)
            found.append((list(self._plain(old, new, where)), self._seen))
        lines, self._seen = min(found, key=lambda told: len(told[0]))
        yield from lines

    def _plain(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        yield from self._values(old, new, where)
        told, tells = (new, old) if self.sent else (old, new)
        if "format" in told and told["format"] != tells.get("format"):
            yield f"{where}: its format is {new.get('format')}, was {old.get('format')}"
        if self.sent:
            yield from _limits(old, new, where)
        if "items" in old and "items" in new:
            yield from self.breaks(old["items"], new["items"], f"{where}[]")
        yield from self._members(old, new, where)

    def _values(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        before, now = _enumerated(old), _enumerated(new)
        if self.sent and now is not None:
            if before is None:
                yield f"{where}: takes only {_list(now)} now"
            elif gone := [value for value in before if value not in now]:
                yield f"{where}: no longer takes {_list(gone)}"
        elif (
            not self.sent
            and before is not None
            and (now is None or not set(map(str, before)) & set(map(str, now)))
        ):
            yield f"{where}: is {_list(now) if now else 'any value'} now, was {_list(before)}"

    def _members(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        required, demanded = set(old.get("required", ())), set(new.get("required", ()))
        for name, member in before.items():
            place = f"{where}.{name}"
            if name not in now:
                if not _target(self.old, member).get("deprecated"):
                    yield f"{place}: is gone"
                continue
            yield from self.breaks(member, now[name], place)
            if self.sent and name in demanded - required:
                yield f"{place}: is required now"
            if not self.sent and name in required - demanded:
                yield f"{place}: may be left out now"
        if self.sent:
            yield from (f"{where}.{name}: is new and required" for name in sorted(demanded - before.keys()))
        rest, others = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if self.sent and others is False and rest is not False:
            yield f"{where}: refuses members it does not know now"
        if isinstance(rest, Mapping) and isinstance(others, Mapping):
            yield from self.breaks(rest, others, f"{where}.*")


def _target(document: Document, schema: Schema) -> Schema:
    """Follow references; what stands beside one holds too. An `allOf` of one part is that part."""
    while True:
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix(_REF)
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**document["components"]["schemas"][name], **beside}
        elif len(schema.get("allOf", ())) == 1:
            schema = {**schema["allOf"][0], **{key: value for key, value in schema.items() if key != "allOf"}}
        else:
            return schema


def _kinds(document: Document, schema: Schema) -> list[Schema]:
    """The alternatives of a schema, each of one type."""
    schema = _target(document, schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [kind for one in schema[word] for kind in _kinds(document, one)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": one} for one in schema["type"]]
    return [schema]


def _type(schema: Schema) -> str:
    if "type" in schema:
        return str(schema["type"])
    return "object" if "properties" in schema else "anything"


def _fits(one: Schema, other: Schema) -> bool:
    """Whether what is of the first type is of the second one too, and both say so by the same word (`kind`)."""
    wide = {"integer": {"integer", "number"}}.get(_type(one), {_type(one)})
    if _type(other) != "anything" and _type(other) not in wide:
        return False
    labels, theirs = _labels(one), _labels(other)
    return all(theirs[name] == labels[name] for name in labels.keys() & theirs.keys())


def _labels(schema: Schema) -> dict[str, Any]:
    return {name: one["const"] for name, one in schema.get("properties", {}).items() if "const" in one}


def _enumerated(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _limits(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for words, is_narrower in ((LOWER, gt), (UPPER, lt), (EXACT, ne)):
        for word in words:
            if word in new and (word not in old or is_narrower(new[word], old[word])):
                yield f"{where}: {word} is {new[word]}, was {old.get(word, 'none')}"


def _list(values: Sequence[Any]) -> str:
    return ", ".join(map(repr, values))


def _words(schema: Schema) -> str:
    labels = "".join(f" of {name} {value!r}" for name, value in _labels(schema).items())
    return f"{_type(schema)}{labels}"
