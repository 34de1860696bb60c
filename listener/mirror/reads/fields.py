"""Field types of the read models: how a database value becomes what readers see."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from sqlmodel import Field, SQLModel

LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second ISO 8601 writes with four digits
ZERO_ADDRESS = bytes(20)


class Read(SQLModel):
    """Base of the read models: made from rows by name, never written."""


class Mirrored(Read):
    """What was read from facts; knows how new they are."""

    last_block: int = Field(exclude=True, description="Block of the newest fact in it")


def checksummed(value: Any) -> Any:
    """20 bytes → checksummed address; other values pass."""
    return _checksum(value) if isinstance(value, bytes) else value


@lru_cache(maxsize=16_384)
def _checksum(raw: bytes) -> str:
    """Hashing an address takes longer than reading its row, and a page names the same ones again and again."""
    return str(to_checksum_address(raw))


def checksummed_or_none(value: Any) -> Any:
    """As `checksummed`; the zero address, which stands for the chain's own currency, becomes None."""
    return None if value in (None, ZERO_ADDRESS) else checksummed(value)


def hexed(value: Any) -> Any:
    """bytes → 0x-hex; other values pass."""
    return "0x" + value.hex() if isinstance(value, bytes) else value


def unscaled(value: Any) -> Any:
    """numeric(78, 0) → int; other values pass."""
    return int(value) if isinstance(value, Decimal) else value


def utc(value: Any) -> Any:
    """Unix seconds of a chain, any uint64 → UTC time. What lies beyond year 9999 shows as its last second."""
    if isinstance(value, (int, Decimal)):
        return datetime.fromtimestamp(min(int(value), LAST_SECOND), UTC)
    return value


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Address = Annotated[
    str,
    BeforeValidator(checksummed),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^0x[0-9a-fA-F]{40}$",
            "description": "Checksummed address",
            "examples": ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"],
        }
    ),
]
OptionalAddress = Annotated[Address | None, BeforeValidator(checksummed_or_none)]
Hash = Annotated[
    str,
    BeforeValidator(hexed),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^0x[0-9a-f]*$",
            "description": "Bytes as 0x-hex",
            "examples": ["0x5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2"],
        }
    ),
]
Uint = Annotated[
    int,
    BeforeValidator(unscaled),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "Decimal string",
            "examples": ["1000000000000000000"],
        }
    ),
]
Word = Annotated[
    str,
    BeforeValidator(lambda value: f"0x{int(value):064x}" if isinstance(value, (int, Decimal)) else value),
    WithJsonSchema(
        {"type": "string", "pattern": "^0x[0-9a-f]{64}$", "description": "uint256 as 32 bytes in 0x-hex"}
    ),
]
Count = Annotated[int, BeforeValidator(unscaled)]
Time = Annotated[
    datetime,
    BeforeValidator(utc),
    PlainSerializer(_iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T12:00:00Z"]}),
]
