"""Addresses and hashes as they appear at the edges: checksummed and 0x-hex outside, bytes inside."""

from __future__ import annotations

from functools import lru_cache

from eth_utils.address import is_address, to_checksum_address


@lru_cache(maxsize=10_000)
def checksum(address: bytes | str) -> str:
    """The EIP-55 form of an address."""
    return str(to_checksum_address(address))


def address_bytes(address: str) -> bytes:
    """The 20 bytes of an address; raises ValueError for anything else, wrong checksums included."""
    digits = address[2:]
    mixed = digits not in (digits.lower(), digits.upper())
    if not (address.startswith("0x") and is_address(address)) or (mixed and checksum(address) != address):
        raise ValueError(
            f"{address[:60]!r} is no address: expected 0x and 40 hex digits with a right checksum"
        )
    return bytes.fromhex(address[2:])


def to_hex(value: bytes) -> str:
    """0x-hex of bytes."""
    return "0x" + value.hex()


def from_hex(value: str) -> bytes:
    """Bytes of 0x-hex; raises ValueError."""
    return bytes.fromhex(value.removeprefix("0x"))
