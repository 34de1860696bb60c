"""GraphQL types made from the read models: the same fields under the same names, in camel case.

Amounts and numbers of the chain, decimal strings in REST's JSON, are strings here too.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin
from uuid import UUID

import strawberry
from pydantic import BaseModel, PlainSerializer
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


Long = NewType("Long", int)
"""GraphQL's Int has 32 bits."""
SCALARS: dict[object, Any] = {
    Long: strawberry.scalar(
        name="Long", description="A whole number up to 2^53", serialize=int, parse_value=int
    ),
    datetime: strawberry.scalar(
        name="Time", description="ISO 8601, UTC", serialize=_iso, parse_value=datetime.fromisoformat
    ),
}
_AS_IT_IS = (bool, str, datetime, UUID)


def type_of(
    model: type[BaseModel],
    *,
    name: str | None = None,
    parts: Mapping[str, Any] | None = None,
    kinds: Mapping[str, Any] | None = None,
    leave_out: Collection[str] = (),
) -> Any:
    """The type of a model; its values are instances of the model.

    `parts` are fields that are resolved when they are asked for, `kinds` the types of fields that are not told by
    the model's own, `leave_out` names what is not public.
    """
    kinds = kinds or {}
    fields = {
        one: kinds[one] if one in kinds else _annotation(about.annotation, about.metadata)
        for one, about in model.model_fields.items()
        if not about.exclude and one not in leave_out and one not in (parts or {})
    }
    docs = {one: about.description for one, about in model.model_fields.items()}
    made = type(
        name or model.__name__.removesuffix("Out"),
        (),
        {
            "__annotations__": fields,
            "__module__": __name__,
            **{one: strawberry.field(description=docs[one]) for one in fields},
            **(parts or {}),
        },
    )
    return strawberry.type(made, description=(model.__doc__ or "").strip() or None)


@cache
def part_of(model: type[BaseModel]) -> Any:
    """The type of a model within another one."""
    return type_of(model)


def page_of(item: Any) -> Any:
    """The type of `backend.pages.Page` of these items."""
    fields = {"items": list[item], "next_cursor": str | None, "as_of_block": Long, "final": bool}
    made = type(f"{item.__name__}Page", (), {"__annotations__": fields, "__module__": __name__})
    return strawberry.type(
        made, description="`nextCursor` is the `cursor` of the following page; null on the last one"
    )


def list_of(item: Any) -> Any:
    """The type of a list without pages."""
    return list[item]


def config(*, suggestions: bool) -> StrawberryConfig:
    """How Python's names become GraphQL's. `suggestions`: whether errors name fields that are meant perhaps."""
    return StrawberryConfig(
        auto_camel_case=True, scalar_map=SCALARS, disable_field_suggestions=not suggestions
    )


def _annotation(kind: Any, metadata: Collection[Any] = ()) -> Any:
    if any(isinstance(one, PlainSerializer) for one in metadata) and kind is int:
        return str
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *told = get_args(kind)
        return _annotation(inner, told)
    if origin in (Union, types.UnionType):
        (inner,) = (one for one in get_args(kind) if one is not types.NoneType)
        return _annotation(inner, metadata) | None
    if origin is list:
        return list[_annotation(*get_args(kind))]  # type: ignore[misc]
    if origin is Literal:
        return str
    if origin is dict:
        return JSON
    if kind in _AS_IT_IS:
        return kind
    if kind is int:
        return Long
    if isinstance(kind, type) and issubclass(kind, Enum):
        return str  # its word, as in REST
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return part_of(kind)
    raise TypeError(f"{kind!r} of a read model has no GraphQL type yet: add it here")
