"""Cells of a list as numbers and times; None where a cell says nothing that can be told for sure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_GROUPED = re.compile(r"[0-9]{1,3}(?:[, '\u00a0\u202f][0-9]{3})+")
_DIGITS = re.compile(r"[0-9]{1,19}")
_NOT_DIGITS = re.compile(r"[^0-9]")
_TWITTER = "%a %b %d %H:%M:%S %z %Y"
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_SECONDS, _MILLISECONDS = 10, 13  # digits of Unix times of our days


def read_count(cell: str, most: int) -> int | None:
    """A whole number from 0 to `most`, with or without separators of thousands."""
    text = cell.strip()
    if _DIGITS.fullmatch(text) is None:
        if _GROUPED.fullmatch(text) is None:
            return None
        text = _NOT_DIGITS.sub("", text)
    count = int(text)
    return count if count <= most else None


def read_time(cell: str) -> datetime | None:
    """ISO 8601, RFC 2822, Unix seconds or milliseconds, or as X writes it; without a zone it is UTC."""
    text = cell.strip()
    if text.isascii() and text.isdigit():
        return _unix_time(text)
    for read in (datetime.fromisoformat, _slashed, parsedate_to_datetime, _twitter):
        try:
            found = read(text)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if _EARLIEST <= found < _LATEST else None
    return None


def _unix_time(digits: str) -> datetime | None:
    if len(digits) not in (_SECONDS, _MILLISECONDS):
        return None
    return datetime.fromtimestamp(int(digits) / 10 ** (len(digits) - _SECONDS), UTC)


def _slashed(text: str) -> datetime:
    """Year first: 10/11/2026 is another day here than there."""
    if not re.match(r"[0-9]{4}/[0-9]{2}/[0-9]{2}", text):
        raise ValueError(text)
    return datetime.fromisoformat(text.replace("/", "-", 2))


def _twitter(text: str) -> datetime:
    return datetime.strptime(text, _TWITTER)
