"""Who counts and who does not, in numbers and with the first names of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.contests.tables import Contest, ContestEntry
from backend.filters.exclusions import live, stored
from backend.filters.persons import PERSONS, judge
from backend.filters.schemas import CountingOut, ExcludedOut, ExclusionOut, PreviewOut
from backend.filters.words import sentence

SAMPLE = 5


async def of_draft(db: AsyncConnection, contest: Contest) -> PreviewOut:
    """By the filters as they are now; leaves PERSONS in the transaction."""
    judged = await judge(db, contest)
    person = PERSONS.c
    counts = select(
        func.coalesce(func.sum(person.comments), 0),
        func.count(),
        func.count(person.weight),
        func.coalesce(func.sum(person.weight), 0),
    )
    participants, persons, counting, weight = (await db.execute(counts)).one()
    first = select(person.account, person.weight).where(person.weight.is_not(None)).order_by(person.first)
    return PreviewOut(
        fixed=False,
        participants=participants,
        persons=persons,
        counting=counting,
        total_weight=int(weight),
        sample=await _counting(db, first),
        excluded=await _excluded(db, live(contest.id, judged)),
    )


async def of_committed(db: AsyncConnection, contest: Contest) -> PreviewOut:
    """As the commit fixed it."""
    excluded = await _excluded(db, stored(contest.id))
    first = ContestEntry.__table__
    counting = select(first.c.account, first.c.weight).where(first.c.contest_id == contest.id)
    return PreviewOut(
        fixed=True,
        participants=contest.participant_count,
        persons=contest.entry_count + sum(group.persons for group in excluded),
        counting=contest.entry_count,
        total_weight=contest.entry_count if contest.total_weight is None else contest.total_weight,
        sample=await _counting(db, counting.order_by(first.c.index)),
        excluded=excluded,
    )


async def page(
    db: AsyncConnection, query: Select[Any], *, limit: int, after: int | None
) -> list[ExclusionOut]:
    """Exclusions (`live` or `stored`) after leaf `after`."""
    found = query.subquery()
    rows = await db.execute(
        select(*found.c)
        .where(found.c.leaf > (-1 if after is None else after))
        .order_by(found.c.leaf)
        .limit(limit)
    )
    return [_out(row) for row in rows]


def _out(row: Any) -> ExclusionOut:
    return ExclusionOut(
        index=row.leaf,
        account=row.account,
        reason=row.reason,
        detail=row.detail,
        sentence=sentence(row.account, row.reason, row.detail),
    )


async def _counting(db: AsyncConnection, query: Select[Any]) -> list[CountingOut]:
    return [
        CountingOut(account=account, weight=weight)
        for account, weight in await db.execute(query.limit(SAMPLE))
    ]


async def _excluded(db: AsyncConnection, query: Select[Any]) -> list[ExcludedOut]:
    """By filter and reason, with the first of each."""
    one = query.subquery()
    place = one.c.detail["filter"].as_integer()
    same = [place, one.c.reason]
    ranked = select(
        *one.c,
        place.label("place"),
        func.count().over(partition_by=same).label("persons"),
        func.row_number().over(partition_by=same, order_by=one.c.leaf).label("rank"),
    ).subquery()
    rows = await db.execute(
        select(*ranked.c)
        .where(ranked.c.rank <= SAMPLE)
        .order_by(ranked.c.place, ranked.c.reason, ranked.c.leaf)
    )
    groups: dict[tuple[int, str], ExcludedOut] = {}
    for row in rows:
        group = ExcludedOut(filter=row.place, reason=row.reason, persons=row.persons, sample=[])
        groups.setdefault((row.place, row.reason), group).sample.append(_out(row))
    return list(groups.values())
