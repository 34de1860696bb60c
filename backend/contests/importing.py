"""From an uploaded file to a draft: parsed in a worker thread, stored by COPY, all in one transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, BinaryIO
from uuid import UUID

import asyncpg
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.commit import FAILED
from backend.contests.errors import ImportBusy, ListUnusable, TooFewEntries, TooManyDrafts
from backend.contests.tables import Contest, ContestEntry, ContestRejection
from backend.contests.upload import ContestForm
from backend.intents.tables import Intent
from backend.users.account import AccountErased
from backend.users.tables import User
from listener.chain.draw.entries import EntryList, ListFileError, read_entries

MOST_LINES = 2_000_000
MOST_ENTRIES = 1_000_000
RAW_CHARACTERS = 500
IMPORTS_AT_ONCE = 2
"""Lists that one process reads at the same time; a list of a million rows takes some hundred megabytes."""


@dataclass(frozen=True)
class ParsedList:
    """What a file says, and the file's own identity."""

    sha256: bytes
    size: int
    entries: EntryList


class Importer:
    """Reads lists, a few at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(IMPORTS_AT_ONCE)

    async def parse(self, file: BinaryIO, form: ContestForm) -> ParsedList:
        """Read and check the list; raises ListUnusable, TooFewEntries, or ImportBusy at once."""
        if self._places.locked():
            raise ImportBusy("Other lists are being read right now. Try again in some seconds.")
        async with self._places:
            parsed = await asyncio.to_thread(_parse, file, form)
        unique, needed = len(parsed.entries.entries), form.winners + form.alternates
        if unique < needed:
            raise TooFewEntries(
                f"{form.winners} winners and {form.alternates} alternates need {needed} unique accounts, and "
                f"the list has {unique} (column {parsed.entries.column!r}). Ask for fewer, or add entries.",
                unique=unique,
                needed=needed,
            )
        return parsed


async def require_place(db: AsyncSession, owner_id: UUID, most: int) -> None:
    """Raise AccountErased, or TooManyDrafts when the owner has `most` drafts; a contest whose opening failed counts as one.

    The owner's row stays locked until the transaction ends: uploads at the same time are counted one by one.
    """
    query = select(User.id).where(User.id == owner_id).with_for_update(key_share=True)
    if await db.scalar(query) is None:
        raise AccountErased
    drafts = await db.scalar(
        select(func.count())
        .select_from(Contest)
        .outerjoin(Intent, Intent.id == Contest.intent_id)
        .where(
            Contest.owner_id == owner_id,
            or_(Contest.contest_key.is_(None), Intent.state.in_(FAILED)),
        )
    )
    if drafts is not None and drafts >= most:
        raise TooManyDrafts(
            f"You have {drafts} contests that are not committed, and an account keeps at most {most}."
            " Delete one you no longer need, or commit it; then upload again.",
            most=most,
        )


async def store(
    db: AsyncSession, owner_id: UUID, form: ContestForm, name: str, parsed: ParsedList
) -> Contest:
    """Store a draft with its entries and rejections in the session's transaction."""
    found = parsed.entries
    contest = Contest(
        owner_id=owner_id,
        title=form.title,
        rules=form.rules,
        post_reference=form.post_reference,
        winners=form.winners,
        alternates=form.alternates,
        file_name=name,
        file_bytes=parsed.size,
        account_column=found.column,
        weight_column=found.weight_column,
        total_weight=sum(found.weights) or None,
        list_sha256=parsed.sha256,
        row_count=found.rows,
        duplicate_count=len(found.duplicates),
        entry_count=len(found.entries),
        rejected_for=dict(Counter(rejection.reason.value for rejection in found.rejections)),
    )
    db.add(contest)
    await db.flush()
    await _copy(
        db,
        ContestEntry.__tablename__,
        ["contest_id", "index", "account_key", "account", "row_number", "weight", "first_unit"],
        (
            (contest.id, index, e.key, e.account, e.row, e.weight, first)
            for index, (e, first) in enumerate(zip(found.entries, _first_units(found), strict=True))
        ),
    )
    await _copy(
        db,
        ContestRejection.__tablename__,
        ["contest_id", "row_number", "reason", "detail", "raw"],
        ((contest.id, r.row, r.reason.value, r.detail, r.raw[:RAW_CHARACTERS]) for r in found.rejections),
    )
    return contest


def _first_units(found: EntryList) -> Iterator[int | None]:
    """Where the units of each entry begin; None in an unweighted list."""
    if found.weight_column is None:
        return iter([None] * len(found.entries))
    return accumulate(found.weights[:-1], initial=0)


def _parse(file: BinaryIO, form: ContestForm) -> ParsedList:
    data = file.read()
    lines = data.count(b"\n")
    if lines > MOST_LINES:
        raise ListUnusable(
            f"The file has {lines} lines; at most {MOST_LINES} are read. Split the contest.",
            reason="too_many_rows",
        )
    try:
        entries = read_entries(data, column=form.column, weight_column=form.weight_column)
    except ListFileError as error:
        hint = " Send it as the form field `column`." if error.code == "no_account_column" else ""
        raise ListUnusable(f"{error}{hint}", reason=error.code) from None
    if len(entries.entries) > MOST_ENTRIES:
        raise ListUnusable(
            f"The list has {len(entries.entries)} unique accounts; a contest takes at most {MOST_ENTRIES}.",
            reason="too_many_entries",
        )
    return ParsedList(hashlib.sha256(data).digest(), len(data), entries)


async def _copy(
    db: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """COPY rows in the session's transaction, on its own connection."""
    connection = await (await db.connection()).get_raw_connection()
    driver: asyncpg.Connection = connection.driver_connection
    await driver.copy_records_to_table(table, schema_name="app", columns=columns, records=rows)
