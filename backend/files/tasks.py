"""Deleting files that nobody needs any more."""

from __future__ import annotations

from backend.files.retention import KINDS, discard
from backend.jobs.app import Run, task


@task("discard_files", limit=3600, attempts=3)
async def discard_files(run: Run) -> None:
    """Every kind; each file at most once, however often this runs."""
    services = run.services
    for kind in KINDS:
        await discard(services.files, services.engine, kind)
