"""What can be in the way of a copy of one's data."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class DataExportNotFound(NotFound):
    """There is no copy to be had: none was asked for, it is not ready yet, or its time is over"""


class DataExportPending(AppError):
    """A copy is being made already; a mail tells when it is there"""

    status = 409


class DataExportTooOften(AppError):
    """You asked for as many copies as can be made in a day; the last one is still there"""

    status = 429
