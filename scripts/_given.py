"""What people write on the command line and in files: addresses, times, and text as it is shown to others."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import click
from eth_utils.address import to_checksum_address

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
NO_ADDRESS = "is no address, or has a typing error: write 0x and 40 hex digits."


class DeskError(Exception):
    """What cannot be done as asked; the message says what to do."""


def is_address(text: object) -> bool:
    """0x and 40 hex digits; mixed case has to be the right checksum (EIP-55), which eth_utils' function does not ask."""
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        return False
    return text[2:] in (text[2:].lower(), text[2:].upper()) or text == to_checksum_address(text)


def address_of(text: object, name: str) -> str:
    """With its checksum. Raises DeskError."""
    if not is_address(text):
        raise DeskError(f"{name} {text!r} {NO_ADDRESS}")
    return str(to_checksum_address(str(text)))


class Address(click.ParamType):
    """An option that is an address: what is none is refused before anything is done."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_address(value):
            self.fail(f"{value!r} {NO_ADDRESS}", param, ctx)
        return str(to_checksum_address(value))


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


__all__ = ["Address", "DeskError", "address_of", "is_address", "quoted", "seconds_of", "when", "why"]
