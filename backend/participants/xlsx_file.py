"""Rows of the first sheet of an Excel workbook, within limits of what it may unpack to."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from backend.participants import columns
from backend.participants.batch import MOST_BYTES, MOST_ROWS, Batch, Fault, Position, Taker
from backend.participants.columns import MOST_COLUMNS, Field
from listener.chain.draw.list_file import ListFileError, Reason

LAST_ROW = 1_048_576
"""Excel's own."""

MOST_UNPACKED = 1024 * 2**20
MOST_TEXTS = 128 * 2**20
"""Bytes of the workbook's shared texts: they are kept in memory, and take about twice as much there."""

MOST_PACKED_TIMES = 300
"""How much smaller than its content a part of an honest workbook can be; deflate itself reaches 1,000."""

_TEXTS = "xl/sharedStrings.xml"
_SMALL = 2**20
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, OSError),
)
"""What openpyxl raises for workbooks that are none; it names no errors of its own for most of them."""


def read_xlsx(
    file: IO[bytes], size: int, asked: Mapping[str, str], position: Position | None
) -> Iterator[Batch]:
    """Batches of the first sheet, which has a header row; `file` has `size` bytes and can be read anywhere.

    Going on means reading over the rows before. Raises ListFileError.
    """
    check_archive(file)
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _BROKEN as error:
        raise _broken(error) from None
    try:
        yield from _batches(workbook.worksheets[0], file, size, asked, position)
    except ListFileError:
        raise
    except _BROKEN as error:
        raise _broken(error) from None
    finally:
        workbook.close()


def check_archive(file: IO[bytes]) -> None:
    """Refuse what would unpack to too much. Reading stops at the sizes that are declared, whatever there is."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except _BROKEN as error:
        raise _broken(error) from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise ListFileError(
            "broken_xlsx",
            "The file is a zip archive, but no Excel workbook. Upload the list itself, unpacked.",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ListFileError("broken_xlsx", "The workbook has a password. Save it without one.")
    unpacked = sum(part.file_size for part in parts)
    tight = [
        part.filename
        for part in parts
        if part.file_size > _SMALL and part.file_size > MOST_PACKED_TIMES * max(part.compress_size, 1)
    ]
    if unpacked > MOST_UNPACKED or tight:
        raise ListFileError(
            "zip_bomb",
            f"The workbook unpacks to {unpacked // 2**20} MiB, which is no list of participants. Save it as CSV.",
        )
    texts = sum(part.file_size for part in parts if part.filename == _TEXTS)
    if texts > MOST_TEXTS:
        raise ListFileError(
            "too_much_text",
            f"The workbook has {texts // 2**20} MiB of text; at most {MOST_TEXTS // 2**20} are read from a "
            "workbook. Save it as CSV, which may have more.",
        )


def _batches(
    sheet: Any, file: IO[bytes], size: int, asked: Mapping[str, str], position: Position | None
) -> Iterator[Batch]:
    header, number = _header(sheet) if position is None else ([], position["row"])
    if position is None:
        found = columns.find(header, asked)
        position = {
            "format": "xlsx",
            "width": len(header),
            "columns": found,
            "names": {field: header[at].strip() for field, at in found.items()},
            "unread": {},
        }
    found, width = position["columns"], position["width"]
    others = [(field, at) for field, at in found.items() if field != "account"]
    taker = Taker("weight" in found, position["unread"])
    characters, read = 0, 0

    def after() -> Position:
        return {**position, "row": number, "unread": dict(taker.unread)}

    # One column more than the header has, to see that there is one.
    for row in sheet.iter_rows(min_row=number + 1, max_row=LAST_ROW, max_col=width + 1, values_only=True):
        number += 1
        texts = [_text(value) for value in row]
        if not any(texts):
            continue
        texts += [""] * (width - len(texts))
        fault = None
        if any(texts[width:]):
            fault = Fault(
                Reason.WRONG_FIELD_COUNT, f"The row has more than {width} fields, the header {width}."
            )
        cells: dict[Field, str | None] = {field: texts[at] for field, at in others}
        taker.take(number, texts[found["account"]], cells, lambda texts=texts: ",".join(texts), fault)  # type: ignore[misc]
        characters += sum(map(len, texts))
        if taker.batch.rows >= MOST_ROWS or characters >= MOST_BYTES:
            read = min(max(read, file.tell()), size)
            yield from taker.handed_out(after(), read)
            characters = 0
    yield from taker.handed_out(after(), size)


def _header(sheet: Any) -> tuple[list[str], int]:
    """The first row that is not empty, without empty cells at its end, and its number."""
    rows = sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS + 1, values_only=True)
    for number, row in enumerate(rows, start=1):
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            return texts, number
    raise ListFileError(
        "empty", "The workbook's first sheet is empty. Put the list there, with a header row."
    )


def _text(value: object) -> str:
    """A cell as a CSV would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _broken(error: Exception) -> ListFileError:
    if isinstance(error, DefusedXmlException):
        return ListFileError(
            "broken_xlsx", "The workbook defines entities, as no spreadsheet does. Save it as CSV."
        )
    return ListFileError(
        "broken_xlsx",
        "The workbook cannot be read: it is damaged or was cut off. Open it, save it again, and upload that.",
    )
