"""How a key service that is throttled or away is asked: a few times with jitter, then left alone for a while.

Each attempt has its own time limit. After the last one the service rests: requests fail at once, which keeps a
lane of many wallets from waiting for each; when the rest is over, one request probes while others still fail.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from backend.wallets.kms.envelope import KmsUnavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass
class Patience:
    """Times in seconds. Between attempts it waits a random part of `first`, doubled each time, up to `longest`."""

    attempts: int = 4
    first: float = 0.1
    longest: float = 1.0
    rest: float = 2.0
    _rests_until: float | None = field(default=None, init=False)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer. Raises KmsUnavailable after the last attempt, other errors at once."""
        attempts = self._allowed()
        for attempt in range(attempts):
            try:
                answer = await question()
            except KmsUnavailable as error:
                log.warning("key_service_unavailable", attempt=attempt + 1, of=attempts, error=str(error))
                if attempt + 1 == attempts:
                    self._rests_until = time.monotonic() + self.rest
                    raise
                await asyncio.sleep(random.uniform(0, min(self.first * 2**attempt, self.longest)))
            else:
                self._rests_until = None
                return answer
        raise KmsUnavailable("The key service was not asked.")

    def _allowed(self) -> int:
        """How many attempts this request has: all, or the one probe. Raises KmsUnavailable during the rest."""
        if self._rests_until is None:
            return self.attempts
        now = time.monotonic()
        if now < self._rests_until:
            raise KmsUnavailable("The key service did not answer a moment ago and is left alone for a while.")
        self._rests_until = now + self.rest  # others go on failing while this one probes
        return 1
