"""Contests as the chain knows them: opened, drawn, ranks fallen out. Who stands at an index is not on chain."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.chain.draw.standing import standing_ranks
from listener.chain.draw.terms import ContestDetails, ContestTerms, Prize, PrizeKind
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
    """An opened contest. `draw_number` counts the organiser's draws for the same post, from 1; there are
    `draws_for_post` so far."""

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
    total_weight: Uint
    claims_from: Uint
    prizes: list[Any]
    draw_number: Count
    draws_for_post: Count
    opened_at: Time
    opened_block: int
    transaction_hash: Hash
    draw: Draw | None
    disqualified: list[Disqualification]
    repeated: list[Count]

    def terms(self) -> ContestTerms:
        """What whoever acts on the contest gives back to the contract."""
        details = ContestDetails(
            _bytes(self.rules_hash),
            _bytes(self.list_sha256),
            _bytes(self.exclusion_root),
            _bytes(self.post_hash),
        )
        return ContestTerms(
            organiser=self.organiser,
            contest_key=_bytes(self.contest_key),
            root=_bytes(self.root),
            entries=int(self.entries),
            winners=self.winners,
            alternates=self.alternates,
            details_hash=details.hash(),
            total_weight=int(self.total_weight),
            prizes=[_prize(item) for item in self.prizes],
            claims_from=int(self.claims_from),
        )

    @property
    def is_drawn(self) -> bool:
        """Whether the seed is known."""
        return self.draw is not None and self.draw.seed is not None

    def drawn_numbers(self) -> list[int]:
        """Entry numbers (units of a weighted list) by rank, winners first; empty before the draw."""
        if self.draw is None or self.draw.seed is None:
            return []
        return winning_numbers(bytes.fromhex(self.draw.seed[2:]), self.draw.n, self.draw.k)

    @property
    def fallen(self) -> set[int]:
        """Ranks that are out: disqualified, or proved to repeat an entry."""
        return {*self.repeated, *(entry.rank for entry in self.disqualified)}

    def standing_ranks(self) -> list[int]:
        """The first `winners` ranks that are not out; empty before the draw."""
        ranks = self.winners + self.alternates if self.is_drawn else 0
        return standing_ranks(ranks, self.winners, self.fallen)


class Place(Mirrored):
    """One prize place of a contest. Prize `place` of the contest's `prizes` is for it."""

    place: Count
    standing_rank: Count | None = Field(description="The rank that has this place now; null before the draw")
    rank: Count | None = Field(description="The rank that was paid")
    winner: Address | None
    paid_to: Address | None
    paid_hash: Hash | None = Field(description="Transaction that paid the prize")
    returned_hash: Hash | None = Field(description="Transaction that gave it back to the organiser")


CONTEST_STATES = f"""
SELECT c.contest_key, c.contest_id, CASE WHEN final.seed IS NULL THEN 'drawing' ELSE 'drawn' END AS state
FROM mirror.contest_contest_opened c
{draw_joins(CONTEST, "c.contest_id")}
"""  # noqa: S608
"""Key, number and state of every opened contest: for joining with what the chain does not know."""

_CONTESTS = f"""
SELECT c.contest_id AS contest_number, c.address AS contract, c.organiser, c.contest_key, c.post_hash, c.root,
    c.entries, c.winners, c.alternates, c.rules_hash, c.list_sha256, c.exclusion_root, c.commitment,
    c.draw_number, series.draws AS draws_for_post, c.block_time AS opened_at, c.block_number AS opened_block, c.transaction_hash,
    coalesce(weights.total_weight, 0) AS total_weight, coalesce(escrow.claims_from, 0) AS claims_from,
    coalesce(escrow.prizes, '[]') AS prizes, fallen.ranks AS repeated,
    greatest(c.block_number, series.block_number, fallen.block_number, requested.block_number,
        vrf.block_number, final.block_number) AS last_block,
    {DRAW_COLUMNS}
FROM mirror.contest_contest_opened c
LEFT JOIN mirror.contest_weights_committed weights ON weights.contest_id = c.contest_id
LEFT JOIN mirror.contest_prizes_escrowed escrow ON escrow.contest_id = c.contest_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(r.rank ORDER BY r.rank), '{{}}') AS ranks, max(r.block_number) AS block_number
    FROM mirror.contest_rank_repeated r WHERE r.contest_id = c.contest_id
) fallen
CROSS JOIN LATERAL (
    SELECT max(s.draw_number) AS draws, max(s.block_number) AS block_number
    FROM mirror.contest_contest_opened s WHERE s.organiser = c.organiser AND s.post_hash = c.post_hash
) series
{draw_joins(CONTEST, "c.contest_id")}
"""  # noqa: S608

