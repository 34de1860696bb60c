"""One line per event on stderr: key=value, or JSON with LOG_FORMAT=json. LOG_LEVEL chooses how much."""

import logging
import os
import sys
from types import TracebackType
from typing import Any

import structlog

from listener.redaction import redact


def configure_logs() -> None:
    """Set up structlog for a listener of its own."""
    level = logging.getLevelNamesMapping().get(os.environ.get("LOG_LEVEL", "INFO").upper(), logging.INFO)
    if os.environ.get("LOG_FORMAT") == "json":
        configure("listener", level, structlog.processors.JSONRenderer())
        return
    keys = ["timestamp", "level", "event"]
    configure(None, level, structlog.processors.LogfmtRenderer(key_order=keys, bool_as_flag=False))


def configure(process: str | None, level: int, renderer: structlog.typing.Processor) -> None:
    """Lines of this process, in which it is named unless it is None; what libraries say, and the error that ends the
    process, come in the same form and cleaned alike.
    """

    def named(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return event if process is None else {**event, "process": process}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            named,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[_Forwarding()], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _crashed


class _Forwarding(logging.Handler):
    """What libraries say, as a line of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; a line that cannot be made is told of as the library prefers."""
        try:
            structlog.get_logger().log(
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
