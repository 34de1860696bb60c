"""Payments by Stripe, and the webhooks that told of them."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.execute("""
        CREATE TABLE app.payment (
            id text CONSTRAINT payment_pkey PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT payment_user_id_fkey REFERENCES app."user" (id),
            credits bigint NOT NULL,
            due bigint NOT NULL DEFAULT 0,
            booked bigint NOT NULL DEFAULT 0,
            bookings integer NOT NULL DEFAULT 0,
            settlements integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT payment_credits_check CHECK (credits > 0),
            CONSTRAINT payment_due_check CHECK (due BETWEEN 0 AND credits),
            CONSTRAINT payment_booked_check CHECK (booked BETWEEN 0 AND credits)
        )
    """)
    op.execute("CREATE INDEX payment_user_id_idx ON app.payment (user_id)")
    op.execute("CREATE INDEX payment_owed_idx ON app.payment (updated_at) WHERE booked > due")
    op.execute("""
        CREATE TABLE app.payment_event (
            id text CONSTRAINT payment_event_pkey PRIMARY KEY,
            type text NOT NULL,
            payment_id text,
            received_at timestamptz NOT NULL DEFAULT now()
        )
    """)
