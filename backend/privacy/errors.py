"""What can be in the way of an erasure."""

from __future__ import annotations

from collections.abc import Sequence

from backend.errors import AppError, NotFound
from backend.privacy.obstacles import Obstacle


class ErasureNotFound(NotFound):
    """No erasure of your account was asked for, or it was withdrawn"""


class ErasurePending(AppError):
    """An erasure was asked for already; wait for it or withdraw it"""

    status = 409


class ErasureRefused(AppError):
    """Something has to be settled first; `obstacles` says what, and what to do"""

    status = 409

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(
            " ".join(one.detail for one in obstacles), obstacles=[one.stored() for one in obstacles]
        )
