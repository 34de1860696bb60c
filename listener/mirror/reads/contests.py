"""Contests as the chain knows them: opened, drawn, disqualified. Who stands at an index is not on chain."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from listener.chain.draw.winners import winners as winning_numbers
from listener.mirror.reads.draws import DRAW_COLUMNS, Draw, draw_joins, draw_of
from listener.mirror.reads.fields import Address, Count, Hash, Mirrored, Read, Time, Uint
from listener.mirror.reads.sql import fetch

CONTEST = "contest"


class Disqualification(Read):
    """A rank the organiser disqualified, and why."""

    rank: Count
    reason: str
    at: Time
    transaction_hash: Hash


class Contest(Mirrored):
    """An opened contest. `draw_number` counts the organiser's draws for the same post, from 1."""

    contest_number: Uint
    contract: Address
    organiser: Address
    contest_key: Hash
    post_hash: Hash
    root: Hash
    entries: Uint
    winners: Count
    alternates: Count
    rules_hash: Hash
    list_sha256: Hash
    exclusion_root: Hash
    commitment: Hash
    draw_number: Count
    opened_at: Time
    opened_block: int
    transaction_hash: Hash
    draw: Draw | None
    disqualified: list[Disqualification]

    @property
    def is_drawn(self) -> bool:
        """Whether the seed is known."""
        return self.draw is not None and self.draw.seed is not None

    def drawn_entries(self) -> list[int]:
        """Entry numbers by rank, winners first, then alternates; empty before the draw."""
        if self.draw is None or self.draw.seed is None:
            return []
        return winning_numbers(bytes.fromhex(self.draw.seed[2:]), self.draw.n, self.draw.k)

    def standing_ranks(self) -> list[int]:
        """The first `winners` ranks that are not disqualified; empty before the draw."""
        out = {entry.rank for entry in self.disqualified}
        ranks = self.winners + self.alternates if self.is_drawn else 0
        return [rank for rank in range(ranks) if rank not in out][: self.winners]


CONTEST_STATES = f"""
SELECT c.contest_key, c.contest_id, CASE WHEN final.seed IS NULL THEN 'drawing' ELSE 'drawn' END AS state
FROM mirror.contest_contest_opened c
{draw_joins(CONTEST, "c.contest_id")}
"""  # noqa: S608
"""Key, number and state of every opened contest: for joining with what the chain does not know."""

_BY_KEY = f"""
SELECT c.contest_id AS contest_number, c.address AS contract, c.organiser, c.contest_key, c.post_hash, c.root,
    c.entries, c.winners, c.alternates, c.rules_hash, c.list_sha256, c.exclusion_root, c.commitment,
    c.draw_number, c.block_time AS opened_at, c.block_number AS opened_block, c.transaction_hash,
    greatest(c.block_number, requested.block_number, vrf.block_number, final.block_number) AS last_block,
    {DRAW_COLUMNS}
FROM mirror.contest_contest_opened c
{draw_joins(CONTEST, "c.contest_id")}
WHERE c.contest_key = ANY(CAST(:keys AS bytea[]))
"""  # noqa: S608

_DISQUALIFIED = """
SELECT contest_id, rank, reason, block_time AS at, transaction_hash, block_number
FROM mirror.contest_rank_disqualified WHERE contest_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[]))
ORDER BY rank
"""


async def by_key(db: AsyncConnection, keys: Iterable[bytes]) -> dict[bytes, Contest]:
    """The opened contests with these keys."""
    rows = await fetch(db, _BY_KEY, keys=list(keys))
    facts = await fetch(db, _DISQUALIFIED, ids=[str(row["contest_number"]) for row in rows])
    return {row["contest_key"]: _contest(row, facts) for row in rows}


def _contest(row: dict[str, Any], facts: list[dict[str, Any]]) -> Contest:
    mine = [fact for fact in facts if fact["contest_id"] == row["contest_number"]]
    newest = max((fact["block_number"] for fact in mine), default=row["last_block"])
    return Contest.model_validate(
        {
            **row,
            "draw": draw_of(row),
            "disqualified": [Disqualification.model_validate(fact) for fact in mine],
            "last_block": max(newest, row["last_block"]),
        }
    )
