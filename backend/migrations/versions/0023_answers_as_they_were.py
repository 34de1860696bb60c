"""Answers to idempotency keys as they were given, of every route: status, headers, body."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Apply."""
    # What was answered before is not the answer as it was sent. Its key stays taken: requests are hashed with a secret
    # from now on, so none is equal to an earlier one, and a key of before is refused rather than carried out again.
    op.execute("""
        ALTER TABLE app.idempotency
            ADD status smallint,
            ADD headers jsonb,
            ADD body bytea
    """)
    op.execute("UPDATE app.idempotency SET status = 0 WHERE answer IS NOT NULL")
    op.execute("ALTER TABLE app.idempotency DROP answer")
    op.execute("""
        ALTER TABLE app.idempotency
            ADD CONSTRAINT idempotency_status_check CHECK (status IS NOT NULL OR (headers IS NULL AND body IS NULL)),
            ADD CONSTRAINT idempotency_body_check CHECK ((headers IS NULL) = (body IS NULL))
    """)