_UNDRAWN = "NOT EXISTS (SELECT 1 FROM mirror.contest_draw_finalised f WHERE f.draw_id = c.contest_id)"
_PAGE_CONDITIONS = {"before": "c.contest_id < :before", "organiser": "c.organiser = :organiser"}

_PLACES = """
SELECT place.number AS place, paid.rank, paid.winner, paid.to_ AS paid_to, paid.transaction_hash AS paid_hash,
    back.transaction_hash AS returned_hash, coalesce(greatest(paid.block_number, back.block_number), 0) AS last_block
FROM generate_series(0, CAST(:places AS bigint) - 1) AS place(number)
LEFT JOIN mirror.contest_prize_claimed paid ON paid.contest_id = :contest AND paid.place = place.number
LEFT JOIN mirror.contest_prize_returned back ON back.contest_id = :contest AND back.place = place.number
ORDER BY place.number
"""

_DISQUALIFIED = """
SELECT contest_id, rank, reason, block_time AS at, transaction_hash, block_number
FROM mirror.contest_rank_disqualified WHERE contest_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[]))
ORDER BY rank
"""


async def by_key(db: AsyncConnection, keys: Iterable[bytes]) -> dict[bytes, Contest]:
    """The opened contests with these keys."""
    query = f"{_CONTESTS} WHERE c.contest_key = ANY(CAST(:keys AS bytea[]))"
    rows = await fetch(db, query, keys=list(keys))
    return {row["contest_key"]: contest for row, contest in zip(rows, await _contests(db, rows), strict=True)}


async def find(db: AsyncConnection, contest_number: int) -> Contest | None:
    """The contest with this number on chain, or None."""
    query = f"{_CONTESTS} WHERE c.contest_id = :contest_number"
    found = await _contests(db, await fetch(db, query, contest_number=contest_number))
    return found[0] if found else None


async def page(
    db: AsyncConnection,
    *,
    limit: int,
    organiser: bytes | None = None,
    drawn: bool | None = None,
    before: int | None = None,
) -> list[Contest]:
    """Contests from the newest, those with a number below `before`; drawn ones, those that are not, or all."""
    given = {"before": before, "organiser": organiser}
    values = {name: value for name, value in given.items() if value is not None}
    conditions = ["true", *(_PAGE_CONDITIONS[name] for name in values)]
    if drawn is not None:
        conditions.append(f"NOT ({_UNDRAWN})" if drawn else _UNDRAWN)
    query = f"""
SELECT c.contest_id FROM mirror.contest_contest_opened c WHERE {" AND ".join(conditions)}
ORDER BY c.contest_id DESC LIMIT :limit"""  # noqa: S608
    ids = [str(row["contest_id"]) for row in await fetch(db, query, limit=limit, **values)]
    if not ids:
        return []
    details = f"{_CONTESTS} WHERE c.contest_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[])) ORDER BY c.contest_id DESC"
    return await _contests(db, await fetch(db, details, ids=ids))


async def places(db: AsyncConnection, contest: Contest) -> list[Place]:
    """The prizes of a contest by place, and what became of each; none where it has none."""
    if not contest.prizes:
        return []
    number, count = int(contest.contest_number), len(contest.prizes)
    rows = await fetch(db, _PLACES, contest=number, places=count)
    standing = contest.standing_ranks()
    return [
        Place.model_validate(
            {**row, "standing_rank": standing[row["place"]] if row["place"] < len(standing) else None}
        )
        for row in rows
    ]


async def _contests(db: AsyncConnection, rows: list[dict[str, Any]]) -> list[Contest]:
    facts = await fetch(db, _DISQUALIFIED, ids=[str(row["contest_number"]) for row in rows])
    return [_contest(row, facts) for row in rows]


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


def _bytes(hash_text: str) -> bytes:
    return bytes.fromhex(hash_text.removeprefix("0x"))


def _prize(item: dict[str, Any]) -> Prize:
    """One element of the event's tuple array as the mirror stores it."""
    return Prize(PrizeKind(int(item["kind"])), item["token"], int(item["amount"]), int(item["token_id"]))
