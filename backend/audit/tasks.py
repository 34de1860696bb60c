"""The audit's job."""

from __future__ import annotations

from backend.audit.chain import chain
from backend.jobs.app import Run, task


@task("chain_audit", limit=120, attempts=2)
async def chain_audit(run: Run) -> None:
    """Chain what was committed since the last run."""
    await chain(run.services.engine)
