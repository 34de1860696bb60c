"""Counts requests in sliding windows: in Redis, where all API processes share them, or in this process's memory."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from backend.shared_redis import SharedRedis
from backend.throttling.memory import Memory
from backend.throttling.rules import Count, Rule

_Question = Callable[[MovingWindowRateLimiter, Rule, str], Awaitable[Count]]


class Counters:
    """Counts under rules. While Redis is away each process counts for itself: requests go on."""

    def __init__(self, redis_url: str = "") -> None:
        self._memory = Memory()
        self._redis = SharedRedis(redis_url, "limits count in this process alone")
        pool = self._redis.pool
        self._shared = MovingWindowRateLimiter(_storage(pool)) if pool else None

    async def hit(self, rule: Rule, key: str) -> Count:
        """Count one request of `key` (an address, an account) and say whether it is within the rule."""
        return await self._ask(_hit, rule, key) or self._memory.hit(rule, key)

    async def look(self, rule: Rule, key: str) -> Count:
        """Where `key` stands; counts nothing."""
        return await self._ask(_look, rule, key) or self._memory.look(rule, key)

    async def _ask(self, question: _Question, rule: Rule, key: str) -> Count | None:
        """What Redis answers; None where there is none or it does not answer."""
        if self._shared is not None and self._redis.present() is not None:
            try:
                return await question(self._shared, rule, key)
            except StorageError as error:
                self._redis.leave_alone(error.storage_error)
        return None

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._redis.close()


def _storage(pool: ConnectionPool) -> RedisStorage:
    # The library's types know only plain options; the pool is handed to redis-py as it is.
    options: Any = {"connection_pool": pool}
    return RedisStorage(
        "async+redis://", wrap_exceptions=True, implementation="redispy", key_prefix="tombola", **options
    )


async def _hit(limiter: MovingWindowRateLimiter, rule: Rule, key: str) -> Count:
    is_allowed = await limiter.hit(_item(rule), key)
    return replace(await _look(limiter, rule, key), is_allowed=is_allowed)


async def _look(limiter: MovingWindowRateLimiter, rule: Rule, key: str) -> Count:
    reset_at, remaining = await limiter.get_window_stats(_item(rule), key)
    return Count(rule, remaining > 0, remaining, max(1, math.ceil(reset_at - time.time())))


def _item(rule: Rule) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rule.limit, rule.seconds, namespace=rule.name)
