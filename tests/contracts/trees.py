"""Condition trees: which conditions a function meets, what then happens, and the test that shows it.

`<stem>.tree` belongs to `test_<stem>.py`. The first line names the contracts, then comes one block per function:

    contract: Raffle

    buyTickets
    ├── the raffle is unknown
    │   └── reverts RaffleUnknown
    └── the sale is open
        └── the payment is exact
            └── sells the tickets

`python -m tests.contracts.trees` checks all trees, `… --names FILE` prints the names of the tests that a tree asks for,
`… --draw FILE` draws the lines of a tree anew from its indentation.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.evm.build import Build

FOLDER = Path(__file__).parent
HEAD = "contract: "
# What a block may be called although no ABI lists it under a name.
UNNAMED = {"constructor", "receive", "fallback"}
DRAWING = "│├└─ "


class TreeError(ValueError):
    """A tree that cannot be read; says where."""


@dataclass
class Node:
    """A condition with what follows from it; a node that nothing follows from is an outcome."""

    text: str
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Leaf:
    """An outcome, and the test that has to show it."""

    test: str
    outcome: str

    @property
    def error(self) -> str | None:
        """The error that is expected: a custom error's name, a panic's code, or any text after `reverts`."""
        verb, _, error = self.outcome.partition(" ")
        return error if verb == "reverts" else None


@dataclass(frozen=True)
class Block:
    """Functions that share their conditions; the first names the tests."""

    functions: tuple[str, ...]
    root: Node

    def leaves(self) -> Iterator[Leaf]:
        return _leaves(self.root, f"test_{slug(self.functions[0])}", "")


@dataclass(frozen=True)
class Tree:
    contracts: tuple[str, ...]
    blocks: tuple[Block, ...]

    def leaves(self) -> list[Leaf]:
        return [leaf for block in self.blocks for leaf in block.leaves()]

    def functions(self) -> list[str]:
        return [name for block in self.blocks for name in block.functions]


def slug(text: str) -> str:
    """`buyTickets` → `buy_tickets`, `reverts ERC20InvalidSender` → `reverts_erc20_invalid_sender`."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    apart = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", apart)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def parse(text: str) -> Tree:
    """Read a tree. Raises TreeError, naming the line, when it has another form."""
    tree = read(text)
    if render(tree) != text:
        raise TreeError(f"{_first_difference(render(tree), text)} (`--draw` mends lines and spaces)")
    return tree


def read(text: str) -> Tree:
    """Read a tree whose lines need not be drawn well: 4 signs of indentation are one step down."""
    lines = text.splitlines()
    if not lines or not lines[0].startswith(HEAD):
        raise TreeError(f"line 1: the first line is not `{HEAD}<names>`")
    blocks: list[Block] = []
    path: list[Node] = []
    for number, line in enumerate(lines[1:], start=2):
        words = line.lstrip(DRAWING).rstrip()
        if not words:
            continue
        depth, odd = divmod(len(line) - len(line.lstrip(DRAWING)), 4)
        if odd or depth > len(path):
            raise TreeError(f"line {number}: not a step below the line it follows from: {line}")
        node = Node(words)
        if depth:
            path[depth - 1].children.append(node)
        else:
            blocks.append(Block(_names(words), node))
        path[depth:] = [node]
    return Tree(_names(lines[0].removeprefix(HEAD)), tuple(blocks))


def render(tree: Tree) -> str:
    """The tree as it is written."""
    blocks = ["\n".join([", ".join(block.functions), *_drawn(block.root, "")]) for block in tree.blocks]
    return "\n\n".join([HEAD + ", ".join(tree.contracts), *blocks]) + "\n"


def read_tests(source: str) -> dict[str, str]:
    """The tests of a file: name → source, decorators included. Raises TreeError when two have one name."""
    found: dict[str, str] = {}
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        if node.name in found:
            raise TreeError(f"two tests are called {node.name}")
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def mismatches(tree: Tree, tests: Mapping[str, str], abis: Mapping[str, set[str]]) -> list[str]:
    """What keeps a tree, its tests and its contracts' functions apart; empty when nothing does."""
    leaves = tree.leaves()
    names = Counter(leaf.test for leaf in leaves)
    known = UNNAMED.union(*(abis.get(contract, set()) for contract in tree.contracts))
    return [
        *(f"no contract is called {name}" for name in tree.contracts if name not in abis),
        *(
            f"{name} is no function of {', '.join(tree.contracts)}"
            for name in tree.functions()
            if name not in known
        ),
        *(f"{name} has two blocks" for name, count in Counter(tree.functions()).items() if count > 1),
        *(f"{name} has no leaf" for name in childless(tree)),
        *(f"{count} leaves are called {name}" for name, count in names.items() if count > 1),
        *(f"no test is called {name}" for name in names if name not in tests),
        *(f"no leaf asks for {name}" for name in tests if name not in names),
        *(
            f"{leaf.test} does not expect {leaf.error or 'a revert'}"
            for leaf in leaves
            if leaf.error is not None and leaf.test in tests and not expects(tests[leaf.test], leaf.error)
        ),
    ]


