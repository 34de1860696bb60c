"""How late a standby is, told without comparing clocks: by positions in the log, and when we saw them."""

from __future__ import annotations

import time
from collections import deque
from decimal import Decimal


class Lag:
    """Positions that the primary's log had and the standby has not replayed, with the times we saw them first."""

    def __init__(self) -> None:
        # One a second: later than an hour is told as an hour.
        self._ahead: deque[tuple[Decimal, float]] = deque(maxlen=3_600)

    def primary_is_at(self, position: Decimal) -> None:
        """It was just seen there."""
        if not self._ahead or position > self._ahead[-1][0]:
            self._ahead.append((position, time.monotonic()))

    def standby_is_at(self, position: Decimal) -> None:
        """It has replayed all up to there."""
        while self._ahead and self._ahead[0][0] <= position:
            self._ahead.popleft()

    def seconds(self) -> float:
        """For how long the primary has had what the standby has not, as far as is known."""
        return time.monotonic() - self._ahead[0][1] if self._ahead else 0.0
