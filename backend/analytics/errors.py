"""What can be wrong with a question about figures."""

from __future__ import annotations

from backend.errors import AppError


class RangeRefused(AppError):
    """The range ends before it begins, or has more hours or days than one answer holds"""

    status = 422


class MetricUnknown(AppError):
    """There is no such figure here; the sentence says which there are"""

    status = 422
