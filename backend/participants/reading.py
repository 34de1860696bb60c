"""A list of any format, in pieces → batches of participants. What it is, is told by its content."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import IO

from backend.participants.batch import Batch, Position
from backend.participants.csv_file import empty, has_header, read_csv, read_lines, skip_blank
from backend.participants.json_file import Items, read_json
from backend.participants.lines import BYTE_ORDER_MARK, Lines
from listener.chain.draw.list_file import ListFileError

_HEAD = 64 * 1024
_ZIP = b"PK\x03\x04"
_UTF_16 = ("not_utf8", "UTF-16 text, not UTF-8. Save it as CSV in UTF-8 (in Excel: 'CSV UTF-8').")
_REFUSED = {
    b"\xff\xfe\x00\x00": ("not_utf8", "UTF-32 text, not UTF-8. Save it as CSV in UTF-8."),
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
    b"%PDF": ("not_text", "a PDF. Save the list as CSV or XLSX."),
    b"\xd0\xcf\x11\xe0": (
        "not_text",
        "an old Excel workbook (.xls). Save it as .xlsx, or as CSV in UTF-8.",
    ),
    b"\x1f\x8b": ("not_text", "compressed (gzip). Unpack it first."),
}
"""By how a file begins: the code, and what the file is."""


def read(
    chunks: Iterator[bytes],
    asked: Mapping[str, str],
    position: Position | None = None,
    *,
    pasted: bool = False,
) -> Iterator[Batch]:
    """Batches of a list. `asked` names columns by field; `pasted` text may have no header: one account in each line.

    To go on after a batch, give its position, and `chunks` from `starts_at(position)` on. Raises ListFileError.
    """
    if position is None:
        chunks, kind = _recognised(chunks)
    else:
        kind = position["format"]
    if kind == "json":
        yield from read_json(Items(chunks, position), asked, position)
    elif kind == "xlsx":
        # What reads workbooks takes a twentieth of the API's start, and few send one.
        from backend.participants.xlsx_file import read_xlsx

        with tempfile.TemporaryFile() as file:
            size = _spooled(chunks, file)
            yield from read_xlsx(file, size, asked, position)
    else:
        lines = Lines(chunks) if position is None else Lines(chunks, position["offset"], position["line"])
        if position is None:
            skip_blank(lines)
            kind = "lines" if pasted and not has_header(lines, asked) else "csv"
        yield from read_lines(lines, position) if kind == "lines" else read_csv(lines, asked, position)


def starts_at(position: Position | None) -> int:
    """The byte from which a file is read to go on. A workbook's rows can only be found from its beginning."""
    return 0 if position is None else int(position.get("offset", 0))


def _recognised(chunks: Iterator[bytes]) -> tuple[Iterator[bytes], str]:
    """The same bytes, and what they are: json, xlsx or text."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    if not head.removeprefix(BYTE_ORDER_MARK):
        raise empty()
    for magic, (code, what) in _REFUSED.items():
        if head.startswith(magic):
            raise ListFileError(code, f"The file is {what}")
    whole = chain([head], chunks)
    if head.startswith(_ZIP):
        return whole, "xlsx"
    first = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:1]
    return whole, "json" if first in (b"[", b"{") else "text"


def _spooled(chunks: Iterator[bytes], file: IO[bytes]) -> int:
    for chunk in chunks:
        file.write(chunk)
    size = file.tell()
    file.seek(0)
    return size
