"""Types, bounds and defaults of a settings class, in words for a table."""

import json
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from backend.settings import ROOT

_WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
}
_UNITS = {
    "_SECONDS": "seconds",
    "_HOURS": "hours",
    "_DAYS": "days",
    "_WEI": "wei",
    "_KIB": "KiB",
    "_MEGABYTES": "MiB",
    "_PORT": "port",
    "_DEPTH": "blocks",
}
_SIGNS = {annotated_types.Ge: "≥", annotated_types.Gt: ">", annotated_types.Le: "≤", annotated_types.Lt: "<"}
_SMALLEST_POWER = 10**9


def kind(name: str, field: FieldInfo) -> str:
    """What may be given: `seconds > 0`, `one of local, production`, `path`."""
    words = _type(field.annotation, is_plain_list=any(one is NoDecode for one in field.metadata))
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)
    if unit and words in ("whole number", "number"):
        words = unit
    elif name == "PORT":
        words = "port"
    bounds = [f"{_SIGNS[type(one)]} {_bound(one)}" for one in field.metadata if type(one) in _SIGNS]
    return " ".join([words, ", ".join(bounds)]).strip() if words != "port" else words


def default(field: FieldInfo) -> str:
    """What holds where nothing is given; secrets are never shown."""
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        return "a local one" if value.get_secret_value() else "–"
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT) if value.is_relative_to(ROOT) else value}`"
    if value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return _power(value) if isinstance(value, int) else f"`{value}`"


def _type(annotation: Any, *, is_plain_list: bool) -> str:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        present = [one for one in get_args(annotation) if one is not type(None)]
        return " or ".join(_type(one, is_plain_list=is_plain_list) for one in present)
    if origin is Literal:
        return f"one of {', '.join(f'`{one}`' for one in get_args(annotation))}"
    if origin is tuple:
        return "list, comma-separated" if is_plain_list else "JSON list"
    if origin is dict:
        return "JSON object"
    return _WORDS[annotation]


def _bound(one: Any) -> Any:
    return next(getattr(one, name) for name in ("ge", "gt", "le", "lt") if hasattr(one, name))


def _power(number: int) -> str:
    """Long round numbers as people read them, with what has to be typed."""
    digits = str(number)
    zeros = len(digits) - len(digits.rstrip("0"))
    if number < _SMALLEST_POWER or zeros < 6:
        return f"`{number}`"
    head = digits[: len(digits) - zeros]
    return f"`{number}` ({f'{head} × ' if head != '1' else ''}10^{zeros})"
