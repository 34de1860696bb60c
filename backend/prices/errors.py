"""Why a contest cannot be committed at its price."""

from __future__ import annotations

from backend.errors import AppError


class CreditsTooLow(AppError):
    """You have fewer credits than this contest costs; `missing` says how many"""

    status = 409


class TierExceeded(AppError):
    """The contest is more than your tier allows; `limits` says which limits"""

    status = 409
