"""Structured logs: one JSON object per line on stderr. Nothing secret is ever passed to a logger."""

from __future__ import annotations

import logging
import sys

import structlog

_SECRET_WORDS = ("password", "secret", "private", "token_value", "authorization", "cookie", "raw")


def configure(process: str, level: str = "info") -> None:
    """Set up structlog for this process; standard library loggers end in the same stream."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(message)s", force=True
    )


def _redact(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last line of defence: a key that sounds secret is not written."""
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "(redacted)"
    return event
