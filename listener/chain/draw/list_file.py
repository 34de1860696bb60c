"""Bytes of a list file → rows with an account each: CSV and JSON, UTF-8 with or without byte order mark.

Cells are text: nothing is evaluated, whatever a spreadsheet would do with it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

ACCOUNT_COLUMNS = (
    "username",
    "user name",
    "account",
    "account name",
    "handle",
    "user",
    "screen name",
    "profile",
    "nickname",
    "login",
    "name",
    "wallet",
    "address",
    "email",
)
"""Names of the account's column, most telling first; compared in lower case with _ and - as spaces."""

MAX_DEPTH = 64
"""Deepest nesting of a JSON list; without a bound the parser can exhaust the stack and end the process."""

_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_NO_BRACKET = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[^][{}"]++', re.DOTALL)
DELIMITERS = (",", ";", "\t")
_BOM = b"\xef\xbb\xbf"
_NOT_UTF8 = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"%PDF": "a PDF",
}


class ListFileError(ValueError):
    """A file that cannot be read as a list; the message says what was found and what to do.

    `code` is stable: `empty`, `not_utf8`, `not_text`, `not_a_list`, `no_account_column`, `no_weight_column`,
    `weights_too_large`, `broken_csv` or `broken_json`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Reason(StrEnum):
    """Why a row is no entry."""

    BLANK_ACCOUNT = "blank_account"
    WRONG_FIELD_COUNT = "wrong_field_count"
    NOT_TEXT = "not_text"
    BAD_WEIGHT = "bad_weight"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, in a word and in a sentence."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, its account and weight (None where it has none) and its text in the file."""

    number: int
    account: str | None
    raw: str
    fault: Fault | None = None
    weight: str | None = None


def read_rows(data: bytes, column: str | None, weight_column: str | None) -> tuple[str, Iterator[Row]]:
    """The account column's name and the rows. Raises ListFileError at once or while rows are read."""
    text = _decoded(data)
    if text.lstrip()[:1] in ("[", "{"):
        return _json_rows(text, column, weight_column)
    return _csv_rows(text, column, weight_column)


def is_text(value: str) -> bool:
    """Whether it has no NUL and no lone surrogate: JSON can escape both, a database takes neither."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _decoded(data: bytes) -> str:
    for magic, what in _NOT_UTF8.items():
        if data.startswith(magic):
            raise ListFileError("not_utf8", f"The file is {what}, not UTF-8 text. Save it as CSV in UTF-8.")
    offset = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[offset:].decode()
    except UnicodeDecodeError as error:
        at = error.start + offset
        line = data.count(b"\n", 0, at) + 1
        raise ListFileError(
            "not_utf8",
            f"The file is not UTF-8: byte 0x{data[at]:02x} at offset {at}, line {line}. "
            "Save it as CSV in UTF-8.",
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ListFileError(
            "not_text", f"The file has a zero byte in line {line}: it is no text. Use CSV or JSON."
        )
    if not text.strip():
        raise ListFileError("empty", "The file is empty. Use a CSV with a header row, or a JSON list.")
    return text


def account_column(names: Sequence[str], column: str | None) -> int:
    """Index of the account's column. Raises ListFileError when there is none or more than one."""
    if column is not None:
        matches = matching([name.strip() for name in names], [column.strip()])
        if not matches:
            message = f"There is no column {column!r}. The columns are {listed(names)}: name one of them."
            raise ListFileError("no_account_column", message)
    else:
        matches = matching([simple_name(name) for name in names], ACCOUNT_COLUMNS)
        if not matches:
            message = (
                f"No column is known to hold the account; found {listed(names)}. "
                "Add a header row with a column 'username', or say which column it is."
            )
            raise ListFileError("no_account_column", message)
    if len(matches) > 1:
        message = (
            f"{len(matches)} columns are called {names[matches[0]]!r}. Keep one, or name another column."
        )
        raise ListFileError("no_account_column", message)
    return matches[0]


def weight_column_at(names: Sequence[str], column: str) -> int:
    """Index of the column that holds the weights; raises ListFileError."""
    matches = matching([name.strip() for name in names], [column.strip()])
    if len(matches) != 1:
        found = f"{len(matches)} columns are" if matches else "No column is"
        message = f"{found} called {column!r}, where the weights should be. The columns are {listed(names)}."
        raise ListFileError("no_weight_column", message)
    return matches[0]


