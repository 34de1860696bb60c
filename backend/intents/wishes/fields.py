"""Types of the fields of wishes. Whatever passes them fits the contracts' own types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from backend.hexes import address_bytes, checksum

UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1
UINT96_MAX = 2**96 - 1
UINT256_MAX = 2**256 - 1
MOST_AT_ONCE = 100
"""Payments or grants in one transaction: up to 2.7 million gas."""
NOBODY = "0x" + "00" * 20
_LAST_TIME = datetime(2500, 1, 1, tzinfo=UTC)
_FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def _between(low: int, high: int) -> AfterValidator:
    def check(text: str) -> str:
        if not low <= int(text) <= high:
            raise ValueError(f"must be between {low} and {high}")
        return text

    return AfterValidator(check)


def _address(text: str) -> str:
    return checksum(address_bytes(text))


def _text_only(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("must be a time as text")
    return value


def _known_time(value: datetime) -> datetime:
    if not _FIRST_TIME <= value <= _LAST_TIME:
        raise ValueError("must be between the years 1970 and 2500")
    return value


_DIGITS = StringConstraints(pattern=r"^(0|[1-9][0-9]*)$", max_length=78)
Count = Annotated[
    str, _DIGITS, _between(1, UINT64_MAX), Field(description="1 to 2^64 - 1, decimal", examples=["3"])
]
CountOrNone = Annotated[
    str, _DIGITS, _between(0, UINT64_MAX), Field(description="0 (any number) to 2^64 - 1, decimal")
]
Rank = Annotated[
    int,
    Field(strict=True, ge=0, le=UINT32_MAX, description="0 to 2^32 - 1, as the reads give it", examples=[0]),
]
EntryIndex = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=UINT32_MAX,
        description="Number of an entry of the raffle, 0 to 2^32 - 1, as the reads give it",
        examples=[4],
    ),
]
Seconds = Annotated[int, Field(strict=True, ge=0, le=UINT32_MAX, description="0 to 2^32 - 1")]
BasisPoints = Annotated[
    int, Field(strict=True, ge=0, le=10_000, description="Hundredths of a percent, 0 to 10000")
]
Id = Annotated[
    str, _DIGITS, _between(0, UINT256_MAX), Field(description="0 to 2^256 - 1, decimal", examples=["1"])
]
Amount = Annotated[
    str,
    _DIGITS,
    _between(1, UINT256_MAX),
    Field(description="Smallest unit, 1 to 2^256 - 1, decimal", examples=["1000000000000000000"]),
]
AmountOrNone = Annotated[
    str, _DIGITS, _between(0, UINT256_MAX), Field(description="Smallest unit, 0 to 2^256 - 1, decimal")
]
Amount96 = Annotated[
    str, _DIGITS, _between(1, UINT96_MAX), Field(description="Smallest unit, 1 to 2^96 - 1, decimal")
]
Node = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]
"""32 bytes."""
Line = StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$")
"""Text of one line."""
Text = StringConstraints(pattern=r"^[^\x00]*$")
"""Text that the database can keep."""
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_text_only),
    AfterValidator(_known_time),
    Field(description="With its zone; parts of a second are cut off", examples=["2030-01-01T12:00:00Z"]),
]
Address = Annotated[
    str,
    StringConstraints(max_length=42),
    AfterValidator(_address),
    Field(
        description="0x-address; checksummed on output",
        examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
    ),
]


def unix(time: datetime) -> int:
    """Whole seconds, as contracts count."""
    return int(time.timestamp())
