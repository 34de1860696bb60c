"""Roles, profiles, suspension, verified e-mail, what a session was opened with, and tokens sent by mail."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

USERS = """
ALTER TABLE app."user"
    ADD COLUMN seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT user_seq_key UNIQUE,
    ADD COLUMN role text NOT NULL DEFAULT 'user',
    ADD COLUMN display_name text,
    ADD COLUMN locale text NOT NULL DEFAULT 'en',
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN avatar_key text,
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_reason text,
    ADD CONSTRAINT user_role_check CHECK (role IN ('user', 'organiser', 'support', 'admin')),
    ADD CONSTRAINT user_display_name_check CHECK (length(display_name) BETWEEN 1 AND 80),
    ADD CONSTRAINT user_suspended_check CHECK (num_nonnulls(suspended_at, suspended_reason) IN (0, 2));
-- A search is for the beginning of an address.
CREATE INDEX user_email_prefix_idx ON app."user" (email text_pattern_ops);
"""

SESSIONS = """
ALTER TABLE app.session
    ADD COLUMN device text NOT NULL DEFAULT '',
    ADD COLUMN network text NOT NULL DEFAULT '',
    ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN stepped_up_at timestamptz,
    ADD COLUMN step_up_method text,
    ADD CONSTRAINT session_step_up_check CHECK (num_nonnulls(stepped_up_at, step_up_method) IN (0, 2));
"""

MAILED_TOKENS = """
CREATE TABLE app.mailed_token (
    token_hash bytea CONSTRAINT mailed_token_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT mailed_token_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    purpose text NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT mailed_token_hash_check CHECK (length(token_hash) = 32),
    CONSTRAINT mailed_token_purpose_check CHECK (purpose IN ('verify_email', 'change_email', 'reset_password')),
    CONSTRAINT mailed_token_expires_check CHECK (expires_at > created_at)
);
-- Only the newest link of a purpose works.
CREATE UNIQUE INDEX mailed_token_open_key ON app.mailed_token (user_id, purpose) WHERE used_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    for part in (USERS, SESSIONS, MAILED_TOKENS):
        op.execute(part)
