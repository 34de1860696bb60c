"""Making copies, and deleting them when their time is over."""

from __future__ import annotations

from uuid import UUID

from backend.data_export.service import MAKE_DATA_EXPORT, QUEUE, expire, make
from backend.jobs.app import Run, task


@task(MAKE_DATA_EXPORT, queue=QUEUE, limit=1800, attempts=6)
async def make_data_export(run: Run, export_id: str) -> None:
    """Whole or not at all, however often it is killed or run."""
    await make(run.services, UUID(export_id))


@task("expire_data_exports", limit=300, attempts=3)
async def expire_data_exports(run: Run) -> None:
    """Each file at most once, however often this runs."""
    await expire(run.services)
