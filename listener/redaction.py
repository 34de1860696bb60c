"""The last line of defence of every log: what is known to be secret, or looks like it, is not written.

Nothing secret is meant to reach a logger. But errors quote what they were about: a provider its URL with the key in it,
a driver the row that it could not store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HIDDEN = "(redacted)"
LEAST_LENGTH = 8
"""Shorter ones would be found in ordinary words; a password like that protects nothing."""
_SECRET_WORDS = ("password", "secret", "private", "token_value", "authorization", "cookie", "raw")
# Each begins where a run of its letters begins, or at a word of its own: so that a megabyte of whatever somebody sent
# is looked through once, and not once for each of its letters.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # A URL keeps where it leads: user, path and query often hold a key.
    (re.compile(r"(?i)(?<![a-z0-9+.-])([a-z0-9+.-]*://)[^\s/@'\"]*@"), r"\1"),
    (re.compile(r"(?i)(?<![a-z0-9+.-])([a-z0-9+.-]*://[^\s/?#'\",;)]*)[/?#][^\s'\",;)]+"), r"\1/…"),
    (re.compile(r"(?<![\w-])(?=[\w-]*eyJ)[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),  # a JWT
    (re.compile(r"\b(?:whsec|sk|rk)_[\w+/=-]{8,}"), HIDDEN),  # Stripe's keys, secrets of webhooks
    (re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.+/=~-]{8,}"), HIDDEN),
    (
        re.compile(
            r"(?i)(?<![\w-])[\w-]*(?:password|passwd|secret|token|api_?key)['\"]?\s*[=:]\s*['\"]?[^\s&'\",;]+"
        ),
        HIDDEN,
    ),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),  # an e-mail address
    (re.compile(r"(?<![\w])[0-9a-f]{64}(?![\w])"), HIDDEN),  # a key in hex; hashes are written with 0x
    (re.compile(r"(?m)^[ \t]*DETAIL:.*$"), f"DETAIL: {HIDDEN}"),  # PostgreSQL quotes the row
    (re.compile(r"(?m)input_value=.*?(?=, input_type=|$)"), f"input_value={HIDDEN}"),  # pydantic
)
_PORTS = re.compile(r":([^:,\]]+)(?=,|$)")
_known: set[str] = set()


def secrets_of(url: str) -> list[str]:
    """The parts of a URL that are not for everybody: password, long parts of the path, values of the query. All of it
    where it is no URL: whoever cannot read it quotes it.
    """
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return [url]
    found = [password or "", "" if parts.netloc else url]
    # A password with a / in it ends the host, and is taken for its port.
    found += [port for port in _PORTS.findall(parts.netloc.rpartition("@")[2]) if not port.isdecimal()]
    is_web = parts.scheme.startswith(("http", "ws"))
    if is_web:
        found += [one for one in parts.path.split("/") if len(one) >= 2 * LEAST_LENGTH]
    found += [value for name, value in parse_qsl(parts.query) if is_web or "password" in name]
    return [one for part in found if part for one in {part, unquote(part)}]


def hide(secrets: Iterable[str]) -> None:
    """From now on these texts are not written."""
    _known.update(secret for secret in secrets if len(secret) >= LEAST_LENGTH)


def clean(text: str) -> str:
    """The text without what is secret, or looks like it."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def redact(_logger: Any, _method: str, event: Any) -> Any:
    """A processor of structlog, after all that make text of something."""
    for key, value in event.items():
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = HIDDEN
        elif key != "timestamp":
            event[key] = _cleaned(value)
    return event


def _cleaned(value: Any) -> Any:
    """As it is where it is a number; what is neither number nor text is written as its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {str(name): _cleaned(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(one) for one in value]
    return clean(str(value))
