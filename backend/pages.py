"""Lists as the API answers them: a page of items, where the next one starts, and the block they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from backend.hexes import address_bytes
from backend.mirror import Snapshot
from listener.mirror.reads.fields import Mirrored, Read

UINT256_MAX = 2**256 - 1
MOST_ITEMS = 100
_DIGITS = len(str(UINT256_MAX))
_ROW_DIGITS = 9  # less than 2^31


class AsOfOut(Read):
    """Beside the fields of one thing read from the mirror."""

    as_of_block: int = Field(description="Last block this answer takes into account")
    final: bool = Field(description="Whether no reorganisation can change the facts shown")


Item = TypeVar("Item")
FactItem = TypeVar("FactItem", bound=Mirrored)
SingleOut = TypeVar("SingleOut", bound=AsOfOut)


class Page(BaseModel, Generic[Item]):
    """Pass `next_cursor` as `cursor` for the following page; null on the last one."""

    items: list[Item]
    next_cursor: str | None = Field(examples=["17", None])
    as_of_block: int = Field(description="Last block this answer takes into account", examples=[1234])
    final: bool = Field(description="Whether no reorganisation can change the facts shown")


def _uint256(value: Any) -> Any:
    """Decimal digits of a uint256 → int; anything else is refused in words."""
    if not isinstance(value, str):
        return value
    if not (value.isascii() and value.isdigit()) or len(value) > _DIGITS or int(value) > UINT256_MAX:
        raise ValueError("must be decimal digits, at most 2^256 - 1")
    return int(value)


def _row(value: Any) -> Any:
    """Up to nine decimal digits → int; anything else is refused in words."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= _ROW_DIGITS):
        raise ValueError(f"must be at most {_ROW_DIGITS} decimal digits")
    return int(value) if isinstance(value, str) else value


def _address(value: Any) -> Any:
    return address_bytes(value) if isinstance(value, str) else value


_DECIMAL = WithJsonSchema({"type": "string", "pattern": "^[0-9]+$", "maxLength": _DIGITS})
_HEX_ADDRESS = WithJsonSchema({"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"})

ChainId = Annotated[
    int, BeforeValidator(_uint256), _DECIMAL, Path(description="Number the contract gave it", examples=["1"])
]
ChainIdFilter = Annotated[int | None, BeforeValidator(_uint256), _DECIMAL, Query(examples=["1"])]
Cursor = Annotated[int | None, BeforeValidator(_uint256), _DECIMAL, Query(description="From `next_cursor`")]
RowCursor = Annotated[
    int | None,
    BeforeValidator(_row),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,9}$"}),
    Query(description="From `next_cursor`"),
]
"""The same in lists of ours, whose rows are counted by an integer of the database."""
Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Items in a page")]
AddressFilter = Annotated[
    bytes | None, BeforeValidator(_address), _HEX_ADDRESS, Query(description="Only those of this address")
]
AddressPath = Annotated[bytes, BeforeValidator(_address), _HEX_ADDRESS, Path(description="0x-address")]

DEFAULT_LIMIT = 20


def page(
    mirror: Snapshot, found: Sequence[FactItem], limit: int, position: Callable[[FactItem], int]
) -> Page[FactItem]:
    """A page out of up to `limit` + 1 found items; `position` is what the next page starts after."""
    items = list(found[:limit])
    return Page(
        items=items,
        next_cursor=str(position(items[-1])) if len(found) > limit else None,
        as_of_block=mirror.as_of.block,
        final=mirror.as_of.is_final(items),
    )


def single(mirror: Snapshot, model: type[SingleOut], fact: Mirrored) -> SingleOut:
    """One thing out of the mirror with the block it stands for; `model` is the thing's model and AsOfOut."""
    stands_for = {"as_of_block": mirror.as_of.block, "final": mirror.as_of.is_final([fact])}
    return model.model_validate({**dict(fact), **stands_for})
