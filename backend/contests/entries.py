"""From participants and filters to what a commit fixes: the entries of the draw, and who is excluded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import Uuid, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests import entries_file
from backend.contests.errors import TooFewEntries, TooManyEntries, WeightsTooLarge
from backend.contests.tables import Contest, ContestEntry, ContestExclusion
from backend.filters.exclusions import live
from backend.filters.persons import PERSONS, Judged, judge
from listener.chain.draw.entries import MOST_WEIGHT

MOST_ENTRIES = 1_000_000
_FETCH = 20_000


@dataclass
class FixedList:
    """What leaves are made of, in their order, and the SHA-256 of `entries.csv`. `weights` only in a `weighted` list;
    `excluded` are account keys with reason codes."""

    account_keys: list[str] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    excluded: list[tuple[str, str]] = field(default_factory=list)
    weighted: bool = False
    sha256: bytes = b""
    size: int = 0


async def fix_entries(db: AsyncSession, contest: Contest) -> FixedList:
    """Evaluate the filters, write the exclusions, and note in the contest what its list is; `write_entries` is next.

    Raises TooFewEntries, TooManyEntries, WeightsTooLarge.
    """
    connection = await db.connection()
    await db.execute(delete(ContestExclusion).where(ContestExclusion.contest_id == contest.id))
    judged = await judge(connection, contest)
    entries, weight, excluded = (await db.execute(_COUNTS)).one()
    _check(contest, entries, int(weight), excluded)
    await _write_exclusions(db, contest, judged)
    contest.entry_count = entries
    contest.exclusion_count = excluded
    contest.total_weight = int(weight) if judged.weighted else None
    contest.file_name = None
    contest.account_column = entries_file.ACCOUNT
    contest.weight_column = entries_file.WEIGHT if judged.weighted else None
    fixed = await _read(db, contest, judged.weighted)
    contest.list_sha256, contest.file_bytes = fixed.sha256, fixed.size
    return fixed


_COUNTS = select(
    func.count(PERSONS.c.weight), func.coalesce(func.sum(PERSONS.c.weight), 0), func.count(PERSONS.c.step)
)


def _check(contest: Contest, entries: int, weight: int, excluded: int) -> None:
    needed = contest.winners + contest.alternates
    if entries < needed:
        raise TooFewEntries(
            f"{contest.winners} winners and {contest.alternates} alternates need {needed} people who count, and there"
            f" are {entries}; the filters exclude {excluded}. Ask for fewer, change the filters, or add participants.",
            unique=entries,
            needed=needed,
            winners=contest.winners,
            alternates=contest.alternates,
            excluded=excluded,
        )
    if entries > MOST_ENTRIES:
        raise TooManyEntries(
            f"{entries} people count; a contest takes at most {MOST_ENTRIES}.",
            entries=entries,
            most=MOST_ENTRIES,
        )
    if weight > MOST_WEIGHT:
        raise WeightsTooLarge(
            f"The weights add up to {weight}; at most {MOST_WEIGHT} can be drawn from. Scale them down.",
            weight=str(weight),
            most=str(MOST_WEIGHT),
        )


async def _write_exclusions(db: AsyncSession, contest: Contest, judged: Judged) -> None:
    out = live(contest.id, judged).subquery()
    excluded = select(
        literal(contest.id, Uuid()), out.c.leaf, out.c.account_key, out.c.account, out.c.reason, out.c.detail
    )
    columns = ["contest_id", "index", "account_key", "account", "reason", "detail"]
    await db.execute(insert(ContestExclusion).from_select(columns, excluded))


async def write_entries(db: AsyncSession, contest: Contest, fixed: FixedList) -> None:
    """Write what `fix_entries` read in the same transaction: beside the hashing, for it takes as long."""
    await db.execute(delete(ContestEntry).where(ContestEntry.contest_id == contest.id))
    person = PERSONS.c
    units = func.sum(person.weight).over(order_by=person.first) - person.weight
    entries = select(
        literal(contest.id, Uuid()),
        func.row_number().over(order_by=person.first) - 1,
        person.account_key,
        person.account,
        person.first,
        person.weight,
        units if fixed.weighted else literal(None),
    ).where(person.weight.is_not(None))
    columns = ["contest_id", "index", "account_key", "account", "row_number", "weight", "first_unit"]
    await db.execute(insert(ContestEntry).from_select(columns, entries))


async def _read(db: AsyncSession, contest: Contest, weighted: bool) -> FixedList:
    """The list in order; its file is hashed on the way and not kept: the rows make it again."""
    connection = await (await db.connection()).get_raw_connection()
    driver: asyncpg.Connection = connection.driver_connection
    fixed, digest = FixedList(weighted=weighted), hashlib.sha256()

    def take(piece: bytes) -> None:
        digest.update(piece)
        fixed.size += len(piece)

    take(entries_file.header(weighted=weighted))
    query = "SELECT account_key, account, weight FROM judged_person WHERE weight IS NOT NULL ORDER BY first"
    cursor = await driver.cursor(query)
    while rows := await cursor.fetch(_FETCH):
        fixed.account_keys += [row[0] for row in rows]
        if weighted:
            fixed.weights += [row[2] for row in rows]
        take(entries_file.lines(((row[1], row[2]) for row in rows), weighted=weighted))
    query = "SELECT account_key, reason FROM app.contest_exclusion WHERE contest_id = $1 ORDER BY index"
    cursor = await driver.cursor(query, contest.id)
    while rows := await cursor.fetch(_FETCH):
        fixed.excluded += [(row[0], row[1]) for row in rows]
    fixed.sha256 = digest.digest()
    return fixed
