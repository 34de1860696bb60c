"""Storage layouts of the deployed contracts, as solc tells them, beside a committed snapshot.

`python -m tools.storage_layout` compares (exit code 1 and the differences when they are not the same); `--write` accepts what
is there now. A layout of an upgradeable contract may only grow at its end, because its next implementation finds what
the last one stored: anything else is refused also by `--write`, unless `--never-deployed` says that there is no proxy
yet whose storage could be misread.

Namespaced storage (ERC-7201), which solc leaves out, is laid out by a small contract made for each namespace.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.solc import ROOT, SolcError, settings, solc

SNAPSHOT = ROOT / "tests" / "contracts" / "storage.json"
NOT_DEPLOYED = ("contracts/test/", "contracts/local/")
UPGRADEABLE = "UUPSUpgradeable"
NAMESPACE = "@custom:storage-location "
PROBE = "StorageProbe.sol"

Lines = list[str]
Layout = dict[str, Any]
"""`upgradeable`, `storage` (lines), `namespaces` and `structs` (name → lines)."""


class LayoutError(Exception):
    """The contracts cannot be laid out; the message says why."""


@dataclass(frozen=True)
class Namespace:
    """A struct that stands at a place of its own, such as `erc7201:tombola.storage.Raffle`."""

    name: str
    source: str
    struct: str
    """As other files write it: `Contract.Struct`."""


def layouts(root: Path = ROOT, folder: str = "contracts") -> dict[str, Layout]:
    """Of every contract below `folder` that can be deployed and is not for tests or the local chain only."""
    sources = sorted(
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob("*.sol")
        if ".cache" not in path.parts
    )
    answer = _solc(root, {source: {"urls": [source]} for source in sources}, _wanted(sources))
    nodes = {node["id"]: node for node in _definitions(answer)}
    owners = {id_: node["absolutePath"] for id_, node in nodes.items()}
    chosen = {
        node["name"]: node
        for id_, node in nodes.items()
        if owners[id_].startswith(f"{folder}/")
        and not owners[id_].startswith(NOT_DEPLOYED)
        and node["contractKind"] == "contract"
        and not node["abstract"]
    }
    imports = _imports(answer)
    spaces = {name: list(_namespaces(node, nodes, imports)) for name, node in chosen.items()}
    probed = _probe(root, {space for found in spaces.values() for space in found})
    made = {}
    for name, node in sorted(chosen.items()):
        own = answer["contracts"][node["absolutePath"]][name]["storageLayout"]
        made[name] = _layout(own, {space.name: probed[space] for space in spaces[name]}, node, nodes)
    return made


def _wanted(sources: Sequence[str]) -> dict[str, Any]:
    return {"*": {"": ["ast"]}} | {source: {"": ["ast"], "*": ["storageLayout"]} for source in sources}


def _definitions(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, source in answer["sources"].items():
        for node in source["ast"]["nodes"]:
            if node["nodeType"] == "ContractDefinition":
                yield {**node, "absolutePath": path}


def _imports(answer: Mapping[str, Any]) -> dict[str, set[str]]:
    """Source → the sources it names."""
    return {
        path: {
            node["absolutePath"] for node in source["ast"]["nodes"] if node["nodeType"] == "ImportDirective"
        }
        for path, source in answer["sources"].items()
    }


def _namespaces(
    contract: Mapping[str, Any], nodes: Mapping[int, Mapping[str, Any]], imports: Mapping[str, set[str]]
) -> Iterator[Namespace]:
    """Those of its bases, and of the libraries that it or a base can name."""
    reached, waiting = set[str](), [str(contract["absolutePath"])]
    while waiting:
        path = waiting.pop()
        waiting += imports[path] - reached
        reached.add(path)
    owners = [nodes[base] for base in contract["linearizedBaseContracts"]]
    owners += [
        node
        for node in nodes.values()
        if node["contractKind"] == "library" and node["absolutePath"] in reached
    ]
    for owner in owners:
        for node in owner["nodes"]:
            text = _words(node.get("documentation")) if node["nodeType"] == "StructDefinition" else ""
            if NAMESPACE in text:
                name = text.split(NAMESPACE, 1)[1].split()[0]
                yield Namespace(name, owner["absolutePath"], f"{owner['name']}.{node['name']}")


def _words(documentation: Any) -> str:
    return documentation["text"] if isinstance(documentation, dict) else documentation or ""


def _probe(root: Path, spaces: set[Namespace]) -> dict[Namespace, Mapping[str, Any]]:
    """solc's layout of a contract that holds nothing but the struct."""
    if not spaces:
        return {}
    ordered = sorted(spaces, key=lambda space: (space.name, space.source))
    lines = ["// SPDX-License-Identifier: MIT", "pragma solidity *;"]
    for number, space in enumerate(ordered):
        owner, struct = space.struct.split(".")
        lines.append(f'import {{{owner} as Owner{number}}} from "{space.source}";')
        lines.append(f"contract Probe{number} {{ Owner{number}.{struct} internal held; }}")
    answer = _solc(root, {PROBE: {"content": "\n".join(lines)}}, {PROBE: {"*": ["storageLayout"]}})
    found = answer["contracts"][PROBE]
    return {space: found[f"Probe{number}"]["storageLayout"] for number, space in enumerate(ordered)}


