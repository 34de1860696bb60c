"""Stripe's way of sending nested values as a form: `line_items[0][price_data][currency]=eur`."""

import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"\[([^\]]*)\]")


def parse(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The values a form stands for; every one is text. Lists are those whose keys are numbers, or `[]`."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        path = [head, *_PART.findall("[" + rest if rest else "")]
        at = tree
        for step in path[:-1]:
            at = at.setdefault(step, {})
        at[path[-1] or str(len(at))] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}
