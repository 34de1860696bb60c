"""What an expression of PromQL asks for: its metrics with their matchers, and the labels it groups by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<string>"[^"]*"|'[^']*')|(?P<range>\[[^\]]*\])|(?P<number>\d[\w.]*)"""
    r"""|(?P<name>[A-Za-z_:][\w:]*)|(?P<sign>=~|!~|!=|==|<=|>=|[-+*/%^<>=(){},@])"""
)
_OPERATORS = {"and", "or", "unless", "bool", "offset"}
_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_AGGREGATIONS = {"avg", "count", "max", "min", "sum", "topk"}
_FUNCTIONS = {
    "absent",
    "clamp_min",
    "histogram_quantile",
    "increase",
    "max_over_time",
    "rate",
    "time",
    "vector",
}


@dataclass
class Expression:
    """`asked`: each metric with its matchers, as (label, sign, value)."""

    asked: list[tuple[str, list[tuple[str, str, str]]]] = field(default_factory=list)
    groups: set[str] = field(default_factory=set)


def parse(text: str) -> Expression:
    """Raises ValueError for what is no PromQL, or a function that this file does not know."""
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text[at : at + 20]!r} in {text!r}")
        at = match.end()
        if match.lastgroup != "space":
            tokens.append((str(match.lastgroup), match.group()))
    if sum(sign == "(" for _, sign in tokens) != sum(sign == ")" for _, sign in tokens):
        raise ValueError(f"brackets of {text!r}")
    found = Expression()
    tokens = [*tokens, ("end", "")]
    position = 0
    while tokens[position][0] != "end":
        kind, word = tokens[position]
        following = tokens[position + 1][1]
        position += 1
        if kind != "name" or word in _OPERATORS | _AGGREGATIONS:
            continue
        if word in _GROUPING:
            labels, position = _until(tokens, position, "(", ")")
            found.groups |= {label for kind, label in labels if kind == "name"}
        elif following == "(":
            if word not in _FUNCTIONS:
                raise ValueError(f"{word} is no function known here")
        else:
            matchers: list[tuple[str, str, str]] = []
            if following == "{":
                inside, position = _until(tokens, position, "{", "}")
                parts = [one for one in inside if one[1] != ","]
                matchers = [
                    (parts[n][1], parts[n + 1][1], parts[n + 2][1][1:-1]) for n in range(0, len(parts), 3)
                ]
            found.asked.append((word, matchers))
    return found


def _until(
    tokens: list[tuple[str, str]], position: int, opening: str, closing: str
) -> tuple[list[tuple[str, str]], int]:
    if tokens[position][1] != opening:
        raise ValueError(f"{opening} is missing after {tokens[position - 1][1]}")
    end = next(n for n in range(position, len(tokens)) if tokens[n][1] == closing)
    return tokens[position + 1 : end], end + 1
