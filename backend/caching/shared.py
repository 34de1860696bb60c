"""Bodies in Redis, where all API processes find them. While it is away each process keeps its own: reads go on."""

from __future__ import annotations

import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.caching.metrics import REDIS_FAILURES
from backend.throttling.counters import RETRY_SECONDS, redis_pool

log = structlog.get_logger(__name__)
PREFIX = "tombola:read:"
_TROUBLE = (RedisError, OSError, TimeoutError)


class Shared:
    """Nothing at all without a URL. Never raises: what Redis cannot give is computed."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis(connection_pool=redis_pool(redis_url)) if redis_url else None
        self._away_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """The body, if Redis has it and answers."""
        if (redis := self._present()) is None:
            return None
        try:
            found = await redis.get(PREFIX + key)
        except _TROUBLE as error:
            self._leave_alone(error)
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep a body for all, if Redis takes it."""
        if (redis := self._present()) is None:
            return
        try:
            await redis.set(PREFIX + key, body, px=int(seconds * 1_000))
        except _TROUBLE as error:
            self._leave_alone(error)

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()
            await self._redis.connection_pool.aclose()

    def _present(self) -> Redis | None:
        return self._redis if time.monotonic() >= self._away_until else None

    def _leave_alone(self, error: BaseException) -> None:
        # Of many requests that were waiting, one says so.
        if time.monotonic() >= self._away_until:
            log.warning(
                "redis_away",
                error=str(error) or type(error).__name__,
                next=f"answers are kept in this process alone; trying again in {RETRY_SECONDS:g} s",
            )
        REDIS_FAILURES.inc()
        self._away_until = time.monotonic() + RETRY_SECONDS
