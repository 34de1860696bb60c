"""Batches of participants in the database: rows, counters and the position after them in one transaction.

Whoever writes takes the locks of `locked` first: the contest's, then the import's. Everybody in this order.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import Contest
from backend.jobs.enqueue import enqueue
from backend.outbox.service import publish
from backend.participants.batch import RAW_CHARACTERS, Batch, Participant, Rejection
from backend.participants.tables import ContestImport, ContestRejection
from backend.participants.tables import Participant as Row

MOST_PARTICIPANTS = 2_000_000
"""Of a contest, over all its imports."""

COMMENT_REPEATED = "comment_repeated"
DELETE_FILE = "delete_import_file"
IMPORTS_QUEUE = "imports"
ENDED = ("done", "failed", "cancelled")
_PROGRESS_SECONDS = 0.5

_KNOWN_COMMENTS = text("""
    SELECT comment_id FROM app.participant
    WHERE contest_id = :contest AND comment_id = ANY (CAST(:ids AS text[]))
""")
_PERSONS = text("""
    SELECT count(*) AS participants, count(DISTINCT account_key) AS persons FROM app.participant
    WHERE contest_id = :contest
""")
_SORT_IN_MEMORY = text("SET LOCAL work_mem = '64MB'")
_last_told: dict[UUID, float] = {}
"""When this process last told the progress of an import that runs."""


class TooManyParticipantsError(Exception):
    """The contest would have more than it may."""


async def locked(db: AsyncSession, import_id: UUID) -> tuple[Contest, ContestImport] | None:
    """The import and its contest, locked until the transaction ends; None where it is gone."""
    contest_id = await db.scalar(select(ContestImport.contest_id).where(ContestImport.id == import_id))
    contest = await db.scalar(select(Contest).where(Contest.id == contest_id).with_for_update(key_share=True))
    row = await db.scalar(
        select(ContestImport).where(ContestImport.id == import_id).with_for_update(key_share=True)
    )
    return None if contest is None or row is None else (contest, row)


async def write(db: AsyncSession, contest: Contest, row: ContestImport, batch: Batch) -> None:
    """Add a batch after what the contest has, and move the import on.

    A comment the contest has already is rejected. Raises TooManyParticipantsError.
    """
    taken, rejected = await _without_known(db, contest.id, batch)
    if contest.participant_count + len(taken) > MOST_PARTICIPANTS:
        raise TooManyParticipantsError
    newest = select(func.coalesce(func.max(Row.number), 0)).where(Row.contest_id == contest.id)
    number = (await db.execute(newest)).scalar_one()
    await _copy(
        db,
        Row.__tablename__,
        ["contest_id", "number", "import_id", *Participant._fields],
        ((contest.id, at, row.id, *one) for at, one in enumerate(taken, number + 1)),
    )
    columns = ["import_id", *Rejection._fields]
    await _copy(db, ContestRejection.__tablename__, columns, ((row.id, *one) for one in rejected))
    contest.participant_count += len(taken)
    row.rows += len(taken) + len(rejected)
    row.accepted += len(taken)
    row.rejected += len(rejected)
    row.rejected_for = dict(Counter(row.rejected_for) + Counter(one.reason for one in rejected))
    row.position = batch.position
    row.bytes_read = max(row.bytes_read, batch.bytes_read)
    if time.monotonic() - _last_told.get(row.id, 0.0) >= _PROGRESS_SECONDS:
        _last_told[row.id] = time.monotonic()
        await _tell(db, contest, row, "import.progress")


async def finish(db: AsyncSession, contest: Contest, row: ContestImport) -> None:
    """The import is done; its file is not needed any more."""
    await _end(db, contest, row, "done")


async def fail(
    db: AsyncSession, contest: Contest, row: ContestImport, code: str, message: str, *, keep: bool = False
) -> None:
    """The import failed. Nothing of it stays, unless `keep`: half a list would be a list that nobody meant."""
    if not keep:
        await take_back(db, row)
    row.error_code, row.error_message = code, message
    await _end(db, contest, row, "failed")


async def cancel(db: AsyncSession, contest: Contest, row: ContestImport) -> None:
    """The import is given up; nothing of it stays."""
    await take_back(db, row)
    await _end(db, contest, row, "cancelled")


async def take_back(db: AsyncSession, row: ContestImport) -> None:
    """Remove what an import brought."""
    await db.execute(delete(Row).where(Row.contest_id == row.contest_id, Row.import_id == row.id))
    await db.execute(delete(ContestRejection).where(ContestRejection.import_id == row.id))
    row.rows = row.accepted = row.rejected = row.bytes_read = 0
    row.rejected_for, row.position = {}, None


async def recount(db: AsyncSession, contest: Contest) -> None:
    """What the contest's imports brought, all together."""
    await db.flush()
    await db.execute(_SORT_IN_MEMORY)
    participants, persons = (await db.execute(_PERSONS, {"contest": contest.id})).one()
    contest.participant_count, contest.entry_count = participants, persons
    contest.duplicate_count = participants - persons
    rejected_for: Counter[str] = Counter()
    imports = (
        await db.execute(select(ContestImport.rejected_for).where(ContestImport.contest_id == contest.id))
    ).scalars()
    for one in imports:
        rejected_for += Counter(one)
    contest.rejected_for = dict(rejected_for)
    contest.row_count = participants + rejected_for.total()


