"""Rows of JSON: one list of objects or texts, or one object in each line; no more than an item is kept."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Literal

from backend.participants import columns
from backend.participants.batch import MOST_BYTES, MOST_ROWS, Batch, Fault, Position, Taker
from backend.participants.columns import Field
from backend.participants.lines import BYTE_ORDER_MARK, not_utf8
from listener.chain.draw.list_file import (
    MAX_DEPTH,
    ListFileError,
    Reason,
    json_kind,
    json_number,
    json_text,
    listed,
)

LONGEST_ITEM = 2**20
"""Characters. One that is longer is no participant."""

HEAD_ITEMS = 1_000
HEAD_CHARACTERS = 2**20
"""Whose keys tell the columns: as many items at the beginning, or as much text."""

Shape = Literal["array", "lines"]
_SPACE = " \t\n\r"


class Items:
    """The items of a JSON text that arrives in pieces.

    `number` is how many were handed out, `place` where the next one begins. Raises ListFileError.
    """

    def __init__(self, chunks: Iterator[bytes], position: Position | None = None) -> None:
        place = position or {
            "offset": 0,
            "row": 0,
            "line": 1,
            "column": 1,
            "shape": None,
            "closed": False,
        }
        self.offset: int = place["offset"]
        self.number: int = place["row"]
        self.shape: Shape | None = place["shape"]
        self.closed: bool = place["closed"]
        self.line: int = place["line"]
        self.column: int = place["column"]
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._decoded = self.offset  # bytes that were given to the decoder
        self._ended = False

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        """Each item, and how many characters it has."""
        if self.shape is None:
            yield from self._beginning()
        while not self.closed and self._more():
            yield self._item()

    def place(self) -> dict[str, Any]:
        """Where to go on."""
        self._pass()
        return {
            "offset": self.offset,
            "row": self.number,
            "line": self.line,
            "column": self.column,
            "shape": self.shape,
            "closed": self.closed,
        }

    def _beginning(self) -> Iterator[tuple[Any, int]]:
        if self._next() == "[":
            self._at += 1
            self.shape = "array"
            if self._next() == "]":
                raise ListFileError(
                    "empty", "The JSON list is empty. Put in one name or object per participant."
                )
            yield self._item()
        else:
            self.shape = "lines"
            first = self._item()
            # Other objects after it make it a list of lines; alone it is an object.
            if self._next() == "":
                raise _no_list(first[0])
            yield first

    def _more(self) -> bool:
        """Go to the next item, over what separates items; False at the end."""
        after = self._next()
        if self.shape == "lines":
            return after != ""
        if after == ",":
            self._at += 1
            self._next()
            return True
        if after == "":
            raise ListFileError(
                "cut_off", "The JSON ends before its list is closed: it was cut off. Export it again."
            )
        if after != "]":
            raise self._broken("Expecting ',' delimiter", self._at)
        self._at += 1
        if self._next() != "":
            raise self._broken("Extra data", self._at)
        self.closed = True
        return False

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def _item(self) -> tuple[Any, int]:
        while True:
            try:
                item, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > LONGEST_ITEM:
                    raise self._long() from None
                if not self._ended:
                    self._read()
                    continue
                if error.pos >= len(self._text) or error.msg.startswith("Unterminated string"):
                    raise ListFileError(
                        "cut_off", "The JSON ends in the middle of an item: it was cut off. Export it again."
                    ) from None
                raise self._broken(error.msg, error.pos) from None
            except RecursionError:
                raise _too_deep() from None
            except ValueError:
                raise ListFileError(
                    "broken_json", "The JSON holds a number with thousands of digits."
                ) from None
            # A number at the end of what has arrived may have more digits.
            if end - self._at > LONGEST_ITEM:
                raise self._long()
            if end == len(self._text) and not self._ended:
                self._read()
                continue
            if _depth(item) >= MAX_DEPTH:
                raise _too_deep()
            size = end - self._at
            self._at = end
            self.number += 1
            return item, size

    def _long(self) -> ListFileError:
        if self.shape == "lines" and self.number == 0:
            return _no_list({})
        return ListFileError(
            "line_too_long",
            f"Item {self.number + 1} of the JSON has more than {LONGEST_ITEM // 2**20} MiB of text: it is no "
            "participant. Save only the list of participants.",
        )

    def _pass(self) -> None:
        """Let go of the text before the place."""
        passed = self._text[: self._at]
        self._text, self._at = self._text[self._at :], 0
        self.offset += len(passed.encode())
        lines = passed.count("\n")
        self.line += lines
        self.column = len(passed) - passed.rindex("\n") if lines else self.column + len(passed)

    def _read(self) -> bool:
        """Take the next piece in; False where there is none."""
        if self._ended:
            return False
        self._pass()
        chunk = next(self._chunks, None)
        while chunk == b"":
            chunk = next(self._chunks, None)
        self._ended = chunk is None
        if self._decoded == 0 and chunk is not None:
            while len(chunk) < len(BYTE_ORDER_MARK) and (more := next(self._chunks, None)) is not None:
                chunk += more
            if chunk.startswith(BYTE_ORDER_MARK):
                chunk = chunk.removeprefix(BYTE_ORDER_MARK)
                self._decoded = self.offset = len(BYTE_ORDER_MARK)
        try:
            text = self._decoder.decode(chunk or b"", final=self._ended)
        except UnicodeDecodeError as error:
            line = self.line + self._text.count("\n") + error.object[: error.start].count(b"\n")
            raise not_utf8(error.object, error, self._decoded + error.start, line) from None
        if "\0" in text:
            raise ListFileError("not_text", "The JSON has a zero byte: it is no text. Export it again.")
        self._decoded += len(chunk or b"")
        self._text += text
        return not self._ended or bool(text)

    def _broken(self, message: str, at: int) -> ListFileError:
        before = self._text[:at]
        lines = before.count("\n")
        column = at - before.rindex("\n") if lines else self.column + at
        return ListFileError(
            "broken_json",
            f"The JSON breaks at line {self.line + lines}, column {column}: {message}. Export it again.",
        )


def read_json(items: Items, asked: Mapping[str, str], position: Position | None) -> Iterator[Batch]:
    """Batches of a list, from the beginning or from where a batch ended.

    Raises ListFileError at once or while items are read.
    """
    following = iter(items)
    head: list[tuple[Any, int]] = []
    first = items.number + 1
    if position is None:
        ahead = 0
        for one in following:
            head.append(one)
            ahead += one[1]
            if len(head) == HEAD_ITEMS or ahead >= HEAD_CHARACTERS:
                break
        position = _found([item for item, _ in head], asked)
    names: dict[Field, str] = position["names"]
    others = [(field, name) for field, name in names.items() if field != "account"]
    taker = Taker("weight" in names, position["unread"])
    characters = 0
    for number, (item, size) in enumerate(chain(head, following), start=first):
        fault = None
        cells: dict[Field, str | None] = {}
        value = item
        if isinstance(item, dict):
            value = item.get(names["account"], "") if names else None
            cells = {field: json_number(item.get(name)) for field, name in others}
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            fault = Fault(Reason.NOT_TEXT, f"The account is {json_kind(value)} instead of a text.")
            value = None
        taker.take(number, value, cells, lambda item=item: json_text(item), fault)  # type: ignore[misc]
        characters += size
        # The head was read ahead: no batch ends within it.
        if number == items.number and (taker.batch.rows >= MOST_ROWS or characters >= MOST_BYTES):
            yield from taker.handed_out(_after(position, items, taker), items.offset)
            characters = 0
    yield from taker.handed_out(_after(position, items, taker), items.offset)


def _after(position: Position, items: Items, taker: Taker) -> Position:
    return {**position, **items.place(), "unread": dict(taker.unread)}


def _found(head: list[Any], asked: Mapping[str, str]) -> Position:
    keys = list(dict.fromkeys(key for item in head if isinstance(item, dict) for key in item))
    found = columns.find(keys, asked) if keys else {}
    if not keys and asked.get("weight"):
        raise ListFileError("no_weight_column", "The list holds no objects, so it has no weights.")
    return {"format": "json", "names": {field: keys[at] for field, at in found.items()}, "unread": {}}


def _depth(item: object) -> int:
    """How many lists and objects an item nests."""
    depth, level = 0, [item]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _too_deep() -> ListFileError:
    return ListFileError(
        "broken_json",
        f"The JSON nests more than {MAX_DEPTH} levels deep; a list of participants needs a few. Save only that list.",
    )


def _no_list(item: object) -> ListFileError:
    keys = f" with the keys {listed(list(item))}" if isinstance(item, dict) and item else ""
    return ListFileError(
        "not_a_list", f"The JSON is {json_kind(item)}{keys}, not a list. Save only the list of participants."
    )
