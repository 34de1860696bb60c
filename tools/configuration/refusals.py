"""What settings refuse to start with in production, read from the validators' own sentences."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from backend import settings

VALIDATOR = "_refuse_unsafe_production"
_OPEN = "…"
"""Stands for what only a running process can say."""


def sentences() -> list[str]:
    """Every sentence with which production refuses settings, in the order of the checks."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(settings.Settings)))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == VALIDATOR]
    return [_text(raised) for function in found for raised in _raised(function)]


def refusals_of(name: str, said: list[str]) -> list[str]:
    """Those whose first setting is `name`."""
    return [sentence for sentence in said if _is_about(name, sentence)]


def _is_about(name: str, sentence: str) -> bool:
    first = re.search(rf"[A-Z{_OPEN}][A-Z_]{{2,}}", sentence)
    return first is not None and bool(re.fullmatch(first[0].replace(_OPEN, "[A-Z]+"), name))


def _raised(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield node.exc.args[0]


def _text(expression: ast.expr) -> str:
    if isinstance(expression, ast.JoinedStr):
        return "".join(_text(part) for part in expression.values)
    if isinstance(expression, ast.FormattedValue):
        return _constant(expression.value)
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    raise TypeError(f"cannot read the sentence {ast.unparse(expression)!r} of {VALIDATOR}")


def _constant(expression: ast.expr) -> str:
    value: Any = getattr(settings, expression.id, _OPEN) if isinstance(expression, ast.Name) else _OPEN
    return str(value)
