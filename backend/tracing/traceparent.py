"""Which request something belongs to, as W3C Trace Context says it: the trace's id is the request's id.

Source: https://www.w3.org/TR/trace-context/#traceparent-header (version 00).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_ID, _NO_SPAN = "0" * 32, "0" * 16


@dataclass(frozen=True)
class Traceparent:
    """`request_id`: 32 hex digits. `span_id`: 16, of the span this follows from; empty where there is none."""

    request_id: str
    span_id: str = ""
    is_sampled: bool = False

    @classmethod
    def new(cls) -> Traceparent:
        """Of a request that nobody has named."""
        return cls(secrets.token_hex(16))

    @classmethod
    def read(cls, text: str | None) -> Traceparent | None:
        """Of a header or a row; None for anything malformed."""
        found = _FORM.fullmatch(text or "")
        if found is None or found[1] == _NO_ID or found[2] == _NO_SPAN:
            return None
        return cls(found[1], found[2], bool(int(found[3], 16) & 1))

    @classmethod
    def of_request_id(cls, text: str | None) -> Traceparent | None:
        """Of an X-Request-Id: 32 hex digits or a UUID; None for anything else."""
        found = _ID.fullmatch((text or "").lower())
        digits = found[0].replace("-", "") if found else _NO_ID
        return None if digits == _NO_ID else cls(digits)

    def __str__(self) -> str:
        # Whoever passes a trace on without spans of its own names itself by a number nobody else has.
        return f"00-{self.request_id}-{self.span_id or secrets.token_hex(8)}-{self.is_sampled:02x}"


_current: ContextVar[Traceparent | None] = ContextVar("traceparent", default=None)


def current() -> Traceparent | None:
    """Of what is going on; None outside of any request or job."""
    return _current.get()


def to_store() -> str:
    """For a row that is made now: what is done for it later belongs to the same request."""
    return str(_current.get() or Traceparent.new())


def request_id_of(stored: str | None) -> str | None:
    """The request's id in a row's traceparent, for a log line."""
    found = Traceparent.read(stored)
    return None if found is None else found.request_id


@contextmanager
def following(origin: Traceparent) -> Iterator[None]:
    """Inside, log lines bear the request's id, and rows that are made belong to it."""
    token = _current.set(origin)
    try:
        with bound_contextvars(request_id=origin.request_id):
            yield
    finally:
        _current.reset(token)


@contextmanager
def within_span(span_id: str, is_sampled: bool) -> Iterator[None]:
    """Inside, rows that are made follow from this span."""
    around = _current.get() or Traceparent.new()
    token = _current.set(Traceparent(around.request_id, span_id, is_sampled))
    try:
        yield
    finally:
        _current.reset(token)
