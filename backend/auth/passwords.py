"""Passwords: argon2id, computed off the event loop, few at a time so that memory stays bounded.

By default 64 MiB, passed over twice, in one lane: 3.4 times the least that OWASP's Password Storage Cheat Sheet
accepts (19 MiB, twice, one lane), and 0.11 s of one core. More lanes would not make a guess dearer; they would let one
sign-in take the cores from everybody else's requests.
"""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 256
_CONCURRENT = 2


class Passwords:
    """Hashes and checks passwords; an unknown account costs the same time as a known one."""

    def __init__(self, memory_kib: int, rounds: int) -> None:
        """Cost of the hashes to make; a stored hash says itself what it costs to check."""
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._slots = asyncio.Semaphore(_CONCURRENT)
        self._nobody = self._hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        """Return the encoded argon2id hash."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, encoded: str | None) -> bool:
        """Whether the password is right; `encoded` None (no account) takes as long and is never right."""
        async with self._slots:
            return (
                await asyncio.to_thread(self._check, password, encoded or self._nobody)
                and encoded is not None
            )

    def is_outdated(self, encoded: str) -> bool:
        """Whether a hash was made at another cost than those made now: it takes another time to check."""
        return self._hasher.check_needs_rehash(encoded)

    def _check(self, password: str, encoded: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
