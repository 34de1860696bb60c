"""Contests: uploaded lists, what was rejected of them, and what was committed on chain."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

CONTESTS = """
CREATE TABLE app.contest (
    id uuid CONSTRAINT contest_pkey PRIMARY KEY,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT contest_seq_key UNIQUE,
    owner_id uuid NOT NULL CONSTRAINT contest_owner_id_fkey REFERENCES app."user" (id),
    title text NOT NULL,
    rules text NOT NULL,
    post_reference text NOT NULL,
    winners integer NOT NULL,
    alternates integer NOT NULL,
    file_name text NOT NULL,
    file_bytes bigint NOT NULL,
    account_column text NOT NULL,
    list_sha256 bytea NOT NULL,
    row_count integer NOT NULL,
    duplicate_count integer NOT NULL,
    entry_count integer NOT NULL,
    rejected_for jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    committed_at timestamptz,
    intent_id uuid CONSTRAINT contest_intent_id_fkey REFERENCES app.intent (id),
    chain_id bigint,
    contract bytea,
    contest_key bytea CONSTRAINT contest_contest_key_key UNIQUE,
    key_salt bytea,
    sealed_secret bytea,
    root bytea,
    commitment bytea,
    CONSTRAINT contest_places_check CHECK (winners >= 1 AND alternates >= 0 AND winners + alternates <= entry_count),
    CONSTRAINT contest_committed_check CHECK (num_nonnulls(committed_at, intent_id, chain_id, contract, contest_key,
        key_salt, sealed_secret, root, commitment) IN (0, 9))
);
CREATE INDEX contest_owner_id_seq_idx ON app.contest (owner_id, seq DESC);
CREATE TABLE app.contest_entry (
    contest_id uuid NOT NULL CONSTRAINT contest_entry_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    index integer NOT NULL,
    account_key text NOT NULL,
    account text NOT NULL,
    row_number integer NOT NULL,
    CONSTRAINT contest_entry_pkey PRIMARY KEY (contest_id, index)
);
CREATE TABLE app.contest_rejection (
    contest_id uuid NOT NULL
        CONSTRAINT contest_rejection_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    row_number integer NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    raw text NOT NULL,
    CONSTRAINT contest_rejection_pkey PRIMARY KEY (contest_id, row_number)
);
CREATE TABLE app.contest_leaves (
    contest_id uuid CONSTRAINT contest_leaves_pkey PRIMARY KEY
        CONSTRAINT contest_leaves_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    leaves bytea NOT NULL,
    CONSTRAINT contest_leaves_length_check CHECK (length(leaves) % 32 = 0)
);
-- Hashes do not compress, and only uncompressed values can be read in slices.
ALTER TABLE app.contest_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE TABLE app.contest_proof (
    contest_id uuid NOT NULL CONSTRAINT contest_proof_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    index integer NOT NULL,
    proof bytea NOT NULL,
    CONSTRAINT contest_proof_pkey PRIMARY KEY (contest_id, index)
);
"""


def upgrade() -> None:
    """Apply."""
    op.execute(CONTESTS)
