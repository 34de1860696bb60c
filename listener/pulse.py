"""Do the loops of this process still turn? Each says so; the page /health of the metrics port reads it.

A process that lives and turns no more is worse than one that has ended, which somebody starts again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import partial

EVENT_LOOP = 30.0
"""Seconds in which the event loop comes round, however much there is to do."""
_BEAT = 1.0
_turn: ContextVar[Callable[[], None] | None] = ContextVar("turn", default=None)
"""Of the loop that this task is."""


def goes_on() -> None:
    """A long turn of this task's loop has got further: how many things it has to do is no reason to call it late."""
    turn = _turn.get()
    if turn is not None:
        turn()


class Pulse:
    """When each loop has turned last; read by another thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._loops: dict[str, tuple[float, float]] = {}

    def turned(self, name: str, within: float) -> None:
        """This loop has come round, and does so again `within` seconds, whatever it waits for."""
        self._loops[name] = self._clock(), within

    def ended(self, name: str) -> None:
        """Nobody waits for this loop any more."""
        self._loops.pop(name, None)

    @contextmanager
    def loop(self, name: str, within: float) -> Iterator[Callable[[], None]]:
        """Inside, this is one of the loops; call what it gives at each turn."""
        turn = partial(self.turned, name, within)
        turn()
        token = _turn.set(turn)
        try:
            yield turn
        finally:
            _turn.reset(token)
            self.ended(name)

    def ages(self) -> dict[str, float]:
        """Seconds since each loop has come round."""
        now = self._clock()
        return {name: round(now - at, 1) for name, (at, _) in self._loops.copy().items()}

    def late(self) -> list[str]:
        """Loops that should have come round by now."""
        now = self._clock()
        return [name for name, (at, within) in self._loops.copy().items() if now - at > within]

    @asynccontextmanager
    async def event_loop(self) -> AsyncIterator[None]:
        """Inside, this event loop is one of the loops."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _beat(self) -> None:
        with self.loop("event loop", EVENT_LOOP) as turn:
            while True:
                turn()
                await asyncio.sleep(_BEAT)
