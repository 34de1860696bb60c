"""A worker process whose schedule ticks every second: `python -m tests.backend.scheduled_worker`."""

from __future__ import annotations

import asyncio

from backend import logs
from backend.jobs import leader
from backend.jobs.app import Run, task
from backend.jobs.process import run
from backend.jobs.schedule import Entry
from backend.settings import load_settings


@task("tick", limit=5)
async def tick(_run: Run) -> None:
    """Nothing: who enqueued it is what matters."""


if __name__ == "__main__":
    leader.SCHEDULE = (Entry("tick", every=1),)
    logs.configure("worker")
    asyncio.run(run(load_settings()))
