"""A job that goes back to waiting, while a newer one with its key waits, gives up the key: both run."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

# The index of keys would refuse the retry: the job would stay `doing` for ever, and so would all those that are
# rescued in one statement with it. The lock makes a retry wait for an enqueueing that has not committed yet.
KEYS = """
CREATE FUNCTION jobs.key_taken() RETURNS trigger
LANGUAGE plpgsql SET search_path = jobs, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.queueing_lock, 0));
    IF TG_OP = 'UPDATE' AND EXISTS (
        SELECT FROM procrastinate_jobs WHERE queueing_lock = NEW.queueing_lock AND status = 'todo' AND id <> NEW.id
    ) THEN
        NEW.queueing_lock := NULL;
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER key_taken_before_insert BEFORE INSERT ON jobs.procrastinate_jobs
    FOR EACH ROW WHEN (NEW.queueing_lock IS NOT NULL) EXECUTE FUNCTION jobs.key_taken();
CREATE TRIGGER key_taken_before_update BEFORE UPDATE OF status ON jobs.procrastinate_jobs
    FOR EACH ROW WHEN (NEW.queueing_lock IS NOT NULL AND NEW.status = 'todo' AND OLD.status <> 'todo')
    EXECUTE FUNCTION jobs.key_taken();
"""


def upgrade() -> None:
    """Apply."""
    op.execute(KEYS)
