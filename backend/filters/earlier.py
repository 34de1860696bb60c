"""Who won earlier contests of an organiser: told by the chain, so it is looked up before a filter can ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.contests.drawn import drawn_entries
from listener.mirror.reads import contests as facts

_CONTESTS = text("""
    SELECT id, contest_key FROM app.contest
    WHERE owner_id = :owner AND id <> :contest AND contest_key IS NOT NULL ORDER BY committed_at DESC, seq DESC
""")
_KEYS = text("SELECT account_key FROM app.contest_entry WHERE contest_id = :id AND index = ANY(:indexes)")


@dataclass(frozen=True)
class EarlierWinners:
    """Account keys of the standing winners of an organiser's drawn contests, the newest contest first."""

    by_contest: tuple[frozenset[str], ...] = ()

    def of_last(self, contests: int | None) -> list[str]:
        """Winners of the newest `contests` contests, of all when that is None; sorted."""
        return sorted(frozenset().union(*self.by_contest[:contests]))


async def earlier_winners(
    db: AsyncConnection, owner_id: UUID, contest_id: UUID, contests: int | None
) -> EarlierWinners:
    """Of the organiser's last `contests` drawn contests besides this one; of all when that is None."""
    rows = (await db.execute(_CONTESTS, {"owner": owner_id, "contest": contest_id})).all()
    opened = await facts.by_key(db, [row.contest_key for row in rows]) if rows else {}
    drawn = [
        (row.id, opened[row.contest_key])
        for row in rows
        if row.contest_key in opened and opened[row.contest_key].is_drawn
    ]
    return EarlierWinners(tuple([await _winners(db, *each) for each in drawn[:contests]]))


async def _winners(db: AsyncConnection, contest_id: UUID, fact: facts.Contest) -> frozenset[str]:
    entries: Sequence[int] = await drawn_entries(db, contest_id, fact)
    won = {entries[rank] for rank in fact.standing_ranks()}
    return frozenset(await db.scalars(_KEYS, {"id": contest_id, "indexes": sorted(won)}))
