"""What becomes of jobs, for Prometheus. `task` is a name that `backend.jobs.app.task` registered."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ENDS = Counter(
    "tombola_job_ends",
    "Attempts at jobs that ended: done; failed and tried again; failed for good",
    ["task", "outcome"],
)
DURATION = Histogram("tombola_job_duration_seconds", "One attempt", ["task"], buckets=(0.1, 1, 10, 60, 600))


def show(task: str) -> None:
    """Show the counters of a task from the start, so that the first of a kind is an increase."""
    for outcome in ("done", "again", "failed"):
        ENDS.labels(task, outcome)
