"""Refusals of the ledger."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class FundsTooLow(AppError):
    """The account has less available than this takes"""

    status = 409


class TransferKeyReused(AppError):
    """This key is of another transfer; choose a new one"""

    status = 422


class HoldNotFound(NotFound):
    """There is no hold with this id"""


class HoldEnded(AppError):
    """The hold was posted, voided or has expired already"""

    status = 409


class HoldAmountInvalid(AppError):
    """More than is held, or nothing, cannot be posted"""

    status = 422


class HoldNotDue(AppError):
    """The hold has not expired yet"""

    status = 409


class UserUnknown(NotFound):
    """There is no account with this id"""
