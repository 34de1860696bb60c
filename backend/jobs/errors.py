"""How a task says what its failure means. Anything else it raises is tried again, later and later."""

from __future__ import annotations


class PermanentError(Exception):
    """Trying again cannot help: the job is dead until an admin retries it."""


class LaterError(Exception):
    """Not now: try again after `seconds`, as often as the task says so."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class TimeLimitError(Exception):
    """The task took longer than it may."""


class JobError(Exception):
    """What procrastinate sees of a failure: one clean line, and after how many seconds to try again."""

    def __init__(self, line: str, retry_in: float | None) -> None:
        super().__init__(line)
        self.retry_in = retry_in
