"""Queries that are known by their SHA-256: an operator's own list, and those that clients sent once.

Clients' queries are kept in this process and, with REDIS_URL, in Redis, where all API processes find them. Both are
bounded, and what was asked for longest ago goes first; whoever misses a query sends it again.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from backend.shared_redis import SharedRedis

MOST_KEPT: Final = 1_000
"""Queries; none is longer than a request may be (`limits.MOST_BYTES`), so Redis holds 16 MiB at most."""
MOST_KEPT_BYTES: Final = 4 * 1024 * 1024
"""Of all of them together in this process's memory."""
_TEXTS, _USED = "tombola:graphql:texts", "tombola:graphql:used"


def hash_of(text: str) -> str:
    """SHA-256 in hex, of UTF-8. What is no text has a hash too; parsing it is refused."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Memory:
    """The queries that were asked for last."""

    def __init__(self, most: int = MOST_KEPT, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def find(self, sha256: str) -> str | None:
        """The query with this hash."""
        if sha256 in self._texts:
            self._texts.move_to_end(sha256)
        return self._texts.get(sha256)

    def keep(self, sha256: str, text: str) -> None:
        """Remember a query, and forget others where there is no place."""
        if sha256 not in self._texts:
            self._bytes += len(text.encode())
        self._texts[sha256] = text
        self._texts.move_to_end(sha256)
        while len(self._texts) > self._most or self._bytes > self._most_bytes:
            self._bytes -= len(self._texts.popitem(last=False)[1].encode())


class Queries:
    """All queries that are known by their hash. While Redis is away each process knows its own."""

    def __init__(self, documents: Mapping[str, str], redis_url: str = "") -> None:
        self._documents = documents
        self._memory = Memory()
        self._redis = SharedRedis(redis_url, "queries are kept in this process alone", decode_responses=True)

    def listed(self, sha256: str) -> str | None:
        """The query of the operator's list with this hash."""
        return self._documents.get(sha256)

    async def find(self, sha256: str) -> str | None:
        """The query with this hash, whoever sent it."""
        found = self._documents.get(sha256) or self._memory.find(sha256)
        if found is None and (found := await self._shared(sha256)) is not None:
            self._memory.keep(sha256, found)
        return found

    async def keep(self, sha256: str, text: str) -> None:
        """Remember a query that was checked, under its own hash."""
        if sha256 in self._documents or self._memory.find(sha256) is not None:
            return
        self._memory.keep(sha256, text)
        if (redis := self._redis.present()) is None:
            return
        try:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.hset(_TEXTS, sha256, text)
                pipe.zadd(_USED, {sha256: time.time()})
                pipe.zcard(_USED)
                *_, count = await pipe.execute()
            if count > MOST_KEPT:
                # Pairs of a name and when it was used.
                oldest: list[Any] = await redis.zpopmin(_USED, count - MOST_KEPT)
                await redis.hdel(_TEXTS, *(name for name, _ in oldest))
        except RedisError as error:
            self._redis.leave_alone(error)

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._redis.close()

    async def _shared(self, sha256: str) -> str | None:
        """What Redis has, if it is what the hash says."""
        if (redis := self._redis.present()) is None:
            return None
        try:
            found = await redis.hget(_TEXTS, sha256)
            text = None if found is None else str(found)
            if text is None or hash_of(text) != sha256:
                return None
            await redis.zadd(_USED, {sha256: time.time()}, xx=True)
        except (RedisError, UnicodeDecodeError) as error:
            self._redis.leave_alone(error)
            return None
        return text
