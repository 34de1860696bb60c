"""What can be in the way of an export."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class ExportNotFound(NotFound):
    """There is no export under way: none was asked for, or it was cancelled, retrieved or has expired"""


class ExportPending(AppError):
    """An export is under way already; wait for it or cancel it"""

    status = 409


class ExportNotReady(AppError):
    """The waiting time of the export is not over; `ready_at` says when it will be"""

    status = 409