def _layout(
    own: Mapping[str, Any],
    spaces: Mapping[str, Mapping[str, Any]],
    node: Mapping[str, Any],
    nodes: Mapping[int, Mapping[str, Any]],
) -> Layout:
    bases = {nodes[base]["name"] for base in node["linearizedBaseContracts"]}
    structs: dict[str, Lines] = {}
    namespaces = {}
    for name, found in sorted(spaces.items()):
        types = found["types"]
        (held,) = found["storage"]
        namespaces[name] = _lines(types[held["type"]]["members"], types)
        structs |= _structs(types, without=held["type"])
    structs |= _structs(own["types"] or {})
    return {
        "upgradeable": UPGRADEABLE in bases,
        "storage": _lines(own["storage"], own["types"] or {}),
        "namespaces": namespaces,
        "structs": dict(sorted(structs.items())),
    }


def _structs(types: Mapping[str, Any], without: str = "") -> dict[str, Lines]:
    return {
        kind["label"]: _lines(kind["members"], types)
        for key, kind in types.items()
        if "members" in kind and key != without
    }


def _lines(members: Sequence[Mapping[str, Any]], types: Mapping[str, Any]) -> Lines:
    """`slot+offset type label`."""
    return [f"{one['slot']}+{one['offset']} {types[one['type']]['label']} {one['label']}" for one in members]


def _solc(root: Path, sources: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    filled = {
        name: source if "content" in source else {"content": (root / name).read_text()}
        for name, source in sources.items()
    }
    question = {
        "language": "Solidity",
        "sources": filled,
        "settings": {"remappings": settings()["remappings"], "outputSelection": wanted},
    }
    try:
        return solc(question, root)
    except SolcError as error:
        raise LayoutError(str(error)) from error


def differences(old: Mapping[str, Layout], new: Mapping[str, Layout]) -> Lines:
    """What is not as it was, in one line each."""
    found = [f"{name}: not in the snapshot" for name in sorted(new.keys() - old.keys())]
    found += [f"{name}: in the snapshot, but no contract" for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        before, now = _flat(old[name]), _flat(new[name])
        for part in sorted(before.keys() | now.keys()):
            for was, is_ in _pairs(before.get(part, []), now.get(part, [])):
                if was != is_:
                    found.append(f"{name}, {part}: {was or 'nothing'} → {is_ or 'nothing'}")
    return found


def broken(old: Mapping[str, Layout], new: Mapping[str, Layout]) -> Lines:
    """Changes that a proxy's storage would not survive: everything but growth at the end."""
    found = []
    for name in sorted(old.keys() & new.keys()):
        if not old[name]["upgradeable"]:
            continue
        before, now = _flat(old[name]), _flat(new[name])
        if not new[name]["upgradeable"]:
            found.append(f"{name}: is no longer upgradeable")
        for part, lines in before.items():
            kept = now.get(part)
            if kept is None:
                if part.startswith("namespace "):
                    found.append(f"{name}, {part}: is gone")
                continue  # a struct that nothing refers to is no storage
            changed = next((pair for pair in _pairs(lines, kept[: len(lines)]) if pair[0] != pair[1]), None)
            if changed:
                found.append(f"{name}, {part}: {changed[0]} → {changed[1] or 'nothing'}")
            elif len(kept) > len(lines) and _is_element(part, now):
                found.append(f"{name}, {part}: grew, but stands in an array, so later elements would move")
    return found


def _is_element(part: str, layout: Mapping[str, Lines]) -> bool:
    struct = part.removeprefix("struct ")
    return part.startswith("struct ") and any(
        f"{struct}[" in line for lines in layout.values() for line in lines
    )


def _flat(layout: Layout) -> dict[str, Lines]:
    return {
        "storage": layout["storage"],
        **{f"namespace {name}": lines for name, lines in layout["namespaces"].items()},
        **{
            name if name.startswith("struct ") else f"struct {name}": lines
            for name, lines in layout["structs"].items()
        },
    }


def _pairs(before: Lines, now: Lines) -> list[tuple[str, str]]:
    most = max(len(before), len(now))
    return list(zip(before + [""] * (most - len(before)), now + [""] * (most - len(now)), strict=True))


def snapshot() -> dict[str, Layout]:
    """What is committed."""
    committed: dict[str, Layout] = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.exists() else {}
    return committed


def main(arguments: Sequence[str]) -> int:
    try:
        old, new = snapshot(), layouts()
    except LayoutError as error:
        print(error)
        return 1
    changed, wrong = differences(old, new), broken(old, new)
    print("\n".join(changed) or f"{len(new)} contracts are laid out as in the snapshot.")
    if wrong and "--never-deployed" not in arguments:
        print("\nAn upgrade would misread what a proxy has stored:", *wrong, sep="\n  ")
        print(
            "Add new variables at the end instead. If there is no proxy of it yet: --write --never-deployed."
        )
        return 1
    if "--write" in arguments:
        SNAPSHOT.write_text(json.dumps(new, indent=1) + "\n")
        return 0
    if changed:
        print("If that is meant: `.venv/bin/python -m tools.storage_layout --write`, and commit the result.")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
