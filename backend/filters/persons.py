"""A contest's persons as its filters judge them, in a table that lives as long as the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    and_,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from backend.contests.tables import Contest
from backend.filters.accounts import EarlierWinner
from backend.filters.earlier import EarlierWinners, earlier_winners
from backend.filters.evaluation import Taken, evaluate
from backend.filters.kinds import read
from backend.participants.tables import Participant

PERSONS = Table(
    "judged_person",
    MetaData(),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("account_key", Text(collation="C"), nullable=False),
    Column("account", Text, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("counting", Integer, nullable=False),
    Column("weight", BigInteger),
    Column("step", SmallInteger),
    Column("shown", Integer),
    Column("found", BigInteger),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""One row for each person. `first` is the number of their first comment, `account` how it was spelt there, `comments`
and `counting` how many they wrote and how many of them count. `weight` is null for who is excluded; then `step` says
at which step, `shown` the comment that fell there and `found` what was counted."""

# A million persons are grouped and sorted in memory. Of a list that was just read PostgreSQL has no statistics: it takes it
# for a few rows, and would go through all of them for each.
_ROOM = text("SELECT set_config('work_mem', '128MB', true), set_config('enable_nestloop', 'off', true)")


@dataclass(frozen=True)
class Judged:
    """What filling PERSONS told: the steps by number, and whether persons have weights."""

    steps: Mapping[int, Taken]
    weighted: bool


async def judge(db: AsyncConnection, contest: Contest) -> Judged:
    """Fill PERSONS for a contest's filters, in the connection's transaction; once in each."""
    filters = read(contest.filters)
    asking = [item.contests for item in filters if isinstance(item, EarlierWinner)]
    earlier = EarlierWinners()
    if asking:
        most = None if None in asking else max(number for number in asking if number is not None)
        earlier = await earlier_winners(db, contest.owner_id, contest.id, most)
    await db.execute(_ROOM)
    await db.execute(CreateTable(PERSONS))
    listed = await _has_weights(db, contest.id)
    evaluation = evaluate(contest.id, filters, earlier, listed=listed)
    found, spelt = evaluation.persons, Participant.__table__
    first = and_(spelt.c.contest_id == contest.id, spelt.c.number == found.c.first)
    columns = [column for column in PERSONS.c if column.name != "account"]
    query = select(*(found.c[column.name] for column in columns), spelt.c.account).join_from(
        found, spelt, first
    )
    await db.execute(insert(PERSONS).from_select([*(column.name for column in columns), "account"], query))
    return Judged(evaluation.steps, evaluation.weighted)


async def _has_weights(db: AsyncConnection, contest_id: UUID) -> bool:
    weighted = select(Participant.number).where(
        Participant.contest_id == contest_id, Participant.weight.is_not(None)
    )
    return bool(await db.scalar(select(weighted.exists())))
