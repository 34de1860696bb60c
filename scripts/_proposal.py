"""Proposals as files: what is to be done and why, in words of the registry. The file decides the proposal's id.

    {"description": "Raffle fee 2.5 %, from today's meeting",
     "calls": [{"contract": "Raffle", "function": "setFee", "arguments": [250, "Timelock"]},
               {"contract": "Token", "at": "0x…", "function": "transfer", "arguments": ["0x…", "1000"]},
               {"to": "0x…", "value": "1000000000000000000"}]}

Where an address is meant, a contract's name in the registry stands for its address. Amounts are integers of the smallest
unit, large ones as text. `value` is POL that the timelock pays.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from listener.chain.encode import UnknownFunctionError, encode_call, find_function
from listener.chain.events import AbiType, parse_type
from listener.chain.registry import RegisteredContract, Registry
from scripts._given import is_address, quoted

KEYS = {"contract", "at", "function", "arguments", "to", "value"}


class ProposalError(ValueError):
    """A proposal that cannot be read or cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that the timelock is to do."""

    to: str
    value: int
    data: bytes
    told: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What, and why."""

    calls: tuple[Call, ...]
    description: str

    @property
    def what(self) -> tuple[list[str], list[int], list[bytes]]:
        """Targets, values, call data, as the governor takes them."""
        return (
            [call.to for call in self.calls],
            [call.value for call in self.calls],
            [call.data for call in self.calls],
        )

    @property
    def hashed(self) -> tuple[list[str], list[int], list[bytes], bytes]:
        """As queue, execute and cancel take it."""
        return (*self.what, keccak(text=self.description))


def read_proposal(path: Path, registry: Registry) -> Proposal:
    """The proposal of a file. Raises ProposalError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProposalError(f"{path} cannot be read: {error}.") from error
    return parse_proposal(document, registry)


def write_document(path: Path, document: Any) -> None:
    """As JSON, at once: a reader never sees half of it, and a run that is killed leaves what was there."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def parse_proposal(document: Any, registry: Registry) -> Proposal:
    """Check and encode what the file says."""
    if not isinstance(document, dict) or document.keys() != {"description", "calls"}:
        raise ProposalError("A proposal has `description` and `calls`, and nothing else.")
    description, calls = document["description"], document["calls"]
    if not isinstance(description, str) or not description.strip():
        raise ProposalError("`description` must say why; it also tells this proposal from others.")
    if not isinstance(calls, list) or not calls:
        raise ProposalError("`calls` must be a list with at least one call.")
    return Proposal(tuple(_call(call, number, registry) for number, call in enumerate(calls)), description)


def _call(call: Any, number: int, registry: Registry) -> Call:
    try:
        if not isinstance(call, dict) or call.keys() - KEYS:
            raise ProposalError(f"must be an object of {', '.join(sorted(KEYS))}.")
        value = _integer(call.get("value", 0))
        if "contract" not in call:
            return _payment(call, value, registry)
        return _function(call, value, registry)
    except ProposalError as error:
        raise ProposalError(f"Call {number}: {error}") from error


def _payment(call: Mapping[str, Any], value: int, registry: Registry) -> Call:
    if "to" not in call or call.keys() - {"to", "value"} or value == 0:
        raise ProposalError("has neither `contract` and `function` nor `to` and `value`.")
    to = _address(call["to"], registry)
    return Call(to, value, b"", f"{value} wei to {to}")


def _function(call: Mapping[str, Any], value: int, registry: Registry) -> Call:
    name, arguments = call["contract"], call.get("arguments", [])
    if "to" in call or not isinstance(call.get("function"), str) or not isinstance(arguments, list):
        raise ProposalError(
            "a `contract` needs a `function` and a list of `arguments`; `to` is for payments."
        )
    contract = _contract(name, registry)
    to = _address(call.get("at", name), registry)
    try:
        inputs = find_function(contract.abi, call["function"], len(arguments)).get("inputs", ())
        kinds = [parse_type(part["type"], part.get("components") or ()) for part in inputs]
        values = [_value(kind, given, registry) for kind, given in zip(kinds, arguments, strict=True)]
        data = encode_call(contract.abi, call["function"], values)
    except (UnknownFunctionError, EncodingError) as error:
        raise ProposalError(f"{name}: {error}.") from error
    paid = f", with {value} wei" if value else ""
    told = ", ".join(map(quoted, arguments))
    return Call(to, value, data, f"{name}.{call['function'].split('(')[0]}({told}) at {to}{paid}")


def _contract(name: Any, registry: Registry) -> RegisteredContract:
    try:
        return registry.contract(name)
    except LookupError as error:
        raise ProposalError(f"{error}.") from error


def _value(kind: AbiType, given: Any, registry: Registry) -> Any:
    if kind.kind == "address":
        return _address(given, registry)
    if kind.kind in ("uint", "int"):
        return _integer(given)
    if kind.kind in ("bytes", "bytesN"):
        return hex_bytes(given)
    if kind.kind in ("array", "tuple"):
        parts = _parts(kind, given)
        return [_value(part, one, registry) for part, one in zip(parts, given, strict=True)]
    return given


def _parts(kind: AbiType, given: Any) -> Sequence[AbiType]:
    if not isinstance(given, list):
        raise ProposalError(f"{given!r} is no list for {kind.canonical}.")
    parts = kind.items * len(given) if kind.kind == "array" else kind.items
    if len(parts) != len(given):
        raise ProposalError(f"{kind.canonical} needs {len(parts)} values, there are {len(given)}.")
    return parts


def _address(given: Any, registry: Registry) -> str:
    if isinstance(given, str) and is_address(given):
        return to_checksum_address(given)
    contract = registry.contracts.get(given) if isinstance(given, str) else None
    if contract is None or len(contract.addresses) != 1:
        raise ProposalError(f"{given!r} is no address and no contract of the registry with one address.")
    return contract.address


def _integer(given: Any) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, str) and given.removeprefix("-").isascii() and given.removeprefix("-").isdigit():
        return int(given)
    raise ProposalError(f"{given!r} is no integer.")


def hex_bytes(given: Any) -> bytes:
    """Bytes written as hex text. Raises ProposalError."""
    try:
        return bytes.fromhex(given.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise ProposalError(f"{given!r} is no hex text.") from None


__all__ = [
    "Call",
    "Proposal",
    "ProposalError",
    "hex_bytes",
    "parse_proposal",
    "read_proposal",
    "write_document",
]
