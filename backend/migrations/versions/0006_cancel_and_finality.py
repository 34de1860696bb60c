"""Cancelling, and ends that the schema keeps: what is final never changes, a winner is an attempt of its slot."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

CANCEL = """
ALTER TABLE app.intent
    ADD COLUMN cancel_requested_at timestamptz,
    DROP CONSTRAINT intent_state_check,
    ADD CONSTRAINT intent_state_check CHECK (state IN
        ('created', 'signed', 'broadcast', 'mined', 'confirmed', 'reverted', 'rejected', 'cancelled'));
ALTER TABLE app.attempt
    DROP CONSTRAINT attempt_purpose_check,
    ADD CONSTRAINT attempt_purpose_check CHECK (purpose IN ('call', 'bump', 'noop', 'cancel'));
DROP INDEX app.intent_open_idx;
CREATE INDEX intent_open_idx ON app.intent (wallet_id, seq)
    WHERE state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled');
DROP INDEX app.intent_dedupe_key;
CREATE UNIQUE INDEX intent_dedupe_key ON app.intent (dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled');
"""

FINALITY = """
ALTER TABLE app.attempt ADD CONSTRAINT attempt_slot_id_hash_key UNIQUE (slot_id, hash);
DROP INDEX app.attempt_slot_id_idx;
ALTER TABLE app.slot ADD CONSTRAINT slot_winner_fkey
    FOREIGN KEY (id, winner) REFERENCES app.attempt (slot_id, hash);
CREATE FUNCTION app.refuse_change_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % ended as % and cannot become %', TG_TABLE_NAME, OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER intent_end_stays BEFORE UPDATE ON app.intent FOR EACH ROW
    WHEN (OLD.state IN ('confirmed', 'reverted', 'rejected', 'cancelled') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION app.refuse_change_of_end();
CREATE TRIGGER slot_end_stays BEFORE UPDATE ON app.slot FOR EACH ROW
    WHEN (OLD.state = 'final' AND (NEW.state <> OLD.state OR NEW.winner IS DISTINCT FROM OLD.winner))
    EXECUTE FUNCTION app.refuse_change_of_end();
"""


def upgrade() -> None:
    """Apply."""
    op.execute(CANCEL)
    op.execute(FINALITY)
