"""Spans by OpenTelemetry's SDK, sent by OTLP over HTTP from a thread of its own.

A collector that is slow or away costs spans and nothing else: they wait in a queue of limited length and are dropped
beyond it. How much is sampled, what the queue holds and the exporter's headers are told by OpenTelemetry's own
variables, such as OTEL_TRACES_SAMPLER.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.tracing.spans import Attributes
from backend.tracing.traceparent import Traceparent, current, within_span
from listener.chain.rpc import RpcPool

LAST_SECONDS = 1.0
"""How long the end of a process waits for its last spans to be taken."""
_KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "internal": SpanKind.INTERNAL}

_open: ContextVar[tuple[trace.Span, ...]] = ContextVar("open spans", default=())
"""What is going on belongs to these: to several where one step works for several requests."""


class _RequestIds(RandomIdGenerator):
    """A trace has the id of its request."""

    def generate_trace_id(self) -> int:
        going_on = current()
        return int(going_on.request_id, 16) if going_on is not None else super().generate_trace_id()


class _Root:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)

    def fail(self, why: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, why))


class ExportingTracer:
    """Makes spans of this process and sends them."""

    def __init__(self, endpoint: str, process: str) -> None:
        # It says each attempt that failed; that a batch was lost is enough.
        logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(logging.ERROR)
        self._exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._processor = BatchSpanProcessor(self._exporter)
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"tombola-{process}", "service.namespace": "tombola"}),
            id_generator=_RequestIds(),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("tombola")

    @contextmanager
    def root(self, name: str, kind: str, attributes: Attributes) -> Iterator[_Root]:
        """The first span here of the request that is going on; it follows from where the request came from."""
        made = self._tracer.start_span(name, _after(current()), _KINDS[kind], attributes)
        with _going_on((made,)), _named(made):
            yield _Root(made)

    @contextmanager
    def child(self, name: str, attributes: Attributes) -> Iterator[None]:
        """A part of each open span."""
        made = tuple(self._children(name, SpanKind.INTERNAL, attributes))
        if not made:
            yield
            return
        with _going_on(made), _named(made[0]):
            yield

    @contextmanager
    def together(self, name: str, parts: Iterable[tuple[str | None, Attributes]]) -> Iterator[None]:
        """A span in the trace of each part that is sampled."""
        made = []
        for stored, attributes in parts:
            origin = Traceparent.read(stored)
            if origin is not None and origin.is_sampled:
                made.append(self._tracer.start_span(name, _after(origin), attributes=attributes))
        with _going_on(tuple(made)):
            yield

    def past(self, name: str, traceparent: str | None, seconds: float, attributes: Attributes) -> None:
        """A span that ends now."""
        origin = Traceparent.read(traceparent)
        if origin is not None and origin.is_sampled:
            began = time.time_ns() - int(seconds * 1e9)
            self._tracer.start_span(name, _after(origin), attributes=attributes, start_time=began).end()

    def watch(self, engine: AsyncEngine, rpc: RpcPool | None) -> None:
        """Statements and calls become spans of what they are made for; those made for nothing do not."""
        event.listen(engine.sync_engine, "before_cursor_execute", self._statement_begins)
        event.listen(engine.sync_engine, "after_cursor_execute", self._statement_ends)
        event.listen(engine.sync_engine, "handle_error", self._statement_fails)
        for provider in () if rpc is None else rpc.providers:
            provider.observers.append(self._asked)

    def end(self) -> None:
        """Send what is left; a collector that is away does not keep the process."""
        last = threading.Thread(target=self._processor.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(LAST_SECONDS)
        if last.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # ends its waiting between attempts

    def _children(
        self, name: str, kind: SpanKind, attributes: Attributes, start_time: int | None = None
    ) -> Iterator[trace.Span]:
        for parent in _open.get():
            if parent.is_recording():
                around = trace.set_span_in_context(parent, Context())
                yield self._tracer.start_span(name, around, kind, attributes, start_time=start_time)

    def _statement_begins(
        self, _db: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if context is not None and _open.get():
            words = {"db.system.name": "postgresql", "db.operation.name": statement.split(None, 1)[0].upper()}
            name = f"postgresql {words['db.operation.name']}"
            context._spans = tuple(self._children(name, SpanKind.CLIENT, words))

    def _statement_ends(
        self, _db: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        for made in getattr(context, "_spans", ()):
            made.end()

    def _statement_fails(self, failed: Any) -> None:
        for made in getattr(failed.execution_context, "_spans", ()):
            made.set_status(Status(StatusCode.ERROR, type(failed.original_exception).__name__))
            made.end()

    def _asked(self, provider: str, method: str, seconds: float) -> None:
        """A request to a provider has ended, with the error that is being raised if there is one."""
        if not _open.get():
            return
        words = {
            "rpc.system": "jsonrpc",
            "rpc.method": method,
            "server.address": urlsplit(provider).hostname or provider,
        }
        failed = sys.exception()
        for made in self._children(method, SpanKind.CLIENT, words, time.time_ns() - int(seconds * 1e9)):
            if failed is not None:
                made.set_status(Status(StatusCode.ERROR, type(failed).__name__))
            made.end()


def _after(origin: Traceparent | None) -> Context:
    """What a span follows from; nothing where it is the first of its trace."""
    if origin is None or not origin.span_id:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if origin.is_sampled else TraceFlags.DEFAULT)
    place = SpanContext(
        int(origin.request_id, 16), int(origin.span_id, 16), is_remote=True, trace_flags=flags
    )
    return trace.set_span_in_context(NonRecordingSpan(place), Context())


@contextmanager
def _going_on(made: tuple[trace.Span, ...]) -> Iterator[None]:
    """Open until the end of the block; an error that ends it is named by its kind, since messages may hold secrets."""
    token = _open.set(made)
    try:
        yield
    except BaseException as error:
        for one in made:
            one.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        _open.reset(token)
        for one in made:
            one.end()


def _named(made: trace.Span) -> Any:
    """Rows that are made meanwhile follow from this span."""
    place = made.get_span_context()
    return within_span(f"{place.span_id:016x}", place.trace_flags.sampled)
