"""Every message the listener can print, collected from its source: what it raises and what it logs as a problem."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT

LIBRARIES = (
    "chain/draw",
    "mirror/reads",
    "chain/encode.py",
    "chain/address.py",
)  # used by others, print nothing
_INTERNAL = ("ValueError", "RuntimeError", "LookupError")  # a caller's mistake, or caught nearby …
_SHOWN = ("chain/provider.py", "chain/rpc.py")  # … but for those about RPC_URLS


@dataclass(frozen=True)
class Message:
    """`text` with … for what is filled in; `error` is the class raised, or `warning` and `error` of the log."""

    text: str
    error: str
    where: str


def messages() -> list[Message]:
    """All of them, in the order of the source."""
    return [message for path in sources() for message in _of(path)]


def sources() -> list[Path]:
    folder = ROOT / "listener"
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not str(path.relative_to(folder)).startswith(LIBRARIES)
    ]


def _of(path: Path) -> Iterator[Message]:
    is_shown = str(path).endswith(_SHOWN)
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        where, name = f"{path.relative_to(ROOT)}:{node.lineno}", _name(node.func)
        if name.endswith("Error") and (is_shown or name not in _INTERNAL):
            texts = [text for text in map(_text, node.args) if " " in text]  # single words are keys
        elif name in ("warning", "error", "exception") and _name(getattr(node.func, "value", node)) == "log":
            texts = [_text(node.args[0]) or "?"]
        elif name == "print" and any(keyword.arg == "file" for keyword in node.keywords):
            texts = [text for text in map(_text, node.args) if text]
        else:
            continue
        for text in texts:
            yield Message(text, name, where)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.expr) -> str:
    """The text of a literal or f-string; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = node.value
    elif isinstance(node, ast.JoinedStr):
        found = "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    else:
        found = ""
    return " ".join(found.split())
