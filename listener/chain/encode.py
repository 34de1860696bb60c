"""Function calls: encode arguments and decode results by a JSON ABI."""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak

from listener.chain.events import parse_type


class UnreadableError(ValueError):
    """Bytes of a contract that are not what the ABI says."""


class UnknownFunctionError(LookupError):
    """The ABI has no such function, or several with this number of arguments."""


def find_function(
    abi: Sequence[Mapping[str, Any]], name: str, arguments: int | None = None
) -> Mapping[str, Any]:
    """Find a function by `name` or by signature such as `mint(address,uint256)`."""
    found = [
        entry
        for entry in abi
        if entry.get("type") == "function"
        and (signature_of(entry) == name if "(" in name else entry.get("name") == name)
        and (arguments is None or len(entry.get("inputs", ())) == arguments)
    ]
    if len(found) != 1:
        problem = "is not in the ABI" if not found else "is overloaded: give its full signature"
        raise UnknownFunctionError(f"function {name!r} {problem}")
    return found[0]


def signature_of(entry: Mapping[str, Any]) -> str:
    """Canonical signature of a function, error or event of an ABI."""
    return f"{entry['name']}({','.join(_types(entry.get('inputs', ())))})"


def selector_of(entry: Mapping[str, Any]) -> bytes:
    """First four bytes of call data of a function, or of a custom error."""
    return keccak(signature_of(entry).encode())[:4]


def encode_call(abi: Sequence[Mapping[str, Any]], name: str, arguments: Sequence[Any] = ()) -> bytes:
    """Call data of function `name` with `arguments` (tuples as sequences in the order of the ABI)."""
    entry = find_function(abi, name, len(arguments))
    return selector_of(entry) + encode(_types(entry.get("inputs", ())), list(arguments))


def decode_result(abi: Sequence[Mapping[str, Any]], name: str, data: bytes) -> tuple[Any, ...]:
    """Values a call of function `name` returned. Raises UnreadableError: at that address may be anything."""
    outputs = find_function(abi, name).get("outputs", ())
    try:
        return tuple(decode(_types(outputs), data))
    except (DecodingError, ValueError, OverflowError) as error:
        raise UnreadableError(f"what {name} answered cannot be read") from error


def decode_error(abi: Sequence[Mapping[str, Any]], data: bytes) -> tuple[str, dict[str, Any]] | None:
    """Name and arguments of the custom error (or `Error`/`Panic`) in revert data; None when the ABI does not
    know it.

    Raises UnreadableError: whoever wrote the contract chose these bytes.
    """
    builtin = [
        {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
        {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
    ]
    for entry in [*abi, *builtin]:
        if entry.get("type") == "error" and selector_of(entry) == data[:4]:
            names = [argument["name"] for argument in entry.get("inputs", ())]
            try:
                values = decode(_types(entry.get("inputs", ())), data[4:])
            except (DecodingError, ValueError, OverflowError) as error:
                raise UnreadableError(f"the arguments of {entry['name']} cannot be read") from error
            return entry["name"], dict(zip(names, values, strict=True))
    return None


def _types(arguments: Sequence[Mapping[str, Any]]) -> list[str]:
    return [parse_type(a["type"], a.get("components") or ()).canonical for a in arguments]
