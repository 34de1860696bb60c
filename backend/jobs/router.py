"""What administrators do with jobs: look at those that failed for good, and run them again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import text

from backend.audit.service import changed, record
from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing
from backend.db import Db
from backend.errors import AppError, NotFound, errors
from backend.jobs.app import TRACEPARENT
from backend.routing import Router

router = Router(prefix="/admin", tags=["admin"])
JobState = Literal["waiting", "running", "failed"]
STATUS: dict[JobState, str] = {"waiting": "todo", "running": "doing", "failed": "failed"}
"""procrastinate's words. A job that succeeded is gone."""

_COLUMNS = """
    SELECT j.id, j.task_name, j.queue_name, CAST(j.status AS text) AS status, j.attempts, j.args,
        j.scheduled_at, f.error, f.at AS failed_at
    FROM jobs.procrastinate_jobs j LEFT JOIN jobs.failure f ON f.job_id = j.id
"""
_LIST = text(
    _COLUMNS
    + """
    WHERE j.status = CAST(:status AS jobs.procrastinate_job_status) AND j.id < :before
        AND (CAST(:task AS text) IS NULL OR j.task_name = :task)
    ORDER BY j.id DESC LIMIT :most
"""
)
_KINDS = text("""
    SELECT task_name, count(*) FILTER (WHERE status = 'todo') AS waiting,
        count(*) FILTER (WHERE status = 'doing') AS running, count(*) FILTER (WHERE status = 'failed') AS failed
    FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
    GROUP BY task_name ORDER BY task_name
""")
_LOCK = text(_COLUMNS + "WHERE j.id = :id FOR UPDATE OF j")
_WAITS = text(
    "SELECT id FROM jobs.procrastinate_jobs WHERE queueing_lock = (SELECT queueing_lock FROM"
    " jobs.procrastinate_jobs WHERE id = :id) AND status = 'todo'"
)
_RETRY = text("""
    UPDATE jobs.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL
    WHERE id = :id
""")


class JobOut(BaseModel):
    """One job. `args` are ids; `error` is the last attempt's, one line, without secrets."""

    id: str = Field(examples=["17"])
    task: str = Field(examples=["deliver_mail"])
    queue: str = Field(examples=["mail"])
    state: JobState
    attempts: int = Field(description="Attempts that ended", examples=[12])
    args: dict[str, str | int] = Field(examples=[{"mail_id": "7f8a0f3e-2f4b-4a53-9f0e-5a3f3f0c6a11"}])
    scheduled_at: datetime | None = Field(description="Not before; null: at once")
    error: str | None = Field(examples=["PermanentError: the mail server refuses the recipient (550)"])
    failed_at: datetime | None


class JobList(BaseModel):
    """Newest first."""

    items: list[JobOut]
    next_cursor: str | None = Field(examples=["17", None])


class JobKindOut(BaseModel):
    """How many jobs of a task there are."""

    task: str = Field(examples=["deliver_mail"])
    waiting: int = Field(examples=[0])
    running: int = Field(examples=[0])
    failed: int = Field(examples=[3])


class JobKindList(BaseModel):
    """By the task's name; those without a job are left out."""

    items: list[JobKindOut]


class JobNotFound(NotFound):
    """There is no job with this id; one that succeeded is gone"""


class JobNotFailed(AppError):
    """Only a job that failed for good can be retried, and only while the same one does not wait"""

    status = 409


@router.get("/jobs", summary="Jobs, by state", responses=errors(NotSignedIn, RoleMissing))
async def list_jobs(
    _admin: Admin,
    db: Db,
    state: JobState = "failed",
    task: Annotated[
        str | None,
        Query(pattern=r"^[a-z0-9_]{1,60}$", description="Only of this task", examples=["deliver_mail"]),
    ] = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> JobList:
    """Those that failed are the dead letters: nothing tries them again by itself."""
    before = int(cursor) if cursor is not None else 2**63 - 1
    found = await db.execute(
        _LIST, {"status": STATUS[state], "task": task, "before": before, "most": limit + 1}
    )
    rows = found.all()
    page = [_shown(row) for row in rows[:limit]]
    return JobList(items=page, next_cursor=page[-1].id if len(rows) > limit else None)


@router.get("/jobs/kinds", summary="Jobs, counted by task", responses=errors(NotSignedIn, RoleMissing))
async def list_job_kinds(_admin: Admin, db: Db) -> JobKindList:
    """For choosing which to look at, or to run again."""
    rows = await db.execute(_KINDS)
    return JobKindList(
        items=[
            JobKindOut(task=row.task_name, waiting=row.waiting, running=row.running, failed=row.failed)
            for row in rows
        ]
    )


@router.post(
    "/jobs/{job_id}/retry",
    status_code=202,
    summary="Run a failed job again",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing, JobNotFound, JobNotFailed),
)
async def retry_job(job_id: Annotated[int, Path(ge=1, lt=2**63)], admin: Admin, db: Db) -> JobOut:
    """With all its attempts anew. Tasks are made so that running one twice has its effect once."""
    row = (await db.execute(_LOCK, {"id": job_id})).one_or_none()
    if row is None:
        raise JobNotFound(f"There is no job {job_id}.")
    if row.status != "failed" or await db.scalar(_WAITS, {"id": job_id}) is not None:
        raise JobNotFailed(f"Job {job_id} has not failed for good, or the same one waits already.")
    await db.execute(_RETRY, {"id": job_id})
    before = {"state": "failed", "attempts": row.attempts}
    detail = {"task": row.task_name, **changed(before, {"state": "waiting", "attempts": 0})}
    await record(db, f"user:{admin.id}", "job.retry", f"job:{job_id}", detail)
    return _shown((await db.execute(_LOCK, {"id": job_id})).one())


def _shown(row: Any) -> JobOut:
    states = {status: state for state, status in STATUS.items()}
    return JobOut.model_validate(
        {
            "id": str(row.id),
            "task": row.task_name,
            "queue": row.queue_name,
            "state": states[row.status],
            "attempts": row.attempts,
            "args": {name: value for name, value in row.args.items() if name != TRACEPARENT},
            "scheduled_at": row.scheduled_at,
            "error": row.error,
            "failed_at": row.failed_at,
        }
    )
