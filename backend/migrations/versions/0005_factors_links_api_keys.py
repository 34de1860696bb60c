"""Second factors, linked wallets, keys for integrators."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

FACTORS = """
CREATE TABLE app.totp (
    id uuid CONSTRAINT totp_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT totp_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    last_step bigint,
    failed_at timestamptz[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    -- The code that confirms is used up: its time step is the first.
    CONSTRAINT totp_confirmed_check CHECK (confirmed_at IS NULL OR last_step IS NOT NULL)
);
CREATE UNIQUE INDEX totp_confirmed_key ON app.totp (user_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX totp_pending_key ON app.totp (user_id) WHERE confirmed_at IS NULL;
CREATE FUNCTION app.totp_step_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_step IS NULL OR NEW.last_step <= OLD.last_step THEN
        RAISE EXCEPTION 'a time step of totp % would be used again', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER totp_step_grows BEFORE UPDATE OF last_step ON app.totp
    FOR EACH ROW EXECUTE FUNCTION app.totp_step_grows();
CREATE TABLE app.passkey (
    id uuid CONSTRAINT passkey_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT passkey_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    name text NOT NULL,
    credential_id bytea NOT NULL CONSTRAINT passkey_credential_id_key UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    transports text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT passkey_credential_id_length_check CHECK (length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT passkey_sign_count_check CHECK (sign_count BETWEEN 0 AND 4294967295)
);
CREATE INDEX passkey_user_id_idx ON app.passkey (user_id);
CREATE FUNCTION app.passkey_count_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sign_count < OLD.sign_count THEN
        RAISE EXCEPTION 'the signature counter of passkey % would go back', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER passkey_count_grows BEFORE UPDATE ON app.passkey
    FOR EACH ROW EXECUTE FUNCTION app.passkey_count_grows();
-- A row is deleted by its use: what is here can still be used.
CREATE TABLE app.passkey_challenge (
    challenge bytea CONSTRAINT passkey_challenge_pkey PRIMARY KEY,
    purpose text NOT NULL,
    user_id uuid CONSTRAINT passkey_challenge_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    CONSTRAINT passkey_challenge_length_check CHECK (length(challenge) = 32),
    CONSTRAINT passkey_challenge_purpose_check CHECK (purpose IN ('register', 'prove', 'sign_in')),
    -- Nobody is known before a sign-in without password.
    CONSTRAINT passkey_challenge_user_check CHECK ((purpose = 'sign_in') = (user_id IS NULL))
);
CREATE INDEX passkey_challenge_expires_at_idx ON app.passkey_challenge (expires_at);
CREATE INDEX passkey_challenge_user_id_idx ON app.passkey_challenge (user_id);
CREATE TABLE app.recovery_code (
    user_id uuid NOT NULL CONSTRAINT recovery_code_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recovery_code_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_code_hash_length_check CHECK (length(code_hash) = 32)
);
CREATE TABLE app.sign_in_ticket (
    token_hash bytea CONSTRAINT sign_in_ticket_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT sign_in_ticket_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    tries smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sign_in_ticket_tries_check CHECK (tries BETWEEN 0 AND 5)
);
CREATE INDEX sign_in_ticket_user_id_idx ON app.sign_in_ticket (user_id);
"""

LINKS = """
CREATE TABLE app.link (
    id uuid CONSTRAINT link_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT link_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    address bytea NOT NULL CONSTRAINT link_address_key UNIQUE,
    kind text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT link_address_length_check CHECK (length(address) = 20),
    CONSTRAINT link_kind_check CHECK (kind IN ('key', 'contract'))
);
CREATE INDEX link_user_id_idx ON app.link (user_id);
CREATE TABLE app.link_nonce (
    nonce text CONSTRAINT link_nonce_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT link_nonce_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT link_nonce_times_check CHECK (expires_at > issued_at)
);
CREATE INDEX link_nonce_user_id_idx ON app.link_nonce (user_id);
"""

API_KEYS = """
CREATE TABLE app.api_key (
    id uuid CONSTRAINT api_key_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT api_key_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    name text NOT NULL,
    prefix text NOT NULL CONSTRAINT api_key_prefix_key UNIQUE,
    secret_hash bytea NOT NULL CONSTRAINT api_key_secret_hash_key UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_key_secret_hash_length_check CHECK (length(secret_hash) = 32),
    CONSTRAINT api_key_scopes_check CHECK
        (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'intents', 'contests', 'webhooks'])
);
CREATE INDEX api_key_user_id_idx ON app.api_key (user_id);
"""


def upgrade() -> None:
    """Apply."""
    for part in (FACTORS, LINKS, API_KEYS):
        op.execute(part)
