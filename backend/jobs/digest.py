"""Telling administrators by mail, once a day, which jobs have failed for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.outbox.service import mail
from backend.users.tables import User

_FAILED = text("""
    SELECT j.task_name, count(*) AS jobs FROM jobs.procrastinate_jobs j
    JOIN jobs.failure f ON f.job_id = j.id
    WHERE j.status = 'failed' AND f.at > now() - interval '1 day'
    GROUP BY j.task_name ORDER BY j.task_name
""")


@task("failure_digest", limit=60)
async def failure_digest(run: Run) -> None:
    """Nothing when nothing failed. One mail a day to each, however often it runs."""
    today = datetime.now(UTC).date()
    async with AsyncSession(run.services.engine) as db, db.begin():
        failed = (await db.execute(_FAILED)).all()
        if not failed:
            return
        data = {
            "count": str(sum(row.jobs for row in failed)),
            "since": (today - timedelta(days=1)).isoformat(),
            "tasks": ", ".join(f"{row.task_name} ({row.jobs})" for row in failed),
        }
        admins = await db.scalars(select(User).where(User.role == "admin", User.suspended_at.is_(None)))
        for admin in admins:
            await mail(
                db, admin.id, admin.email, "failed_jobs", data, once=f"failure_digest {today} {admin.id}"
            )
