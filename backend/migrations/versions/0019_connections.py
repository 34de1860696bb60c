"""Connections to platforms, whose tokens are sealed, and what a fetch has seen and waits for."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.execute("""
        CREATE TABLE app.connection (
            id uuid CONSTRAINT connection_pkey PRIMARY KEY,
            user_id uuid NOT NULL
                CONSTRAINT connection_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
            platform text NOT NULL,
            account_id text NOT NULL,
            account_name text NOT NULL,
            scopes text[] NOT NULL,
            sealed bytea NOT NULL,
            expires_at timestamptz,
            renewed_at timestamptz NOT NULL DEFAULT now(),
            ended_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT connection_user_id_platform_account_id_key UNIQUE (user_id, platform, account_id),
            CONSTRAINT connection_platform_check CHECK (
                platform IN ('instagram', 'facebook', 'x', 'tiktok', 'youtube')),
            CONSTRAINT connection_account_check CHECK (account_id <> '' AND account_name <> '')
        )
    """)
    op.execute("""
        CREATE INDEX connection_expires_at_idx ON app.connection (expires_at)
            WHERE ended_at IS NULL AND expires_at IS NOT NULL
    """)
    op.execute("""
        CREATE TABLE app.connection_attempt (
            state_hash bytea CONSTRAINT connection_attempt_pkey PRIMARY KEY,
            user_id uuid NOT NULL
                CONSTRAINT connection_attempt_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
            platform text NOT NULL,
            verifier_hash bytea NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT connection_attempt_platform_check CHECK (
                platform IN ('instagram', 'facebook', 'x', 'tiktok', 'youtube')),
            CONSTRAINT connection_attempt_hashes_check CHECK (
                length(state_hash) = 32 AND length(verifier_hash) = 32)
        )
    """)
    op.execute("CREATE INDEX connection_attempt_user_id_idx ON app.connection_attempt (user_id)")
    op.execute("CREATE INDEX connection_attempt_expires_at_idx ON app.connection_attempt (expires_at)")
    op.execute("""
        CREATE TABLE app.fetched_comment (
            import_id uuid NOT NULL
                CONSTRAINT fetched_comment_import_id_fkey REFERENCES app.contest_import (id) ON DELETE CASCADE,
            comment_id text COLLATE "C" NOT NULL,
            CONSTRAINT fetched_comment_pkey PRIMARY KEY (import_id, comment_id)
        )
    """)
    # Why a fetch stands still, and until when.
    op.execute("""
        ALTER TABLE app.contest_import
            ADD COLUMN waits_until timestamptz,
            ADD COLUMN waits_because text,
            ADD CONSTRAINT contest_import_waits_check CHECK (
                num_nonnulls(waits_until, waits_because) IN (0, 2)
                AND (waits_until IS NULL OR state = 'running'))
    """)
