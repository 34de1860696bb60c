"""Asking who counts: before a commit the filters are evaluated, after it the answer is stored."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.contests.changing import is_committed, own
from backend.contests.tables import Contest
from backend.csv_lines import BYTE_ORDER_MARK, csv_line
from backend.filters import exclusions, preview
from backend.filters.errors import EvaluationBusy
from backend.filters.persons import judge
from backend.filters.schemas import ExclusionOut, PreviewOut
from backend.filters.words import sentence

AT_ONCE = 2
"""Evaluations of one process at the same time: a million participants keep a core busy for seconds."""
_PIECE = 1 << 20
_places = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True)
class Asked:
    """A contest of the caller's, and the transaction to ask about it in."""

    db: AsyncConnection
    contest: Contest
    is_fixed: bool
    """Whether the commit's answer is the one that is true."""

    async def exclusions(self) -> Select[Any]:
        """Everyone who is excluded, with reasons."""
        if self.is_fixed:
            return exclusions.stored(self.contest.id)
        return exclusions.live(self.contest.id, await judge(self.db, self.contest))


@asynccontextmanager
async def asking(engine: AsyncEngine, owner_id: UUID, contest_id: UUID) -> AsyncIterator[Asked]:
    """Raises ContestNotFound and, of a draft, EvaluationBusy where others of this process are at it."""
    async with AsyncSession(engine) as session:
        contest = await own(session, owner_id, contest_id)
        if await is_committed(session, contest):
            yield Asked(await session.connection(), contest, is_fixed=True)
            return
        if _places.locked():
            raise EvaluationBusy(
                "Filters of other contests are being evaluated right now. Try again in some seconds."
            )
        async with _places:
            yield Asked(await session.connection(), contest, is_fixed=False)


async def preview_of(engine: AsyncEngine, owner_id: UUID, contest_id: UUID) -> PreviewOut:
    """Who counts, in numbers. Raises as `asking`."""
    async with asking(engine, owner_id, contest_id) as asked:
        if asked.is_fixed:
            return await preview.of_committed(asked.db, asked.contest)
        return await preview.of_draft(asked.db, asked.contest)


async def exclusions_of(
    engine: AsyncEngine, owner_id: UUID, contest_id: UUID, *, limit: int, after: int | None
) -> list[ExclusionOut]:
    """A page of exclusions after leaf `after`. Raises as `asking`."""
    async with asking(engine, owner_id, contest_id) as asked:
        return await preview.page(asked.db, await asked.exclusions(), limit=limit, after=after)


async def exclusions_file(engine: AsyncEngine, owner_id: UUID, contest_id: UUID) -> IO[bytes]:
    """All exclusions as CSV that a spreadsheet opens without running anything, in a file without a name.

    One evaluation, and no connection is kept for a slow reader. Raises as `asking`.
    """
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever streams it closes it
    try:
        async with asking(engine, owner_id, contest_id) as asked:
            found = (await asked.exclusions()).subquery()
            file.write(BYTE_ORDER_MARK + csv_line("number", "account", "reason", "sentence"))
            async with asked.db.stream(select(found).order_by(found.c.leaf)) as rows:
                async for row in rows:
                    words = sentence(row.account, row.reason, row.detail)
                    file.write(csv_line(row.leaf, row.account, row.reason, words))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """A file's bytes; it is gone afterwards."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
