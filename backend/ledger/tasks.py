"""The ledger's jobs."""

from __future__ import annotations

from backend.jobs.app import Run, task
from backend.ledger.holds import expire_due
from backend.ledger.reconcile import reconcile


@task("expire_holds", limit=120)
async def expire_holds(run: Run) -> None:
    """Release holds whose time is over."""
    await expire_due(run.services.engine)


@task("reconcile", limit=3_600, attempts=3)
async def reconcile_everything(run: Run) -> None:
    """Compare what should be equal; differences are rows of `app.difference` and alerts."""
    await reconcile(run.services)
