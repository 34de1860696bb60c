"""What a proposal's calls do, in the words of the contracts' interfaces."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from backend.contracts import ERC20, Contracts
from backend.governance.schemas import ArgumentOut
from backend.hexes import checksum, to_hex
from listener.chain.encode import selector_of, signature_of
from listener.chain.events import AbiType, parse_type

TOKEN = "Token"  # noqa: S105 - the registry's name of a contract
SELECTOR = 4


@dataclass(frozen=True)
class Interface:
    """A contract by the registry's name; None for one that is not known, of which only ERC-20 is tried."""

    name: str | None
    abi: Sequence[Mapping[str, Any]]


def interface_at(contracts: Contracts, target: str, is_token: bool) -> Interface:
    """Which contract stands at an address; `is_token` of those that the factory made."""
    for name, contract in contracts.registry.contracts.items():
        if target in contract.addresses or (is_token and name == TOKEN):
            return Interface(name, contract.abi)
    return Interface(None, ERC20)


def read_call(abi: Sequence[Mapping[str, Any]], data: bytes) -> tuple[str, list[ArgumentOut]] | None:
    """(signature, arguments) of call data; None where the interface has no such function, or the bytes are not
    exactly what its arguments give: whoever proposes chose them, and what is not shown must not be hidden.
    """
    for entry in abi:
        if entry.get("type") != "function" or selector_of(entry) != data[:SELECTOR]:
            continue
        inputs = entry.get("inputs", ())
        types = [parse_type(one["type"], one.get("components") or ()) for one in inputs]
        names = [one.canonical for one in types]
        try:
            values = decode(names, data[SELECTOR:])
            if encode(names, values) != data[SELECTOR:]:
                return None
        except (DecodingError, EncodingError, ValueError, OverflowError):
            return None
        shown = [
            ArgumentOut(name=one.get("name") or "", type=kind.canonical, value=_text(kind, value))
            for one, kind, value in zip(inputs, types, values, strict=True)
        ]
        return signature_of(entry), shown
    return None


def _text(kind: AbiType, value: Any) -> str:
    found = _plain(kind, value)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _plain(kind: AbiType, value: Any) -> Any:
    """As JSON has it: numbers decimal, bytes in hex, addresses checksummed; lists and structs as lists."""
    if kind.kind == "array":
        return [_plain(kind.items[0], one) for one in value]
    if kind.kind == "tuple":
        return [_plain(item, one) for item, one in zip(kind.items, value, strict=True)]
    if kind.kind == "address":
        return checksum(value)
    if kind.kind == "bool":
        return "true" if value else "false"
    return to_hex(value) if isinstance(value, bytes) else str(value)
