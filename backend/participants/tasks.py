"""Reading imports, and deleting their files afterwards."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.enqueue import enqueue
from backend.participants.importing import read_import
from backend.participants.store import DELETE_FILE, IMPORTS_QUEUE

READ_IMPORT = "read_import"


async def enqueue_read(db: AsyncSession, import_id: UUID) -> None:
    """Have an import read, once the caller's transaction commits."""
    await enqueue(
        db, READ_IMPORT, {"import_id": str(import_id)}, queue=IMPORTS_QUEUE, key=f"{READ_IMPORT} {import_id}"
    )


@task(READ_IMPORT, limit=3600, attempts=10, queue=IMPORTS_QUEUE)
async def read(run: Run, import_id: str) -> None:
    """Goes on where the last attempt committed."""
    await read_import(run.services, UUID(import_id))


@task(DELETE_FILE, limit=60, attempts=10, queue=IMPORTS_QUEUE)
async def delete_file(run: Run, key: str) -> None:
    """One that is gone already is fine."""
    await run.services.files.delete(key)
