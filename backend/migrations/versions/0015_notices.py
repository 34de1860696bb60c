"""Languages people are written to in, the notices they ended, and what was told already."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    op.execute("""
        UPDATE app."user" SET locale = 'en' WHERE locale !~ '^(en|es|pt|fr|de|it)(-[A-Z]{2})?$';
        ALTER TABLE app."user"
            ADD COLUMN muted_notices text[] NOT NULL DEFAULT '{}',
            ADD CONSTRAINT user_locale_check CHECK (locale ~ '^(en|es|pt|fr|de|it)(-[A-Z]{2})?$'),
            ADD CONSTRAINT user_muted_notices_check CHECK (
                muted_notices <@ ARRAY['draw_completed', 'credits_low', 'renewal']);
        CREATE TABLE app.told (
            fact text CONSTRAINT told_pkey PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE app.credit_watch (
            user_id uuid CONSTRAINT credit_watch_pkey PRIMARY KEY
                CONSTRAINT credit_watch_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
            is_low boolean NOT NULL
        );
    """)
