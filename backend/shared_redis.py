"""Redis, where there is one and while it answers: nobody waits long for it, and after trouble it is left alone a while."""

from __future__ import annotations

import time
from typing import Any

import structlog
from redis.asyncio import ConnectionPool, Redis

log = structlog.get_logger(__name__)
RETRY_SECONDS = 5.0
_PATIENCE = 0.5  # seconds; a request does not wait longer for Redis


class SharedRedis:
    """What API processes share something through. `meanwhile` tells, in the log, what they do without."""

    def __init__(self, url: str, meanwhile: str, **options: Any) -> None:
        # The connections are made when they are used.
        self.pool = (
            ConnectionPool.from_url(
                url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, **options
            )
            if url
            else None
        )
        self._redis = Redis(connection_pool=self.pool) if self.pool else None
        self._meanwhile = meanwhile
        self.away_until = 0.0

    def present(self) -> Redis | None:
        """The client; None where there is no Redis, or after trouble with it."""
        return self._redis if time.monotonic() >= self.away_until else None

    def leave_alone(self, error: BaseException) -> None:
        """Ask nothing for RETRY_SECONDS."""
        # Of many requests that were waiting, one says so.
        if time.monotonic() >= self.away_until:
            log.warning(
                "redis_away",
                error=str(error) or type(error).__name__,
                next=f"{self._meanwhile}; trying again in {RETRY_SECONDS:g} s",
            )
        self.away_until = time.monotonic() + RETRY_SECONDS

    async def close(self) -> None:
        """Close the connections."""
        if self.pool is not None:
            await self.pool.aclose()