def matching(names: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the first of `wanted` that occurs at all stands in `names`."""
    first = next((name for name in wanted if name in names), None)
    return [index for index, name in enumerate(names) if name == first]


def simple_name(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())


def listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")


class _Records:
    """A CSV text's records with their place and source. The header is record 1, as spreadsheets count."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._delimiter = delimiter
        self._taken: list[str] = []
        self._reader = csv.reader(self._lines(text), delimiter=delimiter)
        self.number = 0

    def __iter__(self) -> Iterator[tuple[list[str], str]]:
        while True:
            self.number += 1
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ListFileError(
                    "broken_csv",
                    f"Row {self.number} cannot be read ({error}). Look for a quote that is never closed.",
                ) from None
            raw = "".join(self._taken)
            if len(self._taken) > 1:
                self._check_closed(raw)
            self._taken.clear()
            yield fields, raw.rstrip("\r\n")

    def _lines(self, text: str) -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            self._taken.append(line)
            yield line

    def _check_closed(self, raw: str) -> None:
        """A quote that is never closed would swallow the rest of the file as one field."""
        try:
            list(csv.reader(io.StringIO(raw, newline=""), delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            if "end of data" in str(error):
                message = f"A quote opened in row {self.number} is never closed. Close it, or remove it."
                raise ListFileError("broken_csv", message) from None


def _csv_rows(text: str, column: str | None, weight_column: str | None) -> tuple[str, Iterator[Row]]:
    records = _Records(text, _delimiter(text))
    lines = iter(records)
    header = next(fields for fields, _ in lines if fields)
    index = account_column(header, column)
    weight_at = None if weight_column is None else weight_column_at(header, weight_column)

    def rows() -> Iterator[Row]:
        for fields, raw in lines:
            account = fields[index] if index < len(fields) else None
            weight = fields[weight_at] if weight_at is not None and weight_at < len(fields) else None
            fault = None
            if not fields:
                account = ""
            elif len(fields) != len(header):
                detail = f"The row has {len(fields)} fields, the header {len(header)}."
                fault = Fault(Reason.WRONG_FIELD_COUNT, detail)
            yield Row(records.number, account, raw, fault, weight)

    return header[index].strip(), rows()


def _delimiter(text: str) -> str:
    """What splits the first record into most fields; a comma when nothing does."""

    def fields(delimiter: str) -> int:
        return next((len(fields) for fields, _ in _Records(text, delimiter) if fields), 0)

    return max(DELIMITERS, key=fields)


def _json_rows(text: str, column: str | None, weight_column: str | None) -> tuple[str, Iterator[Row]]:
    items = _json_list(text)
    names = list(dict.fromkeys(name for item in items if isinstance(item, dict) for name in item))
    name = names[account_column(names, column)] if names else ""
    weight_at = None if weight_column is None else weight_column_at(names, weight_column)
    weight_name = None if weight_at is None else names[weight_at]

    def rows() -> Iterator[Row]:
        for number, item in enumerate(items, start=1):
            value = item.get(name, "") if isinstance(item, dict) else item
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            weight = item.get(weight_name) if weight_name is not None and isinstance(item, dict) else None
            if isinstance(value, str):
                yield Row(number, value, json_text(item), weight=json_number(weight))
            else:
                detail = f"The account is {json_kind(value)} instead of a text."
                yield Row(number, None, json_text(item), Fault(Reason.NOT_TEXT, detail))

    return name.strip(), rows()


def json_number(value: object) -> str | None:
    """A whole number or text as a CSV's cell would have it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _json_list(text: str) -> list[Any]:
    depth = max(accumulate(_STEP[bracket] for bracket in _NO_BRACKET.sub("", text)))
    if depth > MAX_DEPTH:
        message = (
            f"The JSON nests {depth} levels deep; a list of participants needs a few. Save only that list."
        )
        raise ListFileError("broken_json", message)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        message = (
            f"The JSON breaks at line {error.lineno}, column {error.colno}: {error.msg}. Export it again."
        )
        raise ListFileError("broken_json", message) from None
    except ValueError:
        raise ListFileError("broken_json", "The JSON holds a number with thousands of digits.") from None
    if not isinstance(found, list):
        keys = f" with the keys {listed(list(found))}" if isinstance(found, dict) and found else ""
        message = f"The JSON is {json_kind(found)}{keys}, not a list. Save only the list of participants."
        raise ListFileError("not_a_list", message)
    if not found:
        raise ListFileError("empty", "The JSON list is empty. Put in one name or object per participant.")
    return found


def json_kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def json_text(item: object) -> str:
    text = json.dumps(item, ensure_ascii=False)
    return text if is_text(text) else json.dumps(item)
