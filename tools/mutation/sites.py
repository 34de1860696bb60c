"""The places of a contract that can be changed, and how, by solc's syntax tree."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Node = dict[str, Any]

# Of two operators each, the ones that a slip of the hand exchanges.
OPERATORS = {
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["/"],
    "**": ["*"],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "&&": ["||"],
    "||": ["&&"],
    "<<": [">>"],
    ">>": ["<<"],
    "&": ["|"],
    "|": ["&"],
    "^": ["&"],
}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=", "^=": "|="}
YUL = {
    "add": "sub",
    "sub": "add",
    "mul": "div",
    "div": "mul",
    "mod": "div",
    "lt": "gt",
    "gt": "lt",
    "eq": "lt",
    "and": "or",
    "or": "and",
    "xor": "and",
    "shl": "shr",
    "shr": "shl",
    "mload": "sload",
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: bytes `start` to `end` become `text`."""

    id: str
    file: str
    function: str
    kind: str
    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """The changed source."""
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def line(self, source: str) -> str:
        """The line that the change begins in, without its indentation."""
        raw = source.encode()
        end = raw.find(b"\n", self.start)
        return raw[raw.rfind(b"\n", 0, self.start) + 1 : end if end >= 0 else None].decode().strip()

    def diff(self, source: str) -> str:
        """The change as people read it."""
        changed = difflib.unified_diff(
            source.splitlines(), self.apply(source).splitlines(), self.file, self.file, n=1, lineterm=""
        )
        return "\n".join(list(changed)[2:])


class Finder:
    """All changes of one file."""

    def __init__(self, file: str, source: str, tree: Node) -> None:
        self.file = file
        self.raw = source.encode()
        self.tree = tree
        self._function = ""
        self._seen: dict[str, int] = {}

    def mutants(self) -> list[Mutant]:
        """In the order of the file, every change once."""
        found = {(m.start, m.end, m.text): m for m in self._visit(self.tree)}
        return sorted(found.values(), key=lambda m: (m.start, m.end, m.text))

    def _visit(self, node: Any) -> Iterator[Mutant]:
        if isinstance(node, list):
            for each in node:
                yield from self._visit(each)
        if not isinstance(node, dict):
            return
        kind = node.get("nodeType", "")
        if kind in ("PragmaDirective", "ImportDirective", "StructDefinition", "UsingForDirective"):
            return
        if kind == "ContractDefinition" and node["contractKind"] == "interface":
            return
        if kind == "ContractDefinition":
            self._function = node["name"]
        if kind == "FunctionDefinition":
            self._function = node["name"] or node["kind"]
        change = CHANGES.get(kind)
        if change is not None:
            yield from change(self, node)
        for key, value in node.items():
            # A constant's initial value is looked at, its type and the documentation are not.
            if key not in ("typeName", "documentation", "overrides", "typeDescriptions"):
                yield from self._visit(value)

    def text(self, node: Node) -> str:
        start, end = span(node)
        return self.raw[start:end].decode()

    def change(self, kind: str, start: int, end: int, text: str) -> Mutant:
        """Numbered by what it says, not by where it stands: an id stays while its function stays."""
        before = " ".join(self.raw[start:end].decode().split())
        around = " ".join(self.raw[max(0, start - 60) : end + 60].decode(errors="ignore").split())
        words = f"{self.file}|{self._function}|{kind}|{before}|{text}|{around}"
        self._seen[words] = self._seen.get(words, 0) + 1
        number = sha256(f"{words}|{self._seen[words]}".encode()).hexdigest()[:10]
        return Mutant(number, self.file, self._function, kind, start, end, text)


def span(node: Node) -> tuple[int, int]:
    start, length, _ = (int(part) for part in node["src"].split(":"))
    return start, start + length


def _between(finder: Finder, left: Node, right: Node, operator: str) -> tuple[int, int] | None:
    """Where an operator stands between its two sides; None when a comment hides it."""
    start, end = span(left)[1], span(right)[0]
    gap = finder.raw[start:end]
    if gap.count(operator.encode()) != 1 or b"//" in gap or b"/*" in gap:
        return None
    at = start + gap.index(operator.encode())
    return at, at + len(operator)


def _binary(finder: Finder, node: Node) -> Iterator[Mutant]:
    place = _between(finder, node["leftExpression"], node["rightExpression"], node["operator"])
    if place is None:
        return
    for other in OPERATORS.get(node["operator"], []):
        yield finder.change("operator", *place, other)


def _assignment(finder: Finder, node: Node) -> Iterator[Mutant]:
    other = ASSIGNMENTS.get(node["operator"])
    place = _between(finder, node["leftHandSide"], node["rightHandSide"], node["operator"])
    if other and place:
        yield finder.change("operator", *place, other)


def _unary(finder: Finder, node: Node) -> Iterator[Mutant]:
    start, end = span(node)
    inner = finder.text(node["subExpression"])
    if node["operator"] == "!":
        yield finder.change("flip", start, end, inner)
    if node["operator"] in ("++", "--"):
        other = "--" if node["operator"] == "++" else "++"
        yield finder.change("operator", start, end, other + inner if node["prefix"] else inner + other)


