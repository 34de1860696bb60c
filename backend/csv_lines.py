"""Lines of CSV that a spreadsheet opens without running anything, and CSV as a download."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

BYTE_ORDER_MARK = "\ufeff".encode()
"""Before the first line: spreadsheets then read UTF-8."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell


def csv_line(*cells: str | int) -> bytes:
    """One line. Texts are defused; integers are numbers to a spreadsheet too, negative ones as well."""
    line = io.StringIO()
    csv.writer(line).writerow([str(cell) if isinstance(cell, int) else defused(cell) for cell in cells])
    return line.getvalue().encode()


def csv_file(content: AsyncIterator[bytes], name: str) -> StreamingResponse:
    """The answer of a route: lines to be saved under this name."""
    return StreamingResponse(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