def childless(tree: Tree) -> list[str]:
    return [block.functions[0] for block in tree.blocks if not block.root.children]


def expects(source: str, error: str) -> bool:
    """Whether a test looks for this error: by its name, or for `panic 0x11` by `panic=0x11`."""
    if "reverts(" not in source:
        return False
    kind, _, code = error.partition(" ")
    if kind == "panic":
        return re.search(rf"panic={re.escape(code)}\b", source) is not None
    return re.search(rf"\b{re.escape(kind)}\b", source) is not None


def uncovered(trees: Iterable[Tree], abis: Mapping[str, set[str]], contracts: Iterable[str]) -> list[str]:
    """The functions of `contracts` that no tree naming the contract has a block for."""
    covered: dict[str, set[str]] = {}
    for tree in trees:
        for contract in tree.contracts:
            covered.setdefault(contract, set()).update(tree.functions())
    return [
        f"{contract}.{name}"
        for contract in sorted(contracts)
        for name in sorted(abis[contract] - covered.get(contract, set()))
    ]


def functions() -> dict[str, set[str]]:
    """The functions of every contract with code, by contract."""
    return {
        name: {entry["name"] for entry in artifact["abi"] if entry["type"] == "function"}
        for name, artifact in Build().artifacts.items()
        if artifact["code"]
    }


def deployed() -> list[str]:
    """The contracts that a live chain gets: no interface or library, nothing for tests or the local chain alone."""
    return [
        name
        for name, artifact in Build().artifacts.items()
        if artifact["code"] and is_ours(artifact["source"]) and is_called(artifact["abi"])
    ]


def is_called(abi: Iterable[Mapping[str, Any]]) -> bool:
    """Whether anybody can call it: a library whose functions are all internal only tells its errors."""
    return any(entry["type"] not in ("error", "event") for entry in abi)


def is_ours(source: str) -> bool:
    return source.startswith("contracts/") and not source.startswith(("contracts/test/", "contracts/local/"))


def _names(line: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in line.split(","))


def _leaves(node: Node, prefix: str, condition: str) -> Iterator[Leaf]:
    for child in node.children:
        if child.children:
            yield from _leaves(child, prefix, child.text)
        else:
            words = [prefix, *(slug(part) for part in (condition, child.text) if part)]
            yield Leaf("__".join(words), child.text)


def _drawn(node: Node, lead: str) -> Iterator[str]:
    for child in node.children:
        last = child is node.children[-1]
        yield f"{lead}{'└── ' if last else '├── '}{child.text}"
        yield from _drawn(child, lead + ("    " if last else "│   "))


def _first_difference(expected: str, text: str) -> str:
    pairs = zip([*expected.splitlines(), ""], [*text.splitlines(), ""], strict=False)
    for number, (right, wrong) in enumerate(pairs, start=1):
        if right != wrong:
            return f"line {number}: drawn as {wrong!r}, not as {right!r}"
    return "the file does not end in exactly one line feed"


def load(folder: Path = FOLDER) -> dict[str, Tree]:
    """All trees of the folder by stem."""
    return {path.stem: parse(path.read_text()) for path in sorted(folder.glob("*.tree"))}


def problems(path: Path, abis: Mapping[str, set[str]]) -> list[str]:
    """What is wrong with one tree file and the test file beside it."""
    tests = path.with_name(f"test_{path.stem}.py")
    if not tests.exists():
        return [f"there is no {tests.name}"]
    try:
        return mismatches(parse(path.read_text()), read_tests(tests.read_text()), abis)
    except TreeError as error:
        return [str(error)]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["--names", name]:
            print("\n".join(leaf.test for leaf in read(Path(name).read_text()).leaves()))
        case ["--draw", name]:
            Path(name).write_text(render(read(Path(name).read_text())))
        case _:
            wrong = [
                f"{path.name}: {problem}"
                for path in sorted(FOLDER.glob("*.tree"))
                for problem in problems(path, functions())
            ]
            print("\n".join(wrong or ["Trees and tests match."]))
            return 1 if wrong else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
