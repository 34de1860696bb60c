"""What can be wrong with an import, each with what to do."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class ImportNotFound(NotFound):
    """The contest has no import with this id"""


class UploadMalformed(AppError):
    """The request is neither a multipart form with one file nor a paste in JSON"""

    status = 400


class FileTooLarge(AppError):
    """The file is larger than this service reads; split it or leave out columns"""

    status = 413


class TooManyImports(AppError):
    """The contest has as many imports as it may; delete some you do not need"""

    status = 409


class ImportRunning(AppError):
    """An import of this contest has not ended yet; wait for it, or cancel it"""

    status = 409
