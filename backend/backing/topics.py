"""What a statement on chain is about, in 32 bytes that people can read."""

from __future__ import annotations

NATIVE = bytes(20)
AUDIT = b"audit".ljust(32, b"\0")
_BACKING, _CREDITS = b"backing".ljust(12, b"\0"), b"credits".ljust(12, b"\0")


def backing(token: bytes) -> bytes:
    """What is owed of a token by its address; the zero address is the chain's currency."""
    if len(token) != 20:
        raise ValueError(f"an address has 20 bytes, not {len(token)}")
    return _BACKING + token


def credits_of(currency: str) -> bytes:
    """What is owed of a currency of the ledger."""
    return _CREDITS + currency.encode("ascii").ljust(20, b"\0")


def token_of(topic: bytes) -> bytes | None:
    """The address in a topic that `backing` made; None for any other."""
    return topic[12:] if topic.startswith(_BACKING) and len(topic) == 32 else None


def currency_of(topic: bytes) -> str | None:
    """The currency in a topic that `credits_of` made; None for any other."""
    if not (topic.startswith(_CREDITS) and len(topic) == 32):
        return None
    return topic[12:].rstrip(b"\0").decode("ascii", "replace")
