"""The deployed contracts of the registry file: addresses, call data, and errors in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from backend.hexes import from_hex
from listener.chain.encode import UnreadableError, decode_error, decode_result, encode_call
from listener.chain.registry import Registry

LONGEST_TEXT = 500
_LONGEST_DATA = 16 * 1024  # longer revert data is not decoded: no honest error is that long

ERC20: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": name,
        "inputs": [{"name": "", "type": kind} for kind in inputs],
        "outputs": [{"name": "", "type": kind} for kind in outputs],
    }
    for name, inputs, outputs in (
        ("transfer", ("address", "uint256"), ("bool",)),
        ("approve", ("address", "uint256"), ("bool",)),
        ("balanceOf", ("address",), ("uint256",)),
        ("allowance", ("address", "address"), ("uint256",)),
        ("symbol", (), ("string",)),
        ("decimals", (), ("uint8",)),
    )
]


class Contracts:
    """Encodes calls to registered contracts and decodes what they refuse."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.chain_id = registry.chain_id
        self._errors = [
            entry
            for contract in registry.contracts.values()
            for entry in contract.abi
            if entry.get("type") == "error"
        ]

    def address(self, name: str) -> str:
        """Checksummed address of a contract with one address; raises LookupError."""
        return self.registry.contract(name).address

    def encode(self, name: str, function: str, arguments: Sequence[Any] = ()) -> bytes:
        """Call data of a registered contract's function."""
        return encode_call(self.registry.contract(name).abi, function, arguments)

    def decode(self, name: str, function: str, data: bytes) -> tuple[Any, ...]:
        """What a registered contract's function returned."""
        return decode_result(self.registry.contract(name).abi, function, data)

    def explain(self, revert_data: str | bytes | None) -> tuple[str, str] | None:
        """(stable code, sentence) of revert data; None when no registered contract declares the error or its
        bytes are no error at all.

        Never raises: any contract may have chosen the bytes.
        """
        try:
            data = from_hex(revert_data) if isinstance(revert_data, str) else revert_data
            if not data or not 4 <= len(data) <= _LONGEST_DATA:
                return None
            found = decode_error(self._errors, data)
        except (UnreadableError, ValueError):
            return None
        if found is None:
            return None
        name, arguments = found
        if name == "Error":
            return "contract_refused", tame(f"The contract refused: {arguments['message']}")
        shown = ", ".join(f"{key}={_show(value)}" for key, value in arguments.items())
        return name, tame(f"The contract refused: {name}({shown})")


def arguments_of(code: str, sentence: str) -> list[str]:
    """The values of a contract's error, in its order, out of the sentence of `explain`; none of a sentence that was
    cut or is not of this error."""
    found = re.fullmatch(rf"The contract refused: {re.escape(code)}\((.*)\)", sentence)
    if found is None or not found[1]:
        return []
    return [one.partition("=")[2] for one in re.split(r", (?=\w+=)", found[1])]


def tame(words: str, most: int = LONGEST_TEXT) -> str:
    """Words of a stranger, fit to be stored and shown: one line of printable characters, not too long."""
    shown = "".join(c if c.isprintable() else " " for c in words[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _show(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
