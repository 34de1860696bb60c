"""Weighted lists: an entry owns as many units as it has weight, and units are drawn."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

WEIGHTS = """
ALTER TABLE app.contest
    ADD COLUMN weight_column text,
    ADD COLUMN total_weight bigint,
    ADD CONSTRAINT contest_weights_check CHECK (num_nonnulls(weight_column, total_weight) IN (0, 2)
        AND (total_weight IS NULL OR total_weight >= entry_count));
ALTER TABLE app.contest_entry
    ADD COLUMN weight bigint NOT NULL DEFAULT 1,
    ADD COLUMN first_unit bigint,
    ADD CONSTRAINT contest_entry_weight_check CHECK (weight >= 1);
-- Whose unit was drawn: only weighted lists are looked up by unit.
CREATE INDEX contest_entry_contest_id_first_unit_idx ON app.contest_entry (contest_id, first_unit)
    WHERE first_unit IS NOT NULL;
-- The sums of the proof's nodes, 8 bytes each.
ALTER TABLE app.contest_proof ADD COLUMN sums bytea;
"""


def upgrade() -> None:
    """Apply."""
    op.execute(WEIGHTS)
