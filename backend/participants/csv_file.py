"""Rows of CSV and TSV, and of a paste: one account in a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from backend.participants import columns
from backend.participants.batch import MOST_BYTES, MOST_ROWS, Batch, Fault, Position, Taker
from backend.participants.columns import Field
from backend.participants.lines import LONGEST_LINE, Lines, too_long
from listener.chain.draw.list_file import DELIMITERS, ListFileError, Reason


def read_csv(lines: Lines, asked: Mapping[str, str], position: Position | None) -> Iterator[Batch]:
    """Batches of a file with a header row, from the beginning or from where a batch ended.

    Raises ListFileError at once or while rows are read.
    """
    if position is None:
        position = _header(lines, asked)
    found: dict[Field, int] = position["columns"]
    width, account_at = position["width"], found["account"]
    others = [(field, at) for field, at in found.items() if field != "account"]
    taker = Taker("weight" in found, position["unread"])
    records = Records(lines, position["delimiter"], position["row"])
    began = lines.offset
    for fields in records:
        fault = None
        if len(fields) == width:
            account: str | None = fields[account_at]
            cells: dict[Field, str | None] = {field: fields[at] for field, at in others}
        else:
            account, cells = (fields[account_at] if account_at < len(fields) else None), {}
            if not fields:
                account = ""
            fault = Fault(Reason.WRONG_FIELD_COUNT, f"The row has {len(fields)} fields, the header {width}.")
        taker.take(records.number, account, cells, records.raw, fault)
        if taker.batch.rows >= MOST_ROWS or lines.offset - began >= MOST_BYTES:
            yield from taker.handed_out(_after(position, lines, records.number, taker), lines.offset)
            began = lines.offset
    yield from taker.handed_out(_after(position, lines, records.number, taker), lines.offset)


def read_lines(lines: Lines, position: Position | None) -> Iterator[Batch]:
    """Batches of a list with one account in each line; blank lines are nothing."""
    position = position or {"format": "lines", "columns": {}, "unread": {}}
    taker = Taker(weighted=False, unread={})
    for line in lines:
        text = line.rstrip("\r\n")
        if text.strip():
            taker.take(lines.number, text, {}, lambda text=text: text)  # type: ignore[misc]
        if taker.batch.rows >= MOST_ROWS:
            yield from taker.handed_out(_after(position, lines, lines.number, taker), lines.offset)
    yield from taker.handed_out(_after(position, lines, lines.number, taker), lines.offset)


def has_header(lines: Lines, asked: Mapping[str, str]) -> bool:
    """Whether the first line names columns, one of them the account's; else it is an account itself."""
    if asked.get("account"):
        return True
    try:
        columns.find(_first(lines, _delimiter(lines)), {})
    except ListFileError:
        return False
    return True


def _after(position: Position, lines: Lines, row: int, taker: Taker) -> Position:
    moved = {"offset": lines.offset, "line": lines.number, "row": row, "unread": dict(taker.unread)}
    return {**position, **moved}


def _header(lines: Lines, asked: Mapping[str, str]) -> Position:
    """Read the header; blank lines before it count as rows, as in a spreadsheet."""
    delimiter = _delimiter(lines)
    records = Records(lines, delimiter, lines.number)
    header = next(iter(records))
    found = columns.find(header, asked)
    return {
        "format": "csv",
        "delimiter": delimiter,
        "width": len(header),
        "columns": found,
        "names": {field: header[at].strip() for field, at in found.items()},
        "row": records.number,
        "unread": {},
    }


def skip_blank(lines: Lines) -> None:
    """Hand out the blank lines at the beginning. Raises ListFileError when there is nothing else."""
    handed_out = iter(lines)
    for line in lines.peek():
        if line.strip():
            return
        next(handed_out)
    raise empty()


def empty() -> ListFileError:
    """A file without anything."""
    return ListFileError("empty", "The file is empty. Use a list with a header row, or a JSON list.")


def _delimiter(lines: Lines) -> str:
    """What splits the first record into most fields; a comma when nothing does."""
    return max(DELIMITERS, key=lambda delimiter: len(_first(lines, delimiter)))


def _first(lines: Lines, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines.peek(), delimiter=delimiter), [])
    except csv.Error:
        return []


class Records:
    """Records of a CSV with their numbers, counted from `number` + 1. `raw` is the text of the last one."""

    def __init__(self, lines: Lines, delimiter: str, number: int) -> None:
        self.number = number
        self._delimiter = delimiter
        self._taken: list[str] = []
        self._reader = csv.reader(self._noted(lines), delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for fields in self._reader:
                self.number += 1
                if len(self._taken) > 1:
                    self._check_closed()
                yield fields
                self._taken.clear()
        except csv.Error as error:
            message = (
                f"Row {self.number + 1} cannot be read ({error}). Look for a quote that is never closed."
            )
            raise ListFileError("broken_csv", message) from None

    def raw(self) -> str:
        """As it stands in the file, without its line end."""
        return "".join(self._taken).rstrip("\r\n")

    def _noted(self, lines: Lines) -> Iterator[str]:
        """What a record is made of; one over many lines ends somewhere."""
        size = 0
        for line in lines:
            if self._taken:
                size += len(line)
                if size > LONGEST_LINE:
                    raise too_long(lines.number)
            else:
                size = len(line)
            self._taken.append(line)
            yield line

    def _check_closed(self) -> None:
        """A quote that is never closed would swallow the rest of the file as one field."""
        text = io.StringIO("".join(self._taken), newline="")
        try:
            list(csv.reader(text, delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            if "end of data" in str(error):
                message = f"A quote opened in row {self.number} is never closed. Close it, or remove it."
                raise ListFileError("broken_csv", message) from None
