"""Contests are filled by imports: participants as they came, who of them is excluded, and what a draw may have more.

Lists of drafts, and of contests whose opening failed or may still fail, become participants; what is committed stays
as it is.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

CONTESTS = """
ALTER TABLE app.contest
    ALTER COLUMN file_name DROP NOT NULL,
    ALTER COLUMN file_bytes DROP NOT NULL,
    ALTER COLUMN account_column DROP NOT NULL,
    ALTER COLUMN list_sha256 DROP NOT NULL,
    ALTER COLUMN row_count SET DEFAULT 0,
    ALTER COLUMN duplicate_count SET DEFAULT 0,
    ALTER COLUMN entry_count SET DEFAULT 0,
    ALTER COLUMN rejected_for SET DEFAULT '{}',
    ADD COLUMN language text NOT NULL DEFAULT 'en',
    ADD COLUMN prizes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN filters jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN participant_count integer NOT NULL DEFAULT 0,
    ADD COLUMN announced_at timestamptz,
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN cancel_reason text,
    DROP CONSTRAINT contest_places_check,
    ADD CONSTRAINT contest_places_check CHECK (winners >= 1 AND alternates >= 0
        AND (committed_at IS NULL OR (winners + alternates <= entry_count AND list_sha256 IS NOT NULL))),
    ADD CONSTRAINT contest_language_check CHECK (language IN ('en', 'es', 'pt', 'fr', 'de', 'it')),
    ADD CONSTRAINT contest_prizes_check CHECK (jsonb_typeof(prizes) = 'array'),
    ADD CONSTRAINT contest_filters_check CHECK (jsonb_typeof(filters) = 'array'),
    ADD CONSTRAINT contest_counts_check CHECK (row_count >= 0 AND duplicate_count >= 0 AND entry_count >= 0
        AND participant_count >= 0),
    ADD CONSTRAINT contest_cancelled_check CHECK (num_nonnulls(cancelled_at, cancel_reason) IN (0, 2));
"""

IMPORTS = """
CREATE TABLE app.contest_import (
    id uuid CONSTRAINT contest_import_pkey PRIMARY KEY,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT contest_import_seq_key UNIQUE,
    contest_id uuid NOT NULL
        CONSTRAINT contest_import_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    source text NOT NULL,
    file_name text,
    file_key text CONSTRAINT contest_import_file_key_key UNIQUE,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'waiting',
    position jsonb,
    bytes_total bigint,
    bytes_read bigint NOT NULL DEFAULT 0,
    rows integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    rejected_for jsonb NOT NULL DEFAULT '{}',
    reported bigint,
    sha256 bytea,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT contest_import_source_check CHECK (
        source IN ('file', 'paste', 'instagram', 'facebook', 'x', 'tiktok', 'youtube')),
    CONSTRAINT contest_import_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT contest_import_rows_check CHECK (accepted >= 0 AND rejected >= 0 AND rows = accepted + rejected),
    CONSTRAINT contest_import_bytes_check CHECK (bytes_read >= 0 AND bytes_total >= 0),
    CONSTRAINT contest_import_finished_check CHECK (
        (finished_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled'))),
    CONSTRAINT contest_import_error_check CHECK (
        num_nonnulls(error_code, error_message) = CASE state WHEN 'failed' THEN 2 ELSE 0 END),
    CONSTRAINT contest_import_sha256_check CHECK (length(sha256) = 32),
    -- What participants refer to: an import of their own contest.
    CONSTRAINT contest_import_contest_id_id_key UNIQUE (contest_id, id)
);
CREATE TABLE app.participant (
    contest_id uuid NOT NULL,
    number integer NOT NULL,
    import_id uuid NOT NULL,
    row_number integer NOT NULL,
    account_key text COLLATE "C" NOT NULL,
    account text NOT NULL,
    weight bigint,
    comment text,
    comment_id text,
    posted_at timestamptz,
    likes integer,
    followers bigint,
    account_created_at timestamptz,
    follows boolean,
    liked boolean,
    CONSTRAINT participant_pkey PRIMARY KEY (contest_id, number),
    -- One reference for both: each costs a look-up for every row.
    CONSTRAINT participant_contest_id_import_id_fkey FOREIGN KEY (contest_id, import_id)
        REFERENCES app.contest_import (contest_id, id) ON DELETE CASCADE,
    CONSTRAINT participant_number_check CHECK (number >= 1),
    CONSTRAINT participant_account_key_check CHECK (account_key <> ''),
    CONSTRAINT participant_weight_check CHECK (weight >= 1),
    CONSTRAINT participant_figures_check CHECK (likes >= 0 AND followers >= 0)
);
-- A fetch that is resumed adds no comment twice.
CREATE UNIQUE INDEX participant_comment_id_key ON app.participant (contest_id, comment_id)
    WHERE comment_id IS NOT NULL;
CREATE TABLE app.contest_exclusion (
    contest_id uuid NOT NULL
        CONSTRAINT contest_exclusion_contest_id_fkey REFERENCES app.contest (id) ON DELETE CASCADE,
    index integer NOT NULL,
    account_key text COLLATE "C" NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT contest_exclusion_pkey PRIMARY KEY (contest_id, index),
    CONSTRAINT contest_exclusion_index_check CHECK (index >= 0)
);
"""

# One import for each list there is, whose file was not kept.
MOVE = """
INSERT INTO app.contest_import (id, contest_id, source, file_name, options, state, bytes_total, bytes_read, rows,
    accepted, rejected, rejected_for, sha256, created_at, started_at, finished_at)
SELECT gen_random_uuid(), c.id, 'file', c.file_name,
    jsonb_strip_nulls(jsonb_build_object('column', c.account_column, 'weight_column', c.weight_column)),
    'done', c.file_bytes, c.file_bytes, c.row_count, c.entry_count + c.duplicate_count,
    c.row_count - c.entry_count - c.duplicate_count, c.rejected_for, c.list_sha256,
    c.created_at, c.created_at, c.created_at
FROM app.contest c ORDER BY c.seq;
INSERT INTO app.participant (contest_id, number, import_id, row_number, account_key, account, weight)
SELECT c.id, e.index + 1, m.id, e.row_number, e.account_key, e.account,
    CASE WHEN c.total_weight IS NOT NULL THEN e.weight END
FROM app.contest c
JOIN app.contest_import m ON m.contest_id = c.id
JOIN app.contest_entry e ON e.contest_id = c.id
LEFT JOIN app.intent i ON i.id = c.intent_id
WHERE i.state IS DISTINCT FROM 'confirmed';
UPDATE app.contest c SET participant_count = c.entry_count
FROM app.contest d LEFT JOIN app.intent i ON i.id = d.intent_id
WHERE d.id = c.id AND i.state IS DISTINCT FROM 'confirmed';
DELETE FROM app.contest_entry e USING app.contest c WHERE c.id = e.contest_id AND c.committed_at IS NULL;
ALTER TABLE app.contest_rejection ADD COLUMN import_id uuid;
UPDATE app.contest_rejection r SET import_id = m.id FROM app.contest_import m WHERE m.contest_id = r.contest_id;
ALTER TABLE app.contest_rejection
    DROP COLUMN contest_id,
    ALTER COLUMN import_id SET NOT NULL,
    ADD CONSTRAINT contest_rejection_pkey PRIMARY KEY (import_id, row_number),
    ADD CONSTRAINT contest_rejection_import_id_fkey FOREIGN KEY (import_id)
        REFERENCES app.contest_import (id) ON DELETE CASCADE;
"""


def upgrade() -> None:
    """Apply."""
    for part in (CONTESTS, IMPORTS, MOVE):
        op.execute(part)
