"""Arguments of fields, read as REST reads its own."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from backend.backing.router import TopicFilter
from backend.errors import InvalidInput
from backend.hexes import checksum
from backend.pages import MOST_ITEMS, AddressFilter, Cursor

Choice = TypeVar("Choice", bound=str)
Word = TypeVar("Word", bound=StrEnum)
_NUMBER: TypeAdapter[int | None] = TypeAdapter(Cursor)
_TOPIC: TypeAdapter[bytes | None] = TypeAdapter(TopicFilter)
_ADDRESS: TypeAdapter[bytes | None] = TypeAdapter(AddressFilter)


def number(field: str, text: str | None) -> int | None:
    """Decimal digits of a uint256. Raises InvalidInput."""
    found: int | None = _read(_NUMBER, field, text)
    return found


def required_number(field: str, text: str) -> int:
    """The same, of an argument that has to be there."""
    return int(_read(_NUMBER, field, text))


def address(field: str, text: str | None) -> bytes | None:
    """An 0x-address. Raises InvalidInput."""
    found: bytes | None = _read(_ADDRESS, field, text)
    return found


def required_address(field: str, text: str) -> bytes:
    """The same, of an argument that has to be there."""
    return bytes(_read(_ADDRESS, field, text))


def named(field: str, text: str) -> str:
    """An address as the read models write it."""
    return checksum(required_address(field, text))


def word(field: str, text: str | None, words: type[Word]) -> Word | None:
    """One of some words. Raises InvalidInput."""
    try:
        return None if text is None else words(text)
    except ValueError:
        raise InvalidInput(field, f"must be one of {', '.join(words)}") from None


def one_of(field: str, text: str | None, words: tuple[Choice, ...]) -> Choice | None:
    """The same, of words that are no enum. Raises InvalidInput."""
    found = None if text is None else next((one for one in words if one == text), None)
    if text is not None and found is None:
        raise InvalidInput(field, f"must be one of {', '.join(words)}")
    return found


def size(limit: int) -> int:
    """Of a page. Raises InvalidInput."""
    if not 1 <= limit <= MOST_ITEMS:
        raise InvalidInput("limit", f"must be 1 to {MOST_ITEMS}")
    return limit


def topic(field: str, text: str | None) -> bytes | None:
    """Of a statement of backing, 0x and 64 hex digits. Raises InvalidInput."""
    found: bytes | None = _read(_TOPIC, field, text)
    return found


def _read(adapter: TypeAdapter[Any], field: str, text: str | None) -> Any:
    try:
        return adapter.validate_python(text)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InvalidInput(field, reason) from None
