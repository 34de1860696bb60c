"""How many blocks to ask for at once: towards a number of logs, below what the provider allows."""

_TARGET_LOGS = 8_000
_GROWTH = 2.0
_TRIES_BEFORE_RAISING = 16


class Pace:
    """Adapts the span to the density of logs and to refusals; `size` is in blocks."""

    def __init__(self, max_span: int, first: int = 32, target_logs: int = _TARGET_LOGS) -> None:
        self.max_span = max_span
        self._target_logs = target_logs
        self._size = float(min(first, max_span))
        self._ceiling = float(max_span)
        self._successes = 0

    @property
    def size(self) -> int:
        """Blocks of the next span."""
        return max(1, int(self._size))

    def accepted(self, blocks: int, logs: int) -> None:
        """A span was answered: aim at the target with the density seen, growing at most twofold."""
        wanted = self._target_logs * blocks / max(logs, 1)
        self._size = max(1.0, min(wanted, max(self._size, blocks) * _GROWTH, self._ceiling))
        self._successes += 1
        if self._successes >= _TRIES_BEFORE_RAISING and self._ceiling < self.max_span:
            self._ceiling = min(self._ceiling * 2, float(self.max_span))
            self._successes = 0

    def refused(self, blocks: int) -> None:
        """A span of so many blocks was too large for the provider."""
        self._ceiling = min(self._ceiling, max(1.0, blocks / 2))
        self._size = min(self._size, self._ceiling)
        self._successes = 0
