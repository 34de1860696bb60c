"""Asking a service that verifies sources: within limits of time and size, again where it is busy, its words made safe to print.

What `_verifying` does with one it does by `Explorer`; `_sourcify` and `_etherscan` speak their protocols.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from scripts._sources import Source

TRIES = 6
"""With the pauses between them, some half a minute."""
LONGEST_PAUSE, ANSWER_SECONDS = 60.0, 60.0
MOST_BYTES = 8_000_000
MOST_LETTERS = 200
LOCAL = ("127.0.0.1", "localhost", "::1")

# It would log addresses with the key in them.
logging.getLogger("httpx").setLevel(logging.WARNING)

Pause = Callable[[float], None]


class ExplorerError(Exception):
    """A service that cannot be used now: it does not answer, or not in its protocol, or knows neither chain nor key."""


class RefusedError(Exception):
    """The service does not accept one contract; the message is its own."""


@dataclass(frozen=True)
class Submission:
    """A contract with its source. `arguments` of its constructor, encoded; `transaction` that made it, None where another
    contract did."""

    chain_id: int
    address: str
    source: Source
    arguments: bytes
    transaction: str | None


class Explorer(Protocol):
    """One service."""

    name: str

    def has(self, chain_id: int, address: str) -> bool:
        """Whether the source is there, as exact as the service takes it. Raises ExplorerError."""

    def submit(self, it: Submission) -> str:
        """A ticket by which `outcome` asks. Raises RefusedError, ExplorerError."""

    def outcome(self, it: Submission, ticket: str) -> str | None:
        """What was found, in a word; None while it is being looked at. Raises RefusedError, ExplorerError."""

    def link(self, chain_id: int, proxy: str, implementation: str) -> str | None:
        """A ticket of telling what stands behind a proxy; None where that is known, or found by the service itself."""

    def linked(self, chain_id: int, ticket: str) -> bool:
        """False while it is being looked at. Raises RefusedError, ExplorerError."""


@dataclass(frozen=True)
class Answer:
    """`body` {} where it was no JSON object."""

    status: int
    body: dict[str, Any]
    raw: bytes
    retry_after: str = ""

    @property
    def is_busy(self) -> bool:
        return self.status == 429 or self.status >= 500


class Service:
    """One address over HTTP. `secret` never leaves in a message; `pause` waits so many seconds."""

    def __init__(self, name: str, url: str, *, secret: str = "", pause: Pause = time.sleep) -> None:
        parts = urlsplit(url)
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        ):
            raise ExplorerError(f"{url!r} is no address of {name}: it has to begin with https://.")
        self.name = name
        self.pause = pause
        self._url = url.rstrip("/")
        self._secret = secret
        self._client = httpx.Client(timeout=httpx.Timeout(30, connect=10))

    def ask(
        self,
        method: str,
        path: str = "",
        *,
        busy: Callable[[Answer], bool] = lambda answer: answer.is_busy,
        **content: Any,
    ) -> Answer:
        """Its answer, an object of JSON, once it is not busy. Raises ExplorerError."""
        told = ""
        for attempt in range(TRIES):
            wait = float(2**attempt)
            try:
                answer = self._once(method, path, content)
                if not busy(answer):
                    return self._readable(answer)
                told = self.words(answer.body.get("result") or answer.body.get("message") or "")
                told = f"HTTP {answer.status}{f', {told}' * bool(told)}"
                wait = _seconds(answer.retry_after, wait)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                told = f"{type(error).__name__}{f', {error}' * bool(str(error))}"
            if attempt < TRIES - 1:
                self.pause(wait)
        raise ExplorerError(
            f"{self.name} does not serve {self._url} ({self.words(told)}), asked {TRIES} times."
        )

    def _once(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        until, raw = time.monotonic() + ANSWER_SECONDS, bytearray()
        with self._client.stream(method, self._url + path, **content) as answer:
            for part in answer.iter_bytes():
                raw += part
                if len(raw) > MOST_BYTES:
                    raise ExplorerError(f"{self.name} answers more than {MOST_BYTES} bytes.")
                if time.monotonic() > until:
                    raise httpx.ReadTimeout(f"not all said within {ANSWER_SECONDS:.0f} s")
            body = _object(bytes(raw))
            return Answer(answer.status_code, body, bytes(raw), answer.headers.get("retry-after", ""))

    def _readable(self, answer: Answer) -> Answer:
        if not answer.body:
            raise self.nonsense(answer)
        return answer

    def nonsense(self, answer: Answer) -> ExplorerError:
        """For what is not in the protocol."""
        said = self.words(answer.raw.decode(errors="replace"))
        return ExplorerError(f"{self.name} answers what is not understood: HTTP {answer.status}, {said!r}.")

    def words(self, text: object) -> str:
        """What a service says, fit for a terminal: one short line without signs that steer it, and without our secret."""
        line = " ".join(str(text).split())
        if self._secret:
            line = line.replace(self._secret, "…")
        line = "".join(letter for letter in line if letter.isprintable())
        return line if len(line) <= MOST_LETTERS else line[:MOST_LETTERS] + "…"


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(told: str, otherwise: float) -> float:
    return min(float(told), LONGEST_PAUSE) if told.isascii() and told.isdigit() else otherwise


__all__ = ["Answer", "Explorer", "ExplorerError", "Pause", "RefusedError", "Service", "Submission"]
