"""Which entries a contest's draw fell on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from listener.mirror.reads.contests import Contest as Fact


async def drawn_entries(db: AsyncConnection, contest_id: UUID, fact: Fact) -> list[int]:
    """Entry numbers by rank, winners first; the owners of the units drawn in a weighted list."""
    drawn = fact.drawn_numbers()
    if not drawn or int(fact.total_weight) == 0:
        return drawn
    found = await db.execute(text(_OWNERS), {"id": contest_id, "units": drawn})
    return [row[0] for row in found]


_OWNERS = """
SELECT owner.index FROM unnest(CAST(:units AS bigint[])) WITH ORDINALITY AS drawn(unit, rank)
CROSS JOIN LATERAL (
    SELECT e.index FROM app.contest_entry e WHERE e.contest_id = :id AND e.first_unit <= drawn.unit
    ORDER BY e.first_unit DESC LIMIT 1
) owner ORDER BY drawn.rank
"""
