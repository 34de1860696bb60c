"""keccak-256 and the few ABI words the draw needs, without a general encoder."""

from collections.abc import Callable

try:  # A C extension that costs 1 µs per hash instead of 7.
    from eth_hash.backends.pysha3 import keccak256 as _keccak256
except ImportError:
    from eth_hash.backends.pycryptodome import keccak256 as _keccak256

keccak: Callable[[bytes], bytes] = _keccak256

ZERO32 = bytes(32)


def word(value: int) -> bytes:
    """An unsigned integer as one ABI word. Raises OverflowError when it is negative or above 2²⁵⁶ − 1."""
    return value.to_bytes(32, "big")


def address_word(address: str) -> bytes:
    """An address as one ABI word."""
    raw = bytes.fromhex(address.removeprefix("0x"))
    if len(raw) != 20:
        raise ValueError(f"{address!r} is not an address: it has {len(raw)} bytes instead of 20.")
    return raw.rjust(32, b"\0")


def bytes32(value: bytes, name: str) -> bytes:
    """`value` itself when it has 32 bytes; `name` says what it is in the error."""
    if len(value) != 32:
        raise ValueError(f"{name} has {len(value)} bytes instead of 32.")
    return value
