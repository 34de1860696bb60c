"""What is owed to people at a final block: snapshots, their trees, and each person's leaf."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Apply."""
    op.execute("""
        CREATE TABLE app.backing_snapshot (
            block_number bigint CONSTRAINT backing_snapshot_pkey PRIMARY KEY,
            block_time timestamptz NOT NULL,
            contract bytea NOT NULL,
            intent_id uuid NOT NULL CONSTRAINT backing_snapshot_intent_id_fkey REFERENCES app.intent (id),
            taken_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE app.backing_statement (
            block_number bigint NOT NULL
                CONSTRAINT backing_statement_block_number_fkey REFERENCES app.backing_snapshot (block_number),
            topic bytea NOT NULL,
            symbol text NOT NULL,
            decimals smallint,
            root bytea NOT NULL,
            total numeric(78, 0) NOT NULL,
            size integer NOT NULL,
            document bytea NOT NULL,
            holders bytea,
            reserve numeric(78, 0),
            seed bytea NOT NULL,
            block_hashes bytea NOT NULL,
            block_sums numeric(78, 0)[] NOT NULL,
            CONSTRAINT backing_statement_pkey PRIMARY KEY (block_number, topic),
            CONSTRAINT backing_statement_lengths_check CHECK (
                length(topic) = 32 AND length(root) = 32 AND length(document) = 32 AND length(seed) = 32),
            CONSTRAINT backing_statement_total_check CHECK (total >= 0 AND reserve >= 0)
        )
    """)
    op.execute("""
        CREATE TABLE app.backing_leaf (
            block_number bigint NOT NULL,
            topic bytea NOT NULL,
            index integer NOT NULL,
            wallet_id uuid NOT NULL CONSTRAINT backing_leaf_wallet_id_fkey REFERENCES app.wallet (id),
            amount numeric(78, 0) NOT NULL,
            CONSTRAINT backing_leaf_pkey PRIMARY KEY (block_number, topic, index),
            CONSTRAINT backing_leaf_block_number_topic_wallet_id_key UNIQUE (block_number, topic, wallet_id),
            CONSTRAINT backing_leaf_statement_fkey FOREIGN KEY (block_number, topic)
                REFERENCES app.backing_statement (block_number, topic),
            CONSTRAINT backing_leaf_amount_check CHECK (amount > 0)
        )
    """)
