"""Structured logs: one JSON object per line on stderr. Nothing secret is ever passed to a logger."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import structlog

from listener.logs import configure as configure_process
from listener.redaction import hide


def configure(process: str, level: str = "info", secrets: Iterable[str] = ()) -> None:
    """Set up structlog for this process. `secrets` are never written, whatever quotes them."""
    hide(secrets)
    number = logging.getLevelNamesMapping()[level.upper()]
    configure_process(process, number, structlog.processors.JSONRenderer())
