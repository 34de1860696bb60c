"""What contests are charged, checkouts and subscriptions at Stripe, and refunds that an administrator began."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

CHARGES = """
CREATE TABLE app.contest_charge (
    intent_id uuid CONSTRAINT contest_charge_pkey PRIMARY KEY
        CONSTRAINT contest_charge_intent_id_fkey REFERENCES app.intent (id),
    contest_id uuid NOT NULL,
    user_id uuid NOT NULL CONSTRAINT contest_charge_user_id_fkey REFERENCES app.pseudonym (id),
    tier text NOT NULL,
    items jsonb NOT NULL,
    credits bigint NOT NULL,
    hold_id bigint CONSTRAINT contest_charge_hold_id_key UNIQUE
        CONSTRAINT contest_charge_hold_id_fkey REFERENCES app.ledger_entry (id),
    state text NOT NULL DEFAULT 'held',
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    CONSTRAINT contest_charge_state_check CHECK (state IN ('held', 'charged', 'released')),
    CONSTRAINT contest_charge_settled_check CHECK ((settled_at IS NOT NULL) = (state <> 'held')),
    CONSTRAINT contest_charge_items_check CHECK (jsonb_typeof(items) = 'array'),
    -- Nothing is free but what costs nothing.
    CONSTRAINT contest_charge_hold_check CHECK (credits >= 0 AND (hold_id IS NOT NULL) = (credits > 0))
);
CREATE INDEX contest_charge_contest_id_idx ON app.contest_charge (contest_id);
CREATE INDEX contest_charge_user_id_idx ON app.contest_charge (user_id, created_at);
CREATE INDEX contest_charge_held_idx ON app.contest_charge (intent_id) WHERE state = 'held';
"""

# Whoever ends an intent (the sender, a cancellation) ends it here, so its charge cannot be forgotten; and the sender,
# which ends many at once, locks no account of the ledger: a job does.
SETTLING = """
CREATE FUNCTION app.intent_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path = app, jobs, pg_temp AS $$
BEGIN
    INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args)
    SELECT 'default', 'settle_charge', jsonb_build_object('intent_id', c.intent_id)
    FROM app.contest_charge c WHERE c.intent_id = NEW.id AND c.state = 'held';
    RETURN NULL;
END;
$$;
CREATE TRIGGER intent_ended AFTER UPDATE OF state ON app.intent
    FOR EACH ROW WHEN (NEW.kind = 'open_contest' AND NEW.state IS DISTINCT FROM OLD.state
        AND NEW.state IN ('confirmed', 'reverted', 'rejected', 'cancelled'))
    EXECUTE FUNCTION app.intent_ended();
"""

PAYMENTS = """
CREATE TABLE app.stripe_customer (
    user_id uuid CONSTRAINT stripe_customer_pkey PRIMARY KEY
        CONSTRAINT stripe_customer_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    id text NOT NULL CONSTRAINT stripe_customer_id_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE app.checkout (
    id uuid CONSTRAINT checkout_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT checkout_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    key text NOT NULL,
    sells text NOT NULL,
    code text NOT NULL,
    credits bigint NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    session_id text CONSTRAINT checkout_session_id_key UNIQUE,
    url text,
    expires_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT checkout_user_id_key_key UNIQUE (user_id, key),
    CONSTRAINT checkout_sells_check CHECK (sells IN ('package', 'subscription')),
    CONSTRAINT checkout_amount_check CHECK (amount > 0),
    CONSTRAINT checkout_credits_check CHECK ((credits > 0) = (sells = 'package') AND credits >= 0),
    CONSTRAINT checkout_begun_check CHECK (num_nonnulls(session_id, url, expires_at) IN (0, 3))
);
CREATE INDEX checkout_open_idx ON app.checkout (created_at) WHERE session_id IS NOT NULL AND closed_at IS NULL;
ALTER TABLE app.payment
    ADD COLUMN amount bigint,
    ADD COLUMN currency text,
    ADD COLUMN captured bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD COLUMN disputed bigint NOT NULL DEFAULT 0,
    ADD COLUMN checkout_id uuid,
    ADD COLUMN seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT payment_seq_key UNIQUE,
    ADD CONSTRAINT payment_amounts_check CHECK (amount > 0 AND captured >= 0 AND refunded >= 0 AND disputed >= 0);
CREATE INDEX payment_checkout_id_idx ON app.payment (checkout_id) WHERE checkout_id IS NOT NULL;
ALTER TABLE app.payment_event RENAME COLUMN payment_id TO object_id;
CREATE TABLE app.subscription (
    id text CONSTRAINT subscription_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT subscription_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    tier text NOT NULL,
    "interval" text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    period_end timestamptz NOT NULL,
    ends_at timestamptz,
    looked_up integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subscription_amount_check CHECK (amount >= 0)
);
CREATE INDEX subscription_user_id_idx ON app.subscription (user_id);
CREATE TABLE app.refund (
    id uuid CONSTRAINT refund_pkey PRIMARY KEY,
    payment_id text NOT NULL CONSTRAINT refund_payment_id_fkey REFERENCES app.payment (id),
    actor text NOT NULL,
    key text NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    stripe_id text CONSTRAINT refund_stripe_id_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refund_actor_key_key UNIQUE (actor, key),
    CONSTRAINT refund_amount_check CHECK (amount > 0)
);
CREATE INDEX refund_payment_id_idx ON app.refund (payment_id);
"""


def upgrade() -> None:
    """Apply."""
    for part in (CHARGES, SETTLING, PAYMENTS):
        op.execute(part)
