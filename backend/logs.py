"""Structured logs: one JSON object per line on stderr. Nothing secret is ever passed to a logger."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from types import TracebackType

import structlog

from listener.redaction import hide, redact


def configure(process: str, level: str = "info", secrets: Iterable[str] = ()) -> None:
    """Set up structlog for this process; standard library loggers end in the same stream, in the same form.

    `secrets` are never written, whatever quotes them.
    """
    hide(secrets)
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[_Forwarding(process)], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _crashed


class _Forwarding(logging.Handler):
    """What libraries say, as a line of ours."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._log = structlog.get_logger().bind(process=process)  # their threads do not know it

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; a line that cannot be made is told of as the library prefers."""
        try:
            self._log.log(
                record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None
            )
        except Exception:
            self.handleError(record)


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own words would hold whatever the error quotes."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger().critical("crashed", exc_info=(kind, error, trace))
