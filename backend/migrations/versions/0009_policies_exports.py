"""What a user's wallet may do: limits, recipients, freezes; and the export of one's own key."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

LIMITS = """
-- Rows are never changed: the newest whose time has come counts, one of the future is waiting.
CREATE TABLE app.policy_limit (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT policy_limit_pkey PRIMARY KEY,
    user_id uuid CONSTRAINT policy_limit_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    set_by text NOT NULL,
    token bytea,
    per_transaction numeric(78, 0),
    daily numeric(78, 0),
    valid_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT policy_limit_version_key UNIQUE NULLS NOT DISTINCT (user_id, token, set_by, valid_from),
    CONSTRAINT policy_limit_set_by_check CHECK (set_by IN ('platform', 'admin', 'owner')),
    CONSTRAINT policy_limit_user_check CHECK ((set_by = 'platform') = (user_id IS NULL)),
    CONSTRAINT policy_limit_token_check CHECK (length(token) = 20),
    CONSTRAINT policy_limit_amounts_check CHECK (per_transaction >= 0 AND daily >= 0)
);
CREATE INDEX hold_spent_idx ON app.hold (wallet_id, created_at) WHERE outcome <> 'released';
"""

RECIPIENTS = """
CREATE TABLE app.policy_mode (
    user_id uuid NOT NULL CONSTRAINT policy_mode_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    allow_list_only boolean NOT NULL,
    valid_from timestamptz NOT NULL,
    CONSTRAINT policy_mode_pkey PRIMARY KEY (user_id, valid_from)
);
CREATE TABLE app.policy_address (
    user_id uuid NOT NULL CONSTRAINT policy_address_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    address bytea NOT NULL,
    label text,
    first_seen_at timestamptz NOT NULL,
    usable_from timestamptz NOT NULL,
    listed_at timestamptz,
    listed_from timestamptz,
    CONSTRAINT policy_address_pkey PRIMARY KEY (user_id, address),
    CONSTRAINT policy_address_length_check CHECK (length(address) = 20),
    CONSTRAINT policy_address_usable_check CHECK (usable_from >= first_seen_at),
    CONSTRAINT policy_address_listed_check CHECK
        ((listed_at IS NULL) = (listed_from IS NULL) AND listed_from >= listed_at)
);
"""

FREEZES = """
CREATE TABLE app.freeze (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT freeze_pkey PRIMARY KEY,
    wallet_id uuid CONSTRAINT freeze_wallet_id_fkey REFERENCES app.wallet (id),
    user_id uuid CONSTRAINT freeze_user_id_fkey REFERENCES app."user" (id),
    reason text NOT NULL,
    actor text NOT NULL,
    frozen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_at timestamptz,
    lifted_by text,
    lifted_reason text,
    CONSTRAINT freeze_subject_check CHECK (num_nonnulls(wallet_id, user_id) = 1),
    CONSTRAINT freeze_reason_check CHECK (length(reason) BETWEEN 1 AND 500),
    CONSTRAINT freeze_lifted_check CHECK (num_nulls(lifted_at, lifted_by, lifted_reason) IN (0, 3))
);
CREATE INDEX freeze_open_wallet_idx ON app.freeze (wallet_id) WHERE lifted_at IS NULL;
CREATE INDEX freeze_open_user_idx ON app.freeze (user_id) WHERE lifted_at IS NULL;
INSERT INTO app.freeze (wallet_id, reason, actor, frozen_at)
    SELECT id, left(coalesce(nullif(frozen_reason, ''), 'not recorded'), 500), 'sender', frozen_at
    FROM app.wallet WHERE frozen_at IS NOT NULL;

-- The sender looks at `wallet.frozen_at` alone: it must say what `freeze` says.
CREATE FUNCTION app.wallet_stays_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM app.freeze f
               WHERE (f.wallet_id = NEW.id OR f.user_id = NEW.user_id) AND f.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'wallet % has a freeze that is not lifted', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wallet_stays_frozen BEFORE UPDATE OF frozen_at ON app.wallet
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL AND NEW.frozen_at IS NULL)
    EXECUTE FUNCTION app.wallet_stays_frozen();
"""

EXPORTS = """
ALTER TABLE app.wallet ADD COLUMN exported_at timestamptz;
CREATE TABLE app.wallet_export (
    id uuid CONSTRAINT wallet_export_pkey PRIMARY KEY,
    wallet_id uuid NOT NULL CONSTRAINT wallet_export_wallet_id_fkey REFERENCES app.wallet (id),
    cancel_hash bytea NOT NULL CONSTRAINT wallet_export_cancel_hash_key UNIQUE,
    requested_at timestamptz NOT NULL,
    ready_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    retrieved_at timestamptz,
    CONSTRAINT wallet_export_order_check CHECK (requested_at <= ready_at AND ready_at < expires_at),
    CONSTRAINT wallet_export_end_check CHECK (num_nonnulls(cancelled_at, retrieved_at) < 2),
    CONSTRAINT wallet_export_waited_check CHECK (retrieved_at >= ready_at AND retrieved_at < expires_at)
);
CREATE UNIQUE INDEX wallet_export_open_key ON app.wallet_export (wallet_id)
    WHERE cancelled_at IS NULL AND retrieved_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    for part in (LIMITS, RECIPIENTS, FREEZES, EXPORTS):
        op.execute(part)
