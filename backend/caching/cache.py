"""`Cache`: memory, Redis and single flight under keys that say what an answer is computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache as once

from backend import overload
from backend.caching import metrics
from backend.caching.flights import Flights
from backend.caching.head import Head
from backend.caching.memory import Memory
from backend.caching.metrics import How
from backend.caching.shared import Shared
from backend.caching.validators import tag_of
from backend.settings import ROOT, Settings

KEEP_SECONDS = 60.0
"""Longer than any block takes: the answers of a chain that stands still are computed once a minute."""


@dataclass(frozen=True)
class Answer:
    """A body and the key it is right for, which is another one than asked for when a block came meanwhile."""

    key: str
    body: bytes


Compute = Callable[[], Awaitable[tuple[str, bytes]]]
"""Gives a body and the version of the mirror it was computed from, which the same snapshot has to tell."""


class Cache:
    """What one API process keeps, and finds in Redis."""

    def __init__(self, settings: Settings) -> None:
        self._is_on = settings.cache_megabytes > 0
        self._follows = self._is_on or settings.read_database_url != ""
        self._release = f"{_release()} {hashlib.sha256(settings.registry.read_bytes()).hexdigest()}"
        self._memory = Memory(settings.cache_megabytes * 1024**2)
        self._shared = Shared(settings.redis_url if self._is_on else "")
        self._flights: Flights[Answer] = Flights()
        self._head = Head(settings.database_url, settings.cache_head_seconds)

    async def run(self) -> None:
        """Follow the mirror until cancelled. A cache that does not run keeps nothing."""
        if self._follows:
            await self._head.run()

    async def newest(self) -> str | None:
        """The newest version of the mirror; None where it cannot be known."""
        return await self._head.version()

    async def key_now(self, about: str) -> str | None:
        """The key of the newest answer about something; None where nothing kept may be used."""
        version = await self.newest() if self._is_on else None
        return None if version is None else self.key(about, version)

    def key(self, about: str, version: str) -> str:
        """The key of the answer about something, from one version of the mirror by this release and its registry."""
        text = "\n".join((self._release, version, about))
        return tag_of(text.encode())

    async def get(self, read: str, about: str, key: str | None, compute: Compute) -> Answer:
        """The answer under `key`, or computed, once for all who ask at the same time. `read` names it in metrics."""
        if key is None:
            return self._counted(read, "uncached", await self._compute(about, compute))
        return await self._serve(read, key, lambda: self._find(read, about, key, compute))

    async def get_for(
        self, seconds: float, read: str, key: str | None, compute: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """The same for what no snapshot tells the version of: kept in this process alone, and not for long."""
        if key is None:
            return self._counted(read, "uncached", Answer("", await compute())).body

        async def fill() -> Answer:
            return self._keep(self._counted(read, "computed", Answer(key, await compute())), seconds)

        return (await self._serve(read, key, fill)).body

    async def close(self) -> None:
        """End what is under way and close the connections to Redis."""
        await self._flights.close()
        await self._shared.close()

    async def _serve(self, read: str, key: str, find: Callable[[], Awaitable[Answer]]) -> Answer:
        body = self._memory.get(key)
        if body is not None:
            return self._counted(read, "hit", Answer(key, body))
        if not self._flights.is_under_way(key):
            return await self._flights.join(key, find)
        metrics.ANSWERS.labels(read, "waited").inc()
        with overload.waiting():
            return await self._flights.join(key, find)

    async def _find(self, read: str, about: str, key: str, compute: Compute) -> Answer:
        body = await self._shared.get(key)
        if body is not None:
            found = self._counted(read, "shared", Answer(key, body))
        else:
            # Never kept under the key that was asked for: a fork may have come in between.
            found = self._counted(read, "computed", await self._compute(about, compute))
            await self._shared.put(found.key, found.body, KEEP_SECONDS)
        return self._keep(found, KEEP_SECONDS)

    async def _compute(self, about: str, compute: Compute) -> Answer:
        version, body = await compute()
        return Answer(self.key(about, version), body)

    def _keep(self, answer: Answer, seconds: float) -> Answer:
        self._memory.put(answer.key, answer.body, seconds)
        metrics.ENTRIES.set(len(self._memory))
        metrics.BYTES.set(self._memory.bytes)
        return answer

    @staticmethod
    def _counted(read: str, how: How, answer: Answer) -> Answer:
        metrics.ANSWERS.labels(read, how).inc()
        return answer


@once
def _release() -> str:
    """Hash of the code that turns facts into answers: processes of two releases may share one Redis, and what a
    browser keeps outlives a release.
    """
    digest = hashlib.sha256()
    for package in ("backend", "listener"):
        for file in sorted((ROOT / package).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
