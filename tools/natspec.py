"""`python -m tools.natspec`: everything that callers of our contracts see is explained.

Demanded is a notice (or `@inheritdoc`) for every contract, event, error, enum, and public or external function and
variable, and in interfaces also for every struct, with a `@param` for each of its members: there the units stand.
Parameters of functions, events and errors get a `@param` where the name does not say enough; that needs a reader.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMPILER = ROOT / "tools" / "solcx" / "solc-v0.8.37"
REMAPPING = re.compile(r'"(@[^"=]+=[^"]+)"')
APART = {"local", "test", ".cache"}
EXPLAINED = ("ContractDefinition", "EventDefinition", "ErrorDefinition", "EnumDefinition")
Node = dict[str, Any]


def sources(folder: Path = ROOT / "contracts") -> list[Path]:
    """Our Solidity files, without those for tests and the local chain."""
    return [path for path in sorted(folder.rglob("*.sol")) if not APART.intersection(path.parts)]


def syntax_trees(contents: dict[str, str]) -> dict[str, Node]:
    """solc's syntax trees of files by their names. Raises ValueError when one cannot be read."""
    settings: Node = {
        "remappings": REMAPPING.findall((ROOT / "ape-config.yaml").read_text()),
        "evmVersion": "prague",
        "outputSelection": {name: {"": ["ast"]} for name in contents},
    }
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in contents.items()},
        "settings": settings,
    }
    done = subprocess.run(
        ["node", str(COMPILER), "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    answer = json.loads(done.stdout)
    errors = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise ValueError("\n".join(errors))
    return {name: answer["sources"][name]["ast"] for name in contents}


def unexplained(tree: Node) -> Iterator[str]:
    """What lacks its explanation in one file, as `Contract.name`, a struct's member as `Contract.Struct.member`."""
    for node in tree["nodes"]:
        if node["nodeType"] != "ContractDefinition":
            yield from _unexplained(node, "")
            continue
        if not _text(node):
            yield node["name"]
        for part in node["nodes"]:
            yield from _unexplained(
                part, f"{node['name']}.", is_interface=node["contractKind"] == "interface"
            )


def _unexplained(node: Node, prefix: str, *, is_interface: bool = False) -> Iterator[str]:
    name = f"{prefix}{node.get('name', '')}"
    if node["nodeType"] == "StructDefinition" and is_interface:
        if not _has_notice(node):
            yield name
        for member in node["members"]:
            if not re.search(rf"@param {re.escape(member['name'])}\s", _text(node)):
                yield f"{name}.{member['name']}"
    elif (node["nodeType"] in EXPLAINED or _is_public(node)) and not _has_notice(node):
        yield name


def _is_public(node: Node) -> bool:
    return (
        node["nodeType"] in ("FunctionDefinition", "VariableDeclaration")
        and node.get("kind") != "constructor"
        and node.get("visibility") in ("public", "external")
    )


def _has_notice(node: Node) -> bool:
    return "@notice" in _text(node) or "@inheritdoc" in _text(node)


def _text(node: Node) -> str:
    documentation = node.get("documentation") or ""
    return documentation if isinstance(documentation, str) else str(documentation.get("text", ""))


def main() -> int:
    contents = {str(path.relative_to(ROOT)): path.read_text() for path in sources()}
    found = [f"{name}: {item}" for name, tree in syntax_trees(contents).items() for item in unexplained(tree)]
    if found:
        print("\n".join(found))
        print(f"{len(found)} without @notice, or a member of an interface's struct without @param.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
