"""What can be wrong with a contest, each with what to do."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class ContestNotFound(NotFound):
    """No contest with this id that you may see"""


class UploadMalformed(AppError):
    """The request is no multipart form with one file"""

    status = 400


class FileTooLarge(AppError):
    """The file is larger than this service reads; split it or leave out columns"""

    status = 413


class ListUnusable(AppError):
    """The file cannot be read as a list of accounts; `reason` says why, stably"""

    status = 422


class TooFewEntries(AppError):
    """The list has fewer unique accounts than winners and alternates together"""

    status = 422


class TooManyDrafts(AppError):
    """You keep as many drafts as one account may; delete one, or commit it"""

    status = 409


class ImportBusy(AppError):
    """Other lists are being read right now; try again shortly"""

    status = 503


class ContestCommitted(AppError):
    """The contest is committed on chain: its list and rules cannot change any more"""

    status = 409


class ContestNotDrawn(AppError):
    """The contest is not drawn yet"""

    status = 409


class ContestNotCommitted(AppError):
    """The contest's list is not committed yet, so there is nothing to verify"""

    status = 409


class RankUnknown(AppError):
    """The contest has no such rank"""

    status = 422


class NothingRepeats(AppError):
    """No rank repeats an account that was drawn before, or the chain knows all of them already"""

    status = 409


class RankAlreadyDisqualified(AppError):
    """This rank is disqualified already, or out because it repeats an account"""

    status = 409
