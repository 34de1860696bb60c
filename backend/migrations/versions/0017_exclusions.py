"""Who is excluded is committed: the root and the leaves of a contest's exclusions."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

EXCLUSIONS = """
ALTER TABLE app.contest
    ADD COLUMN exclusion_count integer NOT NULL DEFAULT 0,
    ADD COLUMN exclusion_root bytea,
    ADD CONSTRAINT contest_exclusion_count_check CHECK (exclusion_count >= 0),
    -- Null in what was committed before there were exclusions.
    ADD CONSTRAINT contest_exclusion_root_check CHECK (
        length(exclusion_root) = 32 AND (committed_at IS NOT NULL OR exclusion_root IS NULL));
ALTER TABLE app.contest_leaves
    ADD COLUMN exclusions bytea NOT NULL DEFAULT '',
    ADD CONSTRAINT contest_leaves_exclusions_check CHECK (length(exclusions) % 32 = 0);
ALTER TABLE app.contest_leaves ALTER COLUMN exclusions SET STORAGE EXTERNAL;
"""


def upgrade() -> None:
    """Apply."""
    op.execute(EXCLUSIONS)
