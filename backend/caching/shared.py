"""Bodies in Redis, where all API processes find them. While it is away each process keeps its own: reads go on."""

from __future__ import annotations

from redis.exceptions import RedisError

from backend.caching.metrics import REDIS_FAILURES
from backend.shared_redis import SharedRedis

PREFIX = "tombola:read:"
_TROUBLE = (RedisError, OSError, TimeoutError)


class Shared:
    """Nothing at all without a URL. Never raises: what Redis cannot give is computed."""

    def __init__(self, redis_url: str) -> None:
        self._redis = SharedRedis(redis_url, "answers are kept in this process alone")

    async def get(self, key: str) -> bytes | None:
        """The body, if Redis has it and answers."""
        if (redis := self._redis.present()) is None:
            return None
        try:
            found = await redis.get(PREFIX + key)
        except _TROUBLE as error:
            self._leave_alone(error)
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, body: bytes, seconds: float) -> None:
        """Keep a body for all, if Redis takes it."""
        if (redis := self._redis.present()) is None:
            return
        try:
            await redis.set(PREFIX + key, body, px=int(seconds * 1_000))
        except _TROUBLE as error:
            self._leave_alone(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()

    def _leave_alone(self, error: BaseException) -> None:
        REDIS_FAILURES.inc()
        self._redis.leave_alone(error)
