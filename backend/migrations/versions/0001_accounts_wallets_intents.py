"""Accounts, custodial wallets, intents and what the sender promises about them."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

ACCOUNTS = """
CREATE TABLE app."user" (
    id uuid CONSTRAINT user_pkey PRIMARY KEY,
    email text NOT NULL CONSTRAINT user_email_key UNIQUE,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE app.session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT session_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX session_user_id_idx ON app.session (user_id);
CREATE TABLE app.refresh_token (
    token_hash bytea CONSTRAINT refresh_token_pkey PRIMARY KEY,
    session_id uuid NOT NULL
        CONSTRAINT refresh_token_session_id_fkey REFERENCES app.session (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_token_session_id_idx ON app.refresh_token (session_id);
CREATE TABLE app.idempotency (
    user_id uuid NOT NULL CONSTRAINT idempotency_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_pkey PRIMARY KEY (user_id, key)
);
"""

WALLETS = """
CREATE TABLE app.wallet (
    id uuid CONSTRAINT wallet_pkey PRIMARY KEY,
    user_id uuid
        CONSTRAINT wallet_user_id_key UNIQUE CONSTRAINT wallet_user_id_fkey REFERENCES app."user" (id),
    role text NOT NULL DEFAULT 'user',
    address bytea NOT NULL CONSTRAINT wallet_address_key UNIQUE,
    first_nonce bigint,
    next_nonce bigint,
    wake bigint NOT NULL DEFAULT 0,
    due_at timestamptz,
    lease_owner uuid,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    frozen_at timestamptz,
    frozen_reason text,
    paused_until timestamptz,
    paused_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wallet_role_check CHECK (role IN ('user', 'treasury', 'keeper')),
    CONSTRAINT wallet_owner_check CHECK ((role = 'user') = (user_id IS NOT NULL)),
    CONSTRAINT wallet_address_length_check CHECK (length(address) = 20),
    CONSTRAINT wallet_nonce_check CHECK (next_nonce >= first_nonce AND first_nonce >= 0)
);
CREATE UNIQUE INDEX wallet_platform_role_key ON app.wallet (role) WHERE role <> 'user';
CREATE INDEX wallet_due_at_idx ON app.wallet (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE app.wallet_key (
    wallet_id uuid NOT NULL CONSTRAINT wallet_key_wallet_id_fkey REFERENCES app.wallet (id),
    version smallint NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wallet_key_pkey PRIMARY KEY (wallet_id, version)
);
"""

INTENTS = """
CREATE TABLE app.intent (
    id uuid CONSTRAINT intent_pkey PRIMARY KEY,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT intent_seq_key UNIQUE,
    wallet_id uuid NOT NULL CONSTRAINT intent_wallet_id_fkey REFERENCES app.wallet (id),
    user_id uuid CONSTRAINT intent_user_id_fkey REFERENCES app."user" (id),
    kind text NOT NULL,
    params jsonb NOT NULL,
    calls jsonb NOT NULL,
    state text NOT NULL,
    error_code text,
    error_message text,
    dedupe_key text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intent_state_check CHECK
        (state IN ('created', 'signed', 'broadcast', 'mined', 'confirmed', 'reverted', 'rejected'))
);
CREATE INDEX intent_open_idx ON app.intent (wallet_id, seq)
    WHERE state NOT IN ('confirmed', 'reverted', 'rejected');
CREATE INDEX intent_user_idx ON app.intent (user_id, seq DESC);
CREATE UNIQUE INDEX intent_dedupe_key ON app.intent (dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state NOT IN ('confirmed', 'reverted', 'rejected');
CREATE TABLE app.intent_stage (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT intent_stage_pkey PRIMARY KEY,
    intent_id uuid NOT NULL CONSTRAINT intent_stage_intent_id_fkey REFERENCES app.intent (id),
    state text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX intent_stage_intent_id_idx ON app.intent_stage (intent_id);
CREATE TABLE app.slot (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT slot_pkey PRIMARY KEY,
    wallet_id uuid NOT NULL CONSTRAINT slot_wallet_id_fkey REFERENCES app.wallet (id),
    nonce bigint NOT NULL,
    intent_id uuid NOT NULL CONSTRAINT slot_intent_id_fkey REFERENCES app.intent (id),
    position smallint NOT NULL,
    gas_limit bigint NOT NULL,
    state text NOT NULL DEFAULT 'signed',
    winner bytea,
    succeeded boolean,
    block_number bigint,
    block_hash bytea,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT slot_wallet_id_nonce_key UNIQUE (wallet_id, nonce),
    CONSTRAINT slot_intent_id_position_key UNIQUE (intent_id, position),
    CONSTRAINT slot_state_check CHECK (state IN ('signed', 'broadcast', 'mined', 'final')),
    CONSTRAINT slot_mined_check CHECK ((state IN ('mined', 'final')) = (winner IS NOT NULL
        AND succeeded IS NOT NULL AND block_number IS NOT NULL AND block_hash IS NOT NULL))
);
CREATE INDEX slot_open_idx ON app.slot (wallet_id, nonce) WHERE state <> 'final';
CREATE TABLE app.attempt (
    hash bytea CONSTRAINT attempt_pkey PRIMARY KEY,
    slot_id bigint NOT NULL CONSTRAINT attempt_slot_id_fkey REFERENCES app.slot (id),
    raw bytea NOT NULL,
    max_fee numeric(78, 0) NOT NULL,
    priority_fee numeric(78, 0) NOT NULL,
    purpose text NOT NULL DEFAULT 'call',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attempt_purpose_check CHECK (purpose IN ('call', 'bump', 'noop'))
);
CREATE INDEX attempt_slot_id_idx ON app.attempt (slot_id);
CREATE TABLE app.hold (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT hold_pkey PRIMARY KEY,
    intent_id uuid NOT NULL CONSTRAINT hold_intent_id_fkey REFERENCES app.intent (id),
    wallet_id uuid NOT NULL CONSTRAINT hold_wallet_id_fkey REFERENCES app.wallet (id),
    token bytea,
    amount numeric(78, 0) NOT NULL,
    outcome text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    CONSTRAINT hold_amount_check CHECK (amount > 0),
    CONSTRAINT hold_outcome_check CHECK (outcome IN ('open', 'spent', 'released')),
    CONSTRAINT hold_settled_check CHECK ((outcome = 'open') = (settled_at IS NULL))
);
CREATE INDEX hold_intent_id_idx ON app.hold (intent_id);
CREATE INDEX hold_open_idx ON app.hold (wallet_id) WHERE outcome = 'open';
"""


def upgrade() -> None:
    """Apply."""
    for part in (ACCOUNTS, WALLETS, INTENTS):
        op.execute(part)
