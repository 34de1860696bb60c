"""Rows of a contest's imports that are no participants: a page of them, or all as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.csv_lines import BYTE_ORDER_MARK, csv_line
from backend.participants.schemas import RejectionOut
from backend.participants.tables import ContestImport, ContestRejection

Place = tuple[int, int]
"""The import's place in order of imports, and the row."""

_BATCH = 5_000
RejectionCursor = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}-[0-9]{1,9}$", description="From `next_cursor`")
]


def place_of(cursor: str | None) -> Place | None:
    """The place a cursor names."""
    if cursor is None:
        return None
    seq, _, row = cursor.partition("-")
    return int(seq), int(row)


async def page(
    db: AsyncConnection, contest_id: UUID, *, limit: int, after: Place | None
) -> list[tuple[Place, RejectionOut]]:
    """Rejections after a place, each with its own."""
    place = tuple_(ContestImport.seq, ContestRejection.row_number)
    found = await db.execute(
        select(
            ContestImport.seq,
            ContestRejection.import_id,
            ContestRejection.row_number,
            ContestRejection.reason,
            ContestRejection.detail,
            ContestRejection.raw,
        )
        .join(ContestImport, ContestImport.id == ContestRejection.import_id)
        .where(ContestImport.contest_id == contest_id, place > tuple_(*(after or (0, 0))))
        .order_by(ContestImport.seq, ContestRejection.row_number)
        .limit(limit)
    )
    return [
        ((seq, number), RejectionOut(import_id=name, row=number, reason=reason, detail=detail, text=raw))
        for seq, name, number, reason, detail, raw in found.all()
    ]


async def write_csv(engine: AsyncEngine, contest_id: UUID) -> AsyncIterator[bytes]:
    """All rejections as CSV that a spreadsheet opens without running anything: UTF-8 with byte order mark."""
    yield BYTE_ORDER_MARK + csv_line("file", "row", "reason", "detail", "text")
    async with engine.connect() as db:
        query = select(ContestImport.id, ContestImport.file_name).where(
            ContestImport.contest_id == contest_id
        )
        names = {row.id: row.file_name or "" for row in await db.execute(query)}
    after: Place | None = (0, 0)
    while after is not None:
        async with engine.connect() as db:  # one for each batch: a slow reader must not keep it
            found = await page(db, contest_id, limit=_BATCH, after=after)
        yield b"".join(
            csv_line(names.get(item.import_id, ""), item.row, item.reason, item.detail, item.text)
            for _, item in found
        )
        after = found[-1][0] if len(found) == _BATCH else None
