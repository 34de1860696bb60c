"""What can be wrong with asking who counts."""

from __future__ import annotations

from backend.errors import AppError


class EntriesNotFixed(AppError):
    """The contest has no list of entries of ours: it is not committed, or its list is the file that was uploaded"""

    status = 409


class EvaluationBusy(AppError):
    """Filters of other contests are being evaluated right now; try again shortly"""

    status = 503