async def drop_file(db: AsyncSession, row: ContestImport) -> None:
    """Have the import's file deleted once this transaction has committed."""
    if row.file_key is not None:
        await enqueue(db, DELETE_FILE, {"key": row.file_key}, queue=IMPORTS_QUEUE, key=row.file_key)
        row.file_key = None


async def drop_files(db: AsyncSession, contest_ids: Sequence[UUID]) -> None:
    """Have the files of imports that have not ended deleted: their contests are about to be."""
    query = select(ContestImport).where(
        ContestImport.contest_id.in_(contest_ids), ContestImport.file_key.is_not(None)
    )
    for row in await db.scalars(query):
        await drop_file(db, row)


async def _end(db: AsyncSession, contest: Contest, row: ContestImport, state: str) -> None:
    row.state, row.finished_at = state, datetime.now(UTC)
    row.waits_until = row.waits_because = None
    _last_told.pop(row.id, None)
    await drop_file(db, row)
    await recount(db, contest)
    await _tell(db, contest, row, "import.finished")


async def _tell(db: AsyncSession, contest: Contest, row: ContestImport, event: str) -> None:
    payload: dict[str, Any] = {
        "contest_id": str(contest.id),
        "import_id": str(row.id),
        "state": row.state,
        "bytes_total": row.bytes_total,
        "bytes_read": row.bytes_read,
        "rows": row.rows,
        "accepted": row.accepted,
        "rejected": row.rejected,
        "rejected_for": row.rejected_for,
        "reported": row.reported,
    }
    if row.error_code is not None:
        payload["error"] = {"code": row.error_code, "message": row.error_message}
    await publish(db, contest.owner_id, event, str(row.id), payload)


async def _without_known(
    db: AsyncSession, contest_id: UUID, batch: Batch
) -> tuple[Sequence[Participant], Sequence[Rejection]]:
    """The batch's rows, where a comment comes a second time as rejections."""
    ids = [one.comment_id for one in batch.participants if one.comment_id is not None]
    if not ids:
        return batch.participants, batch.rejections
    known = set(await db.scalars(_KNOWN_COMMENTS, {"contest": contest_id, "ids": ids}))
    taken: list[Participant] = []
    rejected = list(batch.rejections)
    for one in batch.participants:
        if one.comment_id is not None and one.comment_id in known:
            detail = f"The comment {one.comment_id} is in the contest already."
            raw = f"{one.account}: {one.comment or ''}"[:RAW_CHARACTERS]
            rejected.append(Rejection(one.row_number, COMMENT_REPEATED, detail, raw))
            continue
        if one.comment_id is not None:
            known.add(one.comment_id)
        taken.append(one)
    return taken, rejected


async def _copy(
    db: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """COPY rows in the session's transaction, on its own connection."""
    connection = await (await db.connection()).get_raw_connection()
    driver: asyncpg.Connection = connection.driver_connection
    await driver.copy_records_to_table(table, schema_name="app", columns=columns, records=rows)
