"""Who was left out of a committed contest, leaf by leaf, and what of that is public."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.hexes import checksum, to_hex
from listener.chain.draw.exclusions import exclusion_leaf, exclusion_salt
from listener.chain.draw.merkle import id_hash

PRIVATE_REASONS = frozenset(
    {"excluded_account", "staff", "copied_text", "young_and_busy", "digits_in_handle", "burst"}
)
"""Whom the organiser named, and whom a heuristic suspects: told to that person alone, never leaf by leaf in public,
where the order of the leaves might tell who it is."""
Person = tuple[int, str, str]
"""Number, account key and reason of an exclusion."""
_SLICE = 4_096  # exclusions read at a time
_PIECE = text(
    "SELECT index, account_key, reason FROM app.contest_exclusion"
    " WHERE contest_id = :id AND index >= :first AND index < :end ORDER BY index"
)


@dataclass(frozen=True)
class Exclusion:
    """One excluded person's leaf, and what it is made of."""

    leaf: bytes
    id_hash: bytes
    reason: str

    def published(self) -> dict[str, str | None]:
        """As the bundle shows it."""
        if self.reason in PRIVATE_REASONS:
            return {"leaf": to_hex(self.leaf), "id_hash": None, "reason": None}
        return {"leaf": to_hex(self.leaf), "id_hash": to_hex(self.id_hash), "reason": self.reason}


async def counts(db: AsyncConnection, contest_id: UUID) -> dict[str, int]:
    """How many persons were left out, by reason."""
    query = text(
        "SELECT reason, count(*) AS people FROM app.contest_exclusion WHERE contest_id = :id GROUP BY reason ORDER BY reason"
    )
    found = await db.execute(query, {"id": contest_id})
    return {row.reason: row.people for row in found}


async def slices(
    engine: AsyncEngine, row: Mapping[str, Any], secret: bytes
) -> AsyncIterator[list[Exclusion]]:
    """All exclusions in the order of their leaves."""
    first = 0
    while people := await _read(engine, row["id"], first):
        yield await asyncio.to_thread(_exclusions, row, secret, people)
        first += _SLICE


async def _read(engine: AsyncEngine, contest_id: UUID, first: int) -> Sequence[Person]:
    """A connection for each piece: a slow reader must not keep one."""
    async with engine.connect() as db:
        found = await db.execute(_PIECE, {"id": contest_id, "first": first, "end": first + _SLICE})
        return [(index, account_key, reason) for index, account_key, reason in found]


def _exclusions(row: Mapping[str, Any], secret: bytes, people: Sequence[Person]) -> list[Exclusion]:
    contract = checksum(row["contract"])
    found = []
    for index, account_key, reason in people:
        hidden = id_hash(exclusion_salt(secret, index), account_key)
        leaf = exclusion_leaf(
            chain_id=row["chain_id"],
            contract=contract,
            contest_key=row["contest_key"],
            index=index,
            id_hash=hidden,
            reason=reason,
        )
        found.append(Exclusion(leaf, hidden, reason))
    return found
