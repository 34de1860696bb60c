"""What people write on the command line and in files: addresses, times, and text as it is shown to others."""

import json
from datetime import UTC, datetime

from eth_utils.address import is_address, to_checksum_address


class DeskError(Exception):
    """What cannot be done as asked; the message says what to do."""


def address_of(text: object, name: str) -> str:
    """With its checksum. Raises DeskError."""
    if not isinstance(text, str) or not is_address(text):
        raise DeskError(f"{name} {text!r} is no address, or has a typing error: write 0x and 40 hex digits.")
    return str(to_checksum_address(text))


def seconds_of(text: str, name: str) -> int:
    """Unix seconds, given as such or as a time with its zone. Raises DeskError."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise DeskError(
            f"{name} {text!r} is no time: write Unix seconds, or a time with its zone such as "
            "2027-01-01T00:00:00+00:00."
        )
    return int(time.timestamp())


def when(seconds: int) -> str:
    """Unix seconds as people read them."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def quoted(value: object) -> str:
    """As JSON in one line; signs that steer a terminal, or turn round what is written, are told by their numbers."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def why(description: str) -> str:
    """A description in one line: it cannot look like a line of the script's own."""
    return f"why         {quoted(' '.join(description.split()))}"


__all__ = ["DeskError", "address_of", "quoted", "seconds_of", "when", "why"]
