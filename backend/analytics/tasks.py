"""The job that keeps the figures."""

from __future__ import annotations

from backend.analytics.folding import NothingMirroredError, advance
from backend.jobs.app import Run, task


@task("fold_analytics", limit=600, attempts=1)
async def fold_analytics(run: Run) -> None:
    """Fold what is due. A first run over years of facts is many short ones: the next tick goes on."""
    try:
        await advance(run.services.engine)
    except NothingMirroredError:
        return
