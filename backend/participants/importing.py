"""Reading an import's file into participants: a batch and its position at a time, so that a killed worker's successor
goes on where the last batch ended.

Lists are parsed in a thread, the next batch while the last one is written. Memory is bounded: a chunk, a line, two
batches, and of a workbook its texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.files.store import FileMissing
from backend.participants import store
from backend.participants.batch import Batch, Position
from backend.participants.reading import read, starts_at
from backend.services import Services
from listener.chain.draw.list_file import ListFileError


class LostError(Exception):
    """The import ended, was deleted, or is moved on by another worker: nothing is left to do here."""


@dataclass
class Reading:
    """An import under way. `rows` is how many are stored: who finds another number has lost it to somebody else."""

    import_id: UUID
    file_key: str
    options: dict[str, Any]
    pasted: bool
    position: Position | None
    rows: int


async def read_import(services: Services, import_id: UUID) -> None:
    """Bring an import to its end. Any number of times, by any number of workers."""
    async with services.import_places:
        try:
            reading = await _begin(services, import_id)
            await _read(services, reading)
        except LostError:
            return


async def _begin(services: Services, import_id: UUID) -> Reading:
    async with AsyncSession(services.engine) as db, db.begin():
        found = await store.locked(db, import_id)
        if found is None or found[1].state in store.ENDED or found[1].file_key is None:
            raise LostError
        row = found[1]
        row.state = "running"
        row.started_at = row.started_at or datetime.now(UTC)
        return Reading(row.id, row.file_key or "", row.options, row.source == "paste", row.position, row.rows)


async def _read(services: Services, reading: Reading) -> None:
    files = services.files.read(reading.file_key, starts_at(reading.position))
    chunks = _in_thread(files, asyncio.get_running_loop())
    asked = reading.options.get("columns", {})
    batches = read(chunks, asked, reading.position, pasted=reading.pasted)
    try:
        async with aclosing(_ahead(batches)) as ahead:
            async for batch in ahead:
                await _write(services, reading, batch)
    except ListFileError as error:
        await _fail(services, reading, error.code, str(error))
    except FileMissing:
        await _fail(
            services, reading, "file_missing", "The file is gone from the file store. Upload it again."
        )
    except store.TooManyParticipantsError:
        most = f"{store.MOST_PARTICIPANTS:,}"
        await _fail(
            services, reading, "too_many_rows", f"A contest takes at most {most} participants. Split it."
        )
    else:
        async with AsyncSession(services.engine) as db, db.begin():
            contest, row = await _mine(db, reading)
            if row.rows == 0:
                await store.fail(db, contest, row, "empty", "The list has a header, but no rows. Add some.")
            else:
                await store.finish(db, contest, row)


async def _write(services: Services, reading: Reading, batch: Batch) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _mine(db, reading)
        await store.write(db, contest, row, batch)
        rows = row.rows
    reading.rows = rows


async def _fail(services: Services, reading: Reading, code: str, message: str) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _mine(db, reading)
        await store.fail(db, contest, row, code, message)


async def _mine(db: AsyncSession, reading: Reading) -> Any:
    """The contest and the import, locked; raises LostError unless the import is where this reader left it."""
    found = await store.locked(db, reading.import_id)
    if found is None or found[1].state != "running" or found[1].rows != reading.rows:
        raise LostError
    return found


async def _ahead(batches: Iterator[Batch]) -> AsyncGenerator[Batch, None]:
    """Batches, each made in a thread while the one before is used."""
    coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await asyncio.shield(coming)) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        # A thread cannot be stopped; what it still makes is nobody's.
        await asyncio.gather(coming, return_exceptions=True)


def _in_thread(chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    """The chunks, for a reader in another thread."""

    async def following() -> bytes | None:
        return await anext(chunks, None)

    while (chunk := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield chunk
