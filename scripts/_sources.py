"""What a contract is compiled from: the standard JSON input of solc with just the sources it needs.

Which those are the compiler tells itself: they stand in the contract's metadata. That input is compiled again, from
nothing but itself, and what comes of it is what the chain is compared with.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.solc import ROOT, SolcError, settings, solc

CODE = ["evm.bytecode.object", "evm.deployedBytecode.object"]
ALL = {"*": {"*": ["abi", "metadata", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers"]}}
"""What explorers want to see of a compilation; it changes nothing in the code."""


class SourceError(Exception):
    """A contract that is not in this checkout, or does not compile."""


@dataclass(frozen=True)
class Source:
    """One contract's standard JSON input. `version` of the compiler as it names itself, `0.8.37+commit.f401782d`."""

    path: str
    name: str
    version: str
    question: dict[str, Any]

    @property
    def identifier(self) -> str:
        """`contracts/raffle/Raffle.sol:Raffle`."""
        return f"{self.path}:{self.name}"

    @property
    def json(self) -> str:
        """As it is sent, and written for whoever verifies by hand."""
        return json.dumps(self.question, indent=1, ensure_ascii=False)

    @cached_property
    def code(self) -> tuple[bytes, bytes]:
        """What the input compiles to: creation code without arguments, runtime code. Raises SourceError."""
        made = _compiled(_wanting(self.question, {self.path: {self.name: CODE}}), alone=True)
        made = made["contracts"][self.path][self.name]["evm"]
        creation, runtime = (made[kind]["object"] for kind in ("bytecode", "deployedBytecode"))
        return bytes.fromhex(creation), bytes.fromhex(runtime)


def sources_of(names: Iterable[str], path_of: Callable[[str], str], root: Path = ROOT) -> dict[str, Source]:
    """The inputs of contracts by their names; one look of the compiler at all of them. Raises SourceError."""
    paths = {name: path_of(name) for name in names}
    wanted: dict[str, Any] = {}
    for name, path in paths.items():
        wanted.setdefault(path, {})[name] = ["metadata"]
    question = _wanting(_question(root, paths.values()), wanted)
    answer = _compiled(question, root)["contracts"] if paths else {}
    return {
        name: _source(root, path, name, json.loads(answer[path][name]["metadata"]))
        for name, path in paths.items()
    }


def _source(root: Path, path: str, name: str, metadata: dict[str, Any]) -> Source:
    return Source(path, name, metadata["compiler"]["version"], _question(root, metadata["sources"]))


def _question(root: Path, paths: Iterable[str]) -> dict[str, Any]:
    try:
        texts = {path: {"content": (root / path).read_bytes().decode()} for path in sorted(set(paths))}
    except OSError as error:
        raise SourceError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return {"language": "Solidity", "sources": texts, "settings": {**settings(), "outputSelection": ALL}}


def _wanting(question: dict[str, Any], selection: dict[str, Any]) -> dict[str, Any]:
    return {**question, "settings": {**question["settings"], "outputSelection": selection}}


def _compiled(question: dict[str, Any], base: Path = ROOT, *, alone: bool = False) -> dict[str, Any]:
    try:
        return solc(question, base, alone=alone)
    except SolcError as error:
        raise SourceError(str(error)) from error


__all__ = ["Source", "SourceError", "sources_of"]
