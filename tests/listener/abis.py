"""ABIs for the tests and encoding of their events with eth_abi, independent of the listener's own code."""

from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

FACTORY = "0x" + "fa" * 20
RAFFLE = "0x" + "a1" * 20


def event(name: str, *arguments: tuple[str, str] | tuple[str, str, bool]) -> dict[str, Any]:
    """An ABI entry; an argument is (type, name) or (type, name, indexed)."""
    inputs = [{"type": a[0], "name": a[1], "indexed": len(a) == 3 and bool(a[2])} for a in arguments]
    return {"type": "event", "name": name, "anonymous": False, "inputs": inputs}


TRANSFER = event("Transfer", ("address", "from", True), ("address", "to", True), ("uint256", "value"))
NAMED = event("Named", ("uint40", "id", True), ("string", "label"))
PICKED = event("Picked", ("uint256", "id", True), ("uint256[]", "ranks"))
CREATED = event("TokenCreated", ("address", "token", True), ("string", "name"))

REGISTRY = {
    "chain_id": 31337,
    "contracts": {
        "Raffle": {"address": RAFFLE, "first_block": 0, "abi": [NAMED, PICKED]},
        "TokenFactory": {"address": FACTORY, "first_block": 0, "abi": [CREATED]},
        "Token": {
            "abi": [TRANSFER],
            "created_by": {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"},
        },
    },
}


def signature(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(argument['type'] for argument in entry['inputs'])})"


def encode_event(entry: dict[str, Any], *values: Any) -> dict[str, Any]:
    """Topics and data of an event with these values; only value types may be indexed."""
    topics, types, rest = [keccak(signature(entry).encode())], [], []
    for argument, value in zip(entry["inputs"], values, strict=True):
        if argument["indexed"]:
            topics.append(encode([argument["type"]], [value]))
        else:
            types.append(argument["type"])
            rest.append(value)
    return {"topics": ["0x" + topic.hex() for topic in topics], "data": "0x" + encode(types, rest).hex()}


def log(address: str, entry: dict[str, Any], *values: Any) -> dict[str, Any]:
    """A log as the fake chain keeps it."""
    return {"address": address.lower(), **encode_event(entry, *values)}
