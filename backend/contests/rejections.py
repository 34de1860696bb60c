"""Rows of an uploaded list that are no entries: a page of them, or all as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.contests.schemas import RejectionOut
from backend.contests.tables import ContestRejection
from backend.csv_lines import BYTE_ORDER_MARK, csv_line

_BATCH = 5_000


async def page(db: AsyncConnection, contest_id: UUID, *, limit: int, after: int | None) -> list[RejectionOut]:
    """Rejections after row `after`."""
    found = await db.execute(
        select(
            ContestRejection.row_number,
            ContestRejection.reason,
            ContestRejection.detail,
            ContestRejection.raw,
        )
        .where(ContestRejection.contest_id == contest_id, ContestRejection.row_number > (after or 0))
        .order_by(ContestRejection.row_number)
        .limit(limit)
    )
    return [
        RejectionOut(row=number, reason=reason, detail=detail, text=raw)
        for number, reason, detail, raw in found.all()
    ]


async def write_csv(engine: AsyncEngine, contest_id: UUID) -> AsyncIterator[bytes]:
    """All rejections as CSV that a spreadsheet opens without running anything: UTF-8 with byte order mark."""
    yield BYTE_ORDER_MARK + csv_line("row", "reason", "detail", "text")
    after: int | None = 0
    while after is not None:
        async with engine.connect() as db:  # one for each batch: a slow reader must not keep it
            found = await page(db, contest_id, limit=_BATCH, after=after)
        yield b"".join(csv_line(str(item.row), item.reason, item.detail, item.text) for item in found)
        after = found[-1].row if len(found) == _BATCH else None
