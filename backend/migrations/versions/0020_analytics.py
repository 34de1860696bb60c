"""Figures per hour and day, what folding them needs, fees of transactions, and where a contest's participants came from."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

FIGURES = """
-- scope, metric, dimension: see backend.analytics. The "C" collation keeps the key short to compare.
CREATE TABLE app.analytics (
    scope text COLLATE "C" NOT NULL,
    metric text COLLATE "C" NOT NULL,
    span text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    dimension text COLLATE "C" NOT NULL,
    value numeric(78, 0) NOT NULL,
    CONSTRAINT analytics_pkey PRIMARY KEY (scope, metric, span, at, dimension),
    CONSTRAINT analytics_span_check CHECK (span IN ('hour', 'day')),
    CONSTRAINT analytics_at_check CHECK (at = date_trunc(span, at, 'UTC'))
);
CREATE INDEX analytics_at_idx ON app.analytics (at, metric);
-- What is needed to fold the next hour: players of the day that is not over, balances before the hour.
CREATE TABLE app.analytics_player (
    scope text COLLATE "C" NOT NULL,
    day timestamptz NOT NULL,
    player bytea NOT NULL,
    CONSTRAINT analytics_player_pkey PRIMARY KEY (scope, day, player)
);
CREATE TABLE app.analytics_balance (
    token bytea NOT NULL,
    holder bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    CONSTRAINT analytics_balance_pkey PRIMARY KEY (token, holder)
);
CREATE INDEX analytics_balance_token_amount_idx ON app.analytics_balance (token, amount);
CREATE TABLE app.analytics_state (
    id smallint CONSTRAINT analytics_state_pkey PRIMARY KEY CONSTRAINT analytics_state_id_check CHECK (id = 1),
    definition text NOT NULL,
    through timestamptz NOT NULL,
    through_block bigint NOT NULL,
    complete_until timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);
"""

FACTS = """
-- What a transaction cost, as its receipt says, and when it was seen to be final.
ALTER TABLE app.slot
    ADD COLUMN fee numeric(78, 0),
    ADD COLUMN final_at timestamptz,
    ADD CONSTRAINT slot_fee_check CHECK (fee >= 0),
    ADD CONSTRAINT slot_final_at_check CHECK (final_at IS NULL OR state = 'final');
CREATE INDEX slot_final_at_idx ON app.slot (final_at) WHERE final_at IS NOT NULL;
-- Entries come in order of time, nearly.
CREATE INDEX ledger_entry_at_idx ON app.ledger_entry USING brin (at);
-- Imports go when their account is erased; where the participants of a committed list came from does not.
ALTER TABLE app.contest ADD COLUMN sources text[] NOT NULL DEFAULT '{}';
UPDATE app.contest c SET sources = ARRAY(
    SELECT DISTINCT i.source FROM app.contest_import i WHERE i.contest_id = c.id AND i.accepted > 0 ORDER BY 1)
WHERE c.committed_at IS NOT NULL;
"""


def upgrade() -> None:
    """Apply."""
    op.execute(FIGURES)
    op.execute(FACTS)
