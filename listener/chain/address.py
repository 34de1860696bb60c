"""Addresses in their checksummed spelling (EIP-55)."""

from eth_hash.auto import keccak


def checksummed(address: str | bytes) -> str:
    """`0x…` with the checksum in its capital letters, from 20 bytes or 40 hex digits after 0x."""
    digits = address.hex() if isinstance(address, bytes) else address[2:].lower()
    if len(digits) != 40 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError(f"{address!r:.80} is no address")
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) > 7 else digit for digit, mark in zip(digits, marks, strict=False)
    )
