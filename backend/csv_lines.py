"""Lines of CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

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
