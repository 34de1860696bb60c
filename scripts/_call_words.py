"""Calls as bytes, told in the words of the registry's contracts."""

from collections.abc import Iterator
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.address import to_checksum_address

from listener.chain.encode import selector_of
from listener.chain.events import AbiType, parse_type
from listener.chain.registry import RegisteredContract, Registry
from scripts._given import quoted
from scripts._proposal import Call

UNKNOWN = RegisteredContract("a contract", ())


def interface_at(registry: Registry, call: Call) -> RegisteredContract:
    """The contract that stands there; of one that the registry has no address of, one that has such a function."""
    for contract in registry.contracts.values():
        if call.to in contract.addresses:
            return contract
    for contract in registry.contracts.values():
        if not contract.addresses and any(_functions(contract, call.data)):
            return contract
    return UNKNOWN


def tell_call(registry: Registry, call: Call) -> str:
    """`Vesting.pauseUntil(1790000000) at 0x…`. Bytes that are not exactly what the arguments give stay bytes: whoever wrote
    them chose them, and what is not shown must not be hidden.
    """
    paid = f", with {call.value} wei" if call.value else ""
    if not call.data:
        return f"{call.value} wei to {call.to}"
    contract = interface_at(registry, call)
    stranger = "" if call.to in contract.addresses else ", which the registry does not know"
    for entry in _functions(contract, call.data):
        kinds = [parse_type(one["type"], one.get("components") or ()) for one in entry["inputs"]]
        names = [kind.canonical for kind in kinds]
        try:
            values = decode(names, call.data[4:])
            if encode(names, values) == call.data[4:]:
                told = ", ".join(_text(kind, value) for kind, value in zip(kinds, values, strict=True))
                return f"{contract.name}.{entry['name']}({told}) at {call.to}{stranger}{paid}"
        except (DecodingError, EncodingError, ValueError, OverflowError):
            pass
    return f"0x{call.data.hex()}, which cannot be read, to {contract.name} at {call.to}{stranger}{paid}"


def _functions(contract: RegisteredContract, data: bytes) -> Iterator[Any]:
    for entry in contract.abi:
        if entry.get("type") == "function" and selector_of(entry) == data[:4]:
            yield entry


def _text(kind: AbiType, value: Any) -> str:
    if kind.kind == "array":
        return f"[{', '.join(_text(kind.items[0], one) for one in value)}]"
    if kind.kind == "tuple":
        return f"({', '.join(_text(item, one) for item, one in zip(kind.items, value, strict=True))})"
    if kind.kind == "address":
        return to_checksum_address(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return quoted(value)


__all__ = ["interface_at", "tell_call"]
