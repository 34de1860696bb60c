"""Finding the day's gas top-ups."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

TOP_UPS = """
CREATE INDEX intent_top_up_idx ON app.intent (created_at) WHERE kind = 'top_up';
"""


def upgrade() -> None:
    """Apply."""
    op.execute(TOP_UPS)
