"""The record of a deployment: `<folder>/<chain_id>.json` in the registry's form, written step by step."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

Entry = dict[str, Any]


class RegistryFileError(ValueError):
    """A record that cannot be read or does not belong to this deployment."""


def deployments_folder(env: Mapping[str, str]) -> Path:
    """DEPLOYMENTS_DIR, `deployments` by default."""
    return Path(env.get("DEPLOYMENTS_DIR") or "deployments")


@dataclass(slots=True)
class RegistryFile:
    """One chain's record. Changing it writes it: a deployment that stops half-way goes on from here."""

    path: Path
    chain_id: int
    document: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, chain_id: int) -> "RegistryFile":
        """The chain's record, or an empty one that is not written yet."""
        path = folder / f"{chain_id}.json"
        if not path.exists():
            return cls(path, chain_id, {"chain_id": chain_id, "contracts": {}})
        try:
            document = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise RegistryFileError(f"{path} cannot be read: {error}. Restore or remove it.") from error
        if document.get("chain_id") != chain_id:
            raise RegistryFileError(
                f"{path} is of chain {document.get('chain_id')}, connected is {chain_id}."
            )
        return cls(path, chain_id, document)

    @property
    def contracts(self) -> dict[str, Entry]:
        contracts: dict[str, Entry] = self.document["contracts"]
        return contracts

    def begin(self, what: str, block: int, **more: str) -> None:
        """Write what is about to be sent and the chain's head before it: by that it is found again after a crash."""
        self.document["sending"] = {"what": what, "block": block, **more}
        self.save()

    def record(self, name: str, entry: Entry) -> None:
        """Write a contract's entry."""
        self._end(name)
        self.contracts[name] = entry
        self.save()

    def set(self, key: str, value: object, made: str = "") -> None:
        """Write a top-level key; `made` is what `begin` was told, where this is what came of it."""
        if self.document.get(key) != value:
            self._end(made)
            self.document[key] = value
            self.save()

    def _end(self, what: str) -> None:
        if self.document.get("sending", {}).get("what") == what:
            del self.document["sending"]

    def clear(self) -> None:
        """Forget all contracts (the local chain was started anew)."""
        self.document = {"chain_id": self.chain_id, "contracts": {}}

    def save(self) -> None:
        """Replace the file at once, so that a reader never sees half of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(self.document), indent=2) + b"\n")
        draft.replace(self.path)
