"""What can be wrong with a second factor, each with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from backend.errors import AppError, NotFound
from backend.factors.ways import Way


class ProofWrong(AppError):
    """The code or passkey does not prove who you are: wrong, used before, or from another site"""

    status = 403
    keep_changes = True


class CodesThrottled(AppError):
    """Too many wrong codes: this way rests for a while, `ways` still work; Retry-After says for how long"""

    status = 429

    def __init__(self, seconds: int, ways: Sequence[Way]) -> None:
        others = f"Use {' or '.join(ways)} now, or wait" if ways else "Wait"
        super().__init__(
            f"Too many wrong codes for this account. {others} {seconds} seconds for the next code.",
            headers={"Retry-After": str(seconds)},
            ways=list(ways),
            seconds=seconds,
        )


class TotpExists(AppError):
    """An authenticator app is set up already; remove it before you set up another"""

    status = 409


class EnrolmentMissing(AppError):
    """No authenticator app is being set up, or that took too long; begin again"""

    status = 409


class CodeWrong(AppError):
    """The code is not the one the authenticator app shows now; check the clock of its device"""

    status = 403


class PasskeyExists(AppError):
    """This passkey is registered already"""

    status = 409


class TooManyPasskeys(AppError):
    """The account has as many passkeys as it may; remove one first"""

    status = 409


class PasskeyRefused(AppError):
    """The authenticator's answer cannot be accepted; begin again"""

    status = 403
    keep_changes = True


class FactorNotFound(NotFound):
    """No such factor of yours"""


class NoSecondFactor(AppError):
    """The account has no second factor, so recovery codes would protect nothing; set one up first"""

    status = 409
