"""Which request an intent was made by, for logs and traces of whoever works on it later."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Apply."""
    op.execute("ALTER TABLE app.intent ADD traceparent text")
    # As it was, and the job belongs to the intent's request; an argument that is not there is none.
    op.execute("""
        CREATE OR REPLACE FUNCTION app.intent_ended() RETURNS trigger
        LANGUAGE plpgsql SET search_path = app, jobs, pg_temp AS $$
        BEGIN
            INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args)
            SELECT 'default', 'settle_charge',
                jsonb_strip_nulls(jsonb_build_object('intent_id', c.intent_id, 'traceparent', NEW.traceparent))
            FROM app.contest_charge c WHERE c.intent_id = NEW.id AND c.state = 'held';
            RETURN NULL;
        END;
        $$
    """)