def _literal(finder: Finder, node: Node) -> Iterator[Mutant]:
    start, end = span(node)
    if node["kind"] == "bool":
        yield finder.change("flip", start, end, "false" if node["value"] == "true" else "true")
    if node["kind"] == "number" and len(node["value"]) < 20:
        unit = f" {node['subdenomination']}" if node.get("subdenomination") else ""
        words = finder.text(node).removesuffix(unit)
        number = (
            int(words.replace("_", ""), 0) if words.replace("_", "").isalnum() and "e" not in words else None
        )
        if number is None:
            return
        yield finder.change("bound", start, end, f"{number + 1}{unit}")
        if number > 0:
            yield finder.change("bound", start, end, f"{number - 1}{unit}")


def _largest(finder: Finder, node: Node) -> Iterator[Mutant]:
    """type(uint64).max as a bound."""
    if node.get("memberName") == "max" and finder.text(node).startswith("type("):
        yield finder.change("bound", *span(node), f"({finder.text(node)} - 1)")


def _if(finder: Finder, node: Node) -> Iterator[Mutant]:
    start, end = span(node["condition"])
    body = node["trueBody"]
    statements = body.get("statements", [body])
    if len(statements) == 1 and statements[0]["nodeType"] == "RevertStatement":
        yield finder.change("check removed", start, end, "false")
        return
    yield finder.change("branch", start, end, "false")
    yield finder.change("branch", start, end, "true")
    if node.get("falseBody"):
        yield finder.change("branch swapped", start, end, f"!({finder.text(node['condition'])})")


def _ternary(finder: Finder, node: Node) -> Iterator[Mutant]:
    yes, no = node["trueExpression"], node["falseExpression"]
    start, end = span(node)[0], span(no)[1]
    condition = finder.raw[start : span(yes)[0]].decode()
    yield finder.change("branch swapped", start, end, f"{condition}{finder.text(no)} : {finder.text(yes)}")


def _statement(finder: Finder, node: Node) -> Iterator[Mutant]:
    """The statement is left out. Without its value a declaration would not compile, so only whole statements go."""
    start, end = span(node)
    if finder.raw[end : end + 1] == b";":
        end += 1
    yield finder.change("statement removed", start, end, "{}")


def _return(finder: Finder, node: Node) -> Iterator[Mutant]:
    expression = node.get("expression")
    if expression is None:
        return
    kind = expression.get("typeDescriptions", {}).get("typeString", "")
    start, end = span(expression)
    if kind == "bool":
        yield finder.change("return", start, end, f"!({finder.text(expression)})")
    elif kind.startswith("uint"):
        yield finder.change("return", start, end, f"({finder.text(expression)}) + 1")
    elif kind == "address":
        yield finder.change("return", start, end, "address(0)")
    elif kind == "bytes32":
        yield finder.change("return", start, end, "bytes32(0)")


def _call(finder: Finder, node: Node) -> Iterator[Mutant]:
    """Two neighbouring arguments of one type are exchanged."""
    for one, other in zip(node["arguments"], node["arguments"][1:], strict=False):
        types = [each.get("typeDescriptions", {}).get("typeString") for each in (one, other)]
        if types[0] != types[1] or finder.text(one) == finder.text(other):
            continue
        if node.get("names"):
            continue
        (start, left_end), (right_start, end) = span(one), span(other)
        gap = finder.raw[left_end:right_start].decode()
        yield finder.change("arguments swapped", start, end, f"{finder.text(other)}{gap}{finder.text(one)}")


def _modifiers(finder: Finder, node: Node) -> Iterator[Mutant]:
    for modifier in node["modifiers"]:
        if modifier.get("kind") != "baseConstructorSpecifier":
            yield finder.change("modifier removed", *span(modifier), "")


def _yul_call(finder: Finder, node: Node) -> Iterator[Mutant]:
    name = node["functionName"]
    if name["name"] in YUL:
        yield finder.change("operator", *span(name), YUL[name["name"]])


def _yul_literal(finder: Finder, node: Node) -> Iterator[Mutant]:
    value = node.get("value", "")
    if node.get("kind") == "number" and len(value) < 10:
        yield finder.change("bound", *span(node), str(int(value, 0) + 1))


def _yul_statement(finder: Finder, node: Node) -> Iterator[Mutant]:
    yield finder.change("statement removed", *span(node), "")


def _yul_if(finder: Finder, node: Node) -> Iterator[Mutant]:
    start, end = span(node["condition"])
    yield finder.change("branch", start, end, "0")
    yield finder.change("branch", start, end, "1")


CHANGES: dict[str, Callable[[Finder, Node], Iterator[Mutant]]] = {
    "Assignment": _assignment,
    "BinaryOperation": _binary,
    "Conditional": _ternary,
    "EmitStatement": _statement,
    "ExpressionStatement": _statement,
    "FunctionCall": _call,
    "FunctionDefinition": _modifiers,
    "IfStatement": _if,
    "Literal": _literal,
    "MemberAccess": _largest,
    "Return": _return,
    "UnaryOperation": _unary,
    "YulAssignment": _yul_statement,
    "YulExpressionStatement": _yul_statement,
    "YulFunctionCall": _yul_call,
    "YulIf": _yul_if,
    "YulLiteral": _yul_literal,
}
