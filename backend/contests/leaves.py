"""Pieces of a committed list by number. A connection for each: nobody keeps one between two pieces."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LEAVES = text("SELECT substring(leaves FROM :at FOR :size) FROM app.contest_leaves WHERE contest_id = :id")
_EXCLUSION_LEAVES = text(
    "SELECT substring(exclusions FROM :at FOR :size) FROM app.contest_leaves WHERE contest_id = :id"
)
_WEIGHTS = text(
    "SELECT weight FROM app.contest_entry WHERE contest_id = :id AND index >= :first AND index < :end ORDER BY index"
)


async def leaves_from(engine: AsyncEngine, contest_id: UUID, first: int, count: int) -> bytes:
    """Up to `count` leaves from entry `first` on, joined."""
    return await _piece(engine, _LEAVES, contest_id, first, count)


async def exclusion_leaves_from(engine: AsyncEngine, contest_id: UUID, first: int, count: int) -> bytes:
    """Up to `count` leaves of exclusions from number `first` on, joined."""
    return await _piece(engine, _EXCLUSION_LEAVES, contest_id, first, count)


async def weights_from(engine: AsyncEngine, contest_id: UUID, first: int, count: int) -> Sequence[int]:
    """Up to `count` weights from entry `first` on."""
    async with engine.connect() as db:
        found = await db.scalars(_WEIGHTS, {"id": contest_id, "first": first, "end": first + count})
        return found.all()


async def _piece(engine: AsyncEngine, query: TextClause, contest_id: UUID, first: int, count: int) -> bytes:
    async with engine.connect() as db:
        joined: bytes | None = await db.scalar(
            query, {"id": contest_id, "at": 32 * first + 1, "size": 32 * count}
        )
    if joined is None:
        raise LookupError(f"contest {contest_id} is committed but has no leaves")
    return joined
