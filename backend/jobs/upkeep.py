"""Cleaning up what nobody needs any more. Each task may run twice, or not for a week, without harm."""

from __future__ import annotations

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import Contest
from backend.jobs.app import Run, task
from backend.participants.store import drop_files
from backend.privacy.retention import FAILED_JOBS_DAYS, SECRETS_DAYS, TOLD_DAYS
from backend.settings import Settings

BATCH = 5000
"""Rows in one transaction: a short one, since the streams wait for the oldest that runs."""

_EXPIRED = (
    # After this an answer is not repeated any more: the same key would be a new request.
    text("""
        DELETE FROM app.idempotency WHERE ctid IN (
            SELECT ctid FROM app.idempotency WHERE created_at < now() - make_interval(days => :answers) LIMIT :most)
    """),
    *(
        text(f"""
            DELETE FROM app.{table} WHERE ctid IN (
                SELECT ctid FROM app.{table}
                WHERE expires_at < now() - make_interval(days => :secrets) LIMIT :most)
        """)  # noqa: S608 - the names stand in the next lines
        for table in (
            "refresh_token",
            "mailed_token",
            "passkey_challenge",
            "sign_in_ticket",
            "link_nonce",
            "connection_attempt",
        )
    ),
    # Ended by somebody, or by itself: none of its refresh tokens can be used any more.
    text("""
        DELETE FROM app.session WHERE ctid IN (
            SELECT s.ctid FROM app.session s WHERE coalesce(s.revoked_at, s.last_used_at)
                    < now() - make_interval(days => :sessions)
                AND (s.revoked_at IS NOT NULL OR NOT EXISTS (SELECT FROM app.refresh_token r
                    WHERE r.session_id = s.id AND r.used_at IS NULL AND r.expires_at > now()))
            LIMIT :most)
    """),
    text("""
        DELETE FROM app.mail WHERE ctid IN (
            SELECT ctid FROM app.mail WHERE created_at < now() - make_interval(days => :mails) AND state <> 'waiting'
            LIMIT :most)
    """),
    text("""
        DELETE FROM app.told WHERE ctid IN (
            SELECT ctid FROM app.told WHERE at < now() - make_interval(days => :told) LIMIT :most)
    """),
    text("""
        DELETE FROM jobs.procrastinate_jobs WHERE id IN (
            SELECT j.id FROM jobs.procrastinate_jobs j JOIN jobs.failure f ON f.job_id = j.id
            WHERE j.status = 'failed' AND f.at < now() - make_interval(days => :failed_jobs) LIMIT :most)
    """),
)

# Oldest first by number, which is nearly the order of time: the floor says what may be missing from now on.
_EVENTS = text("""
    WITH old AS (
        SELECT id FROM (SELECT id, at FROM app.event ORDER BY id LIMIT :most) AS first
        WHERE at < now() - make_interval(days => :events)
    ), gone AS (
        DELETE FROM app.event e USING old WHERE e.id = old.id RETURNING e.xid
    ), floor AS (
        UPDATE app.event_floor SET xid = greatest(xid, (SELECT max(xid) FROM gone))
        WHERE EXISTS (SELECT FROM gone)
    )
    SELECT count(*) FROM gone
""")

# A database restored from a dump is another cluster, whose transactions count from the beginning. Events of the
# old one would hide until its numbers are reached; they come before all others instead.
_RESTORED = text("""
    UPDATE app.event SET xid = '3' WHERE xid > pg_snapshot_xmax(pg_current_snapshot())
""")

_DRAFTS = text("""
    SELECT id FROM app.contest
    WHERE committed_at IS NULL AND announced_at IS NULL AND created_at < now() - make_interval(days => :days)
    ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED
""")


@task("clean", limit=600, attempts=3)
async def clean(run: Run) -> None:
    """Delete what has expired, in short transactions."""
    values = {"most": BATCH, **_days(run.services.settings)}
    for statement in (*_EXPIRED, _EVENTS):
        while True:
            async with run.services.engine.begin() as db:
                done = await db.execute(statement, values)
                count = done.scalar_one() if statement is _EVENTS else done.rowcount
            if count < BATCH:
                break
    async with run.services.engine.begin() as db:
        await db.execute(_RESTORED)


def _days(settings: Settings) -> dict[str, int]:
    """As `backend.privacy.retention` tells people."""
    return {
        "answers": settings.keep_answers_days,
        "events": settings.keep_events_days,
        "mails": settings.keep_mails_days,
        "sessions": settings.keep_sessions_days,
        "secrets": SECRETS_DAYS,
        "failed_jobs": FAILED_JOBS_DAYS,
        "told": TOLD_DAYS,
    }


@task("expire_drafts", limit=600, attempts=3)
async def expire_drafts(run: Run) -> None:
    """Delete drafts that were made long ago, with their participants; what others have seen stays."""
    days = run.services.settings.draft_days
    while True:
        async with AsyncSession(run.services.engine) as db, db.begin():
            drafts = list(await db.scalars(_DRAFTS, {"days": days}))
            if not drafts:
                return
            await drop_files(db, drafts)
            await db.execute(delete(Contest).where(Contest.id.in_(drafts)))
