"""One computation for all who ask for the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Computations under way, by key.

    Each is a task of its own: whoever began it may go away, and the others get what it gives. One that fails fails
    for those who wait; who asks next begins anew.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[T]] = {}

    def is_under_way(self, key: str) -> bool:
        """Whether `join` would wait for another one's computation."""
        return key in self._under_way

    async def join(self, key: str, compute: Callable[[], Awaitable[T]]) -> T:
        """What the computation gives; raises what it raises."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(_run(compute))
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End those under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _land(self, key: str, done: asyncio.Task[T]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # seen: there may be nobody left who waits for it


async def _run(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()
