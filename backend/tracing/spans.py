"""Spans, where a collector is named (OTEL_EXPORTER_OTLP_ENDPOINT); else every call here does nothing, at once.

Values of attributes are ids, names of routes and methods, hashes and numbers: never what a person typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.settings import Settings
from backend.tracing.traceparent import Traceparent, following
from listener.chain.rpc import RpcPool

Value = str | int | float | bool
Attributes = Mapping[str, Value]


class Span(Protocol):
    """A span under way."""

    def rename(self, name: str) -> None:
        """Once it is known what it is about."""

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""

    def fail(self, why: str) -> None:
        """Mark it as failed: a short word, no message of anybody's."""


class Tracer(Protocol):
    """What `exporting` does."""

    def root(self, name: str, kind: str, attributes: Attributes) -> AbstractContextManager[Span]: ...
    def child(self, name: str, attributes: Attributes) -> AbstractContextManager[None]: ...
    def together(
        self, name: str, parts: Iterable[tuple[str | None, Attributes]]
    ) -> AbstractContextManager[None]: ...
    def past(self, name: str, traceparent: str | None, seconds: float, attributes: Attributes) -> None: ...
    def watch(self, engine: AsyncEngine, rpc: RpcPool | None) -> None: ...
    def end(self) -> None: ...


class _NoSpan:
    def rename(self, name: str) -> None: ...
    def note(self, attributes: Attributes) -> None: ...
    def fail(self, why: str) -> None: ...


_NOTHING: AbstractContextManager[None] = nullcontext()
_NO_SPAN: AbstractContextManager[Span] = nullcontext(_NoSpan())
_tracer: Tracer | None = None


@contextmanager
def exported(settings: Settings, process: str) -> Iterator[None]:
    """Inside, spans go to the collector that the settings name."""
    global _tracer
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    from backend.tracing.exporting import ExportingTracer

    _tracer = ExportingTracer(settings.otel_exporter_otlp_endpoint, process)
    try:
        yield
    finally:
        _tracer.end()
        _tracer = None


@contextmanager
def work(name: str, origin: Traceparent, kind: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """What is done for one request, here from its beginning to its end. `kind`: `server`, `consumer`, `internal`."""
    with following(origin), _root(name, kind, attributes or {}) as span:
        yield span


def _root(name: str, kind: str, attributes: Attributes) -> AbstractContextManager[Span]:
    return _NO_SPAN if _tracer is None else _tracer.root(name, kind, attributes)


def span(name: str, **attributes: Value) -> AbstractContextManager[None]:
    """A part of what is going on."""
    return _NOTHING if _tracer is None else _tracer.child(name, attributes)


def together(name: str, parts: Iterable[tuple[str | None, Attributes]]) -> AbstractContextManager[None]:
    """One part of several requests' work that is done in one go: a span in each of their traces.

    `parts`: the traceparent of each, as it was stored, and the attributes of its span.
    """
    return _NOTHING if _tracer is None else _tracer.together(name, parts)


def past(name: str, traceparent: str | None, seconds: float, **attributes: Value) -> None:
    """What lasted for `seconds` until now, such as waiting for the chain."""
    if _tracer is not None:
        _tracer.past(name, traceparent, seconds, attributes)


def watch(engine: AsyncEngine, rpc: RpcPool | None = None) -> None:
    """Make spans of these connections' statements and calls."""
    if _tracer is not None:
        _tracer.watch(engine, rpc)
