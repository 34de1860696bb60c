"""The job that states once a day what is owed."""

from __future__ import annotations

from backend.backing.publish import is_due, publish
from backend.jobs.app import Run, task


@task("state_backing", limit=1_800, attempts=5)
async def state_backing(run: Run) -> None:
    """Publish what is owed at the newest final block, and the audit's head, if today's are missing."""
    if await is_due(run.services):
        await publish(run.services)
