"""`jobs`, the tasks there are, and `task`, which makes one: a time limit, retries with backoff, a clean error."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec

import structlog
from procrastinate import BaseRetryStrategy, Blueprint, JobContext, RetryDecision
from procrastinate.jobs import Job
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.jobs import metrics
from backend.jobs.errors import JobError, LaterError, PermanentError, TimeLimitError
from backend.jobs.redact import clean_line
from backend.services import Services
from backend.tracing import spans
from backend.tracing.traceparent import Traceparent

log = structlog.get_logger(__name__)
jobs = Blueprint()
P = ParamSpec("P")
Work = Callable[Concatenate["Run", P], Awaitable[None]]

DEFAULT_QUEUE = "default"
TRACEPARENT = "traceparent"
"""Beside the arguments of a task: of the request that enqueued it. Tasks do not see it."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3600.0

_FAILED = text("""
    INSERT INTO jobs.failure (job_id, error) VALUES (:job, :error)
    ON CONFLICT (job_id) DO UPDATE SET error = excluded.error, at = clock_timestamp()
""")


@dataclass(frozen=True)
class Run:
    """One attempt at a job; `attempt` counts from 0. It may follow one that was killed at any point."""

    services: Services
    job_id: int
    attempt: int


def task(
    name: str, *, limit: float, attempts: int = 10, queue: str = DEFAULT_QUEUE
) -> Callable[[Work[P]], Work[P]]:
    """Register a coroutine as the task `name`.

    It is ended after `limit` seconds. What it raises is tried again up to `attempts` times in all, with
    pauses that double, unless it raises PermanentError or LaterError.
    """

    def register(work: Work[P]) -> Work[P]:
        async def run(context: JobContext, /, *args: P.args, **kwargs: P.kwargs) -> None:
            services: Services = context.additional_context["services"]
            job_id, began = context.job.id or 0, time.monotonic()
            origin = Traceparent.read(str(kwargs.pop(TRACEPARENT, ""))) or Traceparent.new()
            with spans.work(f"job {name}", origin, "consumer", {"tombola.job": job_id}) as span:
                log.debug("job_begins", task=name, job=job_id, attempt=context.job.attempts)
                try:
                    await _within(limit, work(Run(services, job_id, context.job.attempts), *args, **kwargs))
                    metrics.ENDS.labels(name, "done").inc()
                except Exception as error:
                    span.fail(type(error).__name__)
                    raise await _failed(services, context.job, error, attempts) from None
                finally:
                    metrics.DURATION.labels(name).observe(time.monotonic() - began)
                log.debug("job_done", task=name, job=job_id)

        metrics.show(name)
        jobs.task(name=name, queue=queue, pass_context=True, retry=_AsTold())(run)
        return work

    return register


def pause(attempt: int) -> float:
    """Seconds before the attempt after `attempt`: doubling up to an hour, and by chance up to half of it less,
    so that what failed together does not come back together."""
    whole = min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)
    return whole * random.uniform(0.5, 1.0)


async def _within(limit: float, work: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(limit) as clock:
            await work
    except TimeoutError:
        if clock.expired():
            raise TimeLimitError(f"it took longer than {limit:g} s and was ended") from None
        raise


async def _failed(services: Services, job: Job, error: Exception, attempts: int) -> JobError:
    """Write down why it failed, and decide whether it is tried again."""
    line = clean_line(error)
    retry_in: float | None = None
    if isinstance(error, LaterError):
        retry_in = error.seconds
    elif not isinstance(error, PermanentError) and job.attempts + 1 < attempts:
        retry_in = pause(job.attempts)
    try:
        async with services.engine.begin() as db:
            await db.execute(_FAILED, {"job": job.id, "error": line})
    except (SQLAlchemyError, OSError) as trouble:
        log.warning("failure_not_recorded", job=job.id, error=clean_line(trouble))
    metrics.ENDS.labels(job.task_name, "failed" if retry_in is None else "again").inc()
    log.log(
        30 if retry_in is not None else 40,
        "job_failed",
        task=job.task_name,
        job=job.id,
        attempt=job.attempts,
        error=line,
        where=_where(error),
        next=f"again in {retry_in:.0f} s" if retry_in is not None else "an admin may retry it",
    )
    return JobError(line, retry_in)


def _where(error: BaseException) -> str:
    """File and line that raised, for whoever looks for the fault; a traceback could hold values."""
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


class _AsTold(BaseRetryStrategy):
    """Tries again when the failure says so; at once when the worker was told to stop."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None: the job has failed for good."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=datetime.now(UTC))
        retry_in = exception.retry_in if isinstance(exception, JobError) else None
        return (
            None
            if retry_in is None
            else RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=retry_in))
        )
