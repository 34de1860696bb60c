"""Sign-in messages of EIP-4361: the grammar, read strictly and written.

Source: https://eips.ethereum.org/EIPS/eip-4361, its ABNF. What the grammar leaves open is read narrowly: ASCII only,
LF line ends, EIP-55 addresses, fields once each and in order, no line more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backend.hexes import checksum

LONGEST = 4_096
_HEAD = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<domain>[A-Za-z0-9._~!$&'()*+,;=:@%\[\]-]+)"
    r" wants you to sign in with your Ethereum account:"
)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_STATEMENT = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;= -]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_CHAIN = re.compile(r"0|[1-9][0-9]{0,19}")
_NONCE = re.compile(r"[A-Za-z0-9]{8,}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})")
_REQUEST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*")


class MalformedMessageError(ValueError):
    """The text is no message of EIP-4361; says where and why."""


@dataclass(frozen=True)
class Message:
    """What a message says. `address` is checksummed; times know their zone."""

    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: datetime
    scheme: str | None = None
    statement: str | None = None
    expires_at: datetime | None = None
    not_before: datetime | None = None
    request_id: str | None = None
    resources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The text that is signed."""
        scheme = f"{self.scheme}://" if self.scheme else ""
        lines = [
            f"{scheme}{self.domain} wants you to sign in with your Ethereum account:",
            self.address,
            "",
            *((self.statement, "") if self.statement is not None else ("",)),
            f"URI: {self.uri}",
            "Version: 1",
            f"Chain ID: {self.chain_id}",
            f"Nonce: {self.nonce}",
            f"Issued At: {_written(self.issued_at)}",
        ]
        if self.expires_at is not None:
            lines.append(f"Expiration Time: {_written(self.expires_at)}")
        if self.not_before is not None:
            lines.append(f"Not Before: {_written(self.not_before)}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources:
            lines += ["Resources:", *(f"- {uri}" for uri in self.resources)]
        return "\n".join(lines)


def parse(text: str) -> Message:
    """Read a message; raises MalformedMessageError."""
    if len(text) > LONGEST:
        raise MalformedMessageError(f"the message is longer than {LONGEST} characters")
    for at, sign in enumerate(text):
        if sign != "\n" and not " " <= sign <= "~":
            raise MalformedMessageError(
                f"character {at + 1} is {sign!r}; only printable ASCII and LF may occur"
            )
    lines = _Lines(text.split("\n"))
    head = _HEAD.fullmatch(lines.next("the domain"))
    if head is None:
        raise MalformedMessageError(
            "line 1 must be a domain followed by ' wants you to sign in with your Ethereum account:'"
        )
    address = lines.next("the address")
    if not _ADDRESS.fullmatch(address):
        raise MalformedMessageError("line 2 must be an address: 0x and 40 hex digits")
    if checksum(address) != address:
        raise MalformedMessageError(
            f"the address has no right EIP-55 checksum; did you mean {checksum(address)}?"
        )
    lines.blank()
    statement = lines.statement()
    return Message(
        scheme=head["scheme"],
        domain=head["domain"],
        address=address,
        statement=statement,
        uri=lines.field("URI", _URI),
        chain_id=_version_then_chain(lines),
        nonce=lines.field("Nonce", _NONCE),
        issued_at=_time("Issued At", lines.field("Issued At", _TIME)),
        expires_at=_optional_time(lines, "Expiration Time"),
        not_before=_optional_time(lines, "Not Before"),
        request_id=lines.optional("Request ID", _REQUEST),
        resources=lines.resources(),
    )


class _Lines:
    """The lines, taken one after the other."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def peek(self) -> str | None:
        return self._lines[self._at] if self._at < len(self._lines) else None

    def next(self, what: str) -> str:
        line = self.peek()
        if line is None:
            raise MalformedMessageError(f"the message ends before {what}")
        self._at += 1
        return line

    def blank(self) -> None:
        if self.next("an empty line") != "":
            raise MalformedMessageError(f"line {self._at} must be empty")

    def statement(self) -> str | None:
        """The line between two empty ones, or None where there is only the second."""
        line = self.next("an empty line")
        if line == "":
            return None
        if not _STATEMENT.fullmatch(line):
            raise MalformedMessageError(f"line {self._at}: the statement has characters that it may not have")
        self.blank()
        return line

    def field(self, name: str, form: re.Pattern[str]) -> str:
        """The value of a line `name: value`."""
        line = self.next(f"“{name}: ”")
        value = line.removeprefix(f"{name}: ")
        if value == line:
            raise MalformedMessageError(f"line {self._at} must begin with “{name}: ”")
        if not form.fullmatch(value):
            raise MalformedMessageError(f"line {self._at}: {value[:60]!r} is no {name} of EIP-4361")
        return value

    def optional(self, name: str, form: re.Pattern[str]) -> str | None:
        line = self.peek()
        return self.field(name, form) if line is not None and line.startswith(f"{name}: ") else None

    def resources(self) -> tuple[str, ...]:
        """The rest of the message: a list of URIs, or nothing."""
        found = []
        if self.peek() == "Resources:":
            self._at += 1
            while (line := self.peek()) is not None and line.startswith("- "):
                self._at += 1
                if not _URI.fullmatch(line[2:]):
                    raise MalformedMessageError(f"line {self._at}: a resource must be a URI")
                found.append(line[2:])
        if (line := self.peek()) is not None:
            raise MalformedMessageError(
                f"line {self._at + 1}: {line[:60]!r} is unknown, repeated or out of order"
            )
        return tuple(found)


def _version_then_chain(lines: _Lines) -> int:
    lines.field("Version", re.compile("1"))
    return int(lines.field("Chain ID", _CHAIN))


def _optional_time(lines: _Lines, name: str) -> datetime | None:
    text = lines.optional(name, _TIME)
    return None if text is None else _time(name, text)


def _time(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise MalformedMessageError(f"{name}: {text} is no time that exists") from None


def _written(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
