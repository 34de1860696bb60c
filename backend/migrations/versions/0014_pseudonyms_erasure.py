"""What outlives an account refers to its pseudonym; everything else goes with the account.

`docs/decisions/0016-erasure-deletes-the-account-and-keeps-its-number.md` says why.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

# Not a BEFORE trigger: an INSERT that finds the address taken makes no pseudonym.
PSEUDONYMS = """
CREATE TABLE app.pseudonym (
    id uuid CONSTRAINT pseudonym_pkey PRIMARY KEY,
    erased_at timestamptz
);
INSERT INTO app.pseudonym (id) SELECT id FROM app."user";
CREATE FUNCTION app.user_follows_pseudonym() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO app.pseudonym (id) VALUES (NEW.id);
    ELSE
        UPDATE app.pseudonym SET erased_at = clock_timestamp() WHERE id = OLD.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_follows_pseudonym AFTER INSERT OR DELETE ON app."user"
    FOR EACH ROW EXECUTE FUNCTION app.user_follows_pseudonym();
"""

OUTLIVES = """
ALTER TABLE app.wallet DROP CONSTRAINT wallet_user_id_fkey,
    ADD CONSTRAINT wallet_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.pseudonym (id);
ALTER TABLE app.intent DROP CONSTRAINT intent_user_id_fkey,
    ADD CONSTRAINT intent_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.pseudonym (id);
ALTER TABLE app.contest DROP CONSTRAINT contest_owner_id_fkey,
    ADD CONSTRAINT contest_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES app.pseudonym (id);
ALTER TABLE app.ledger_account DROP CONSTRAINT ledger_account_user_id_fkey,
    ADD CONSTRAINT ledger_account_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.pseudonym (id);
ALTER TABLE app.payment DROP CONSTRAINT payment_user_id_fkey,
    ADD CONSTRAINT payment_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.pseudonym (id);
"""

GOES = """
ALTER TABLE app.freeze DROP CONSTRAINT freeze_user_id_fkey,
    ADD CONSTRAINT freeze_user_id_fkey FOREIGN KEY (user_id) REFERENCES app."user" (id) ON DELETE CASCADE;
ALTER TABLE app.mail ADD COLUMN user_id uuid
    CONSTRAINT mail_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE;
UPDATE app.mail m SET user_id = u.id FROM app."user" u WHERE u.email = m.recipient;
UPDATE app.mail m SET user_id = t.user_id FROM app.mailed_token t WHERE m.user_id IS NULL AND t.email = m.recipient;
-- To addresses that no account has any more.
DELETE FROM app.mail WHERE user_id IS NULL;
ALTER TABLE app.mail ALTER COLUMN user_id SET NOT NULL;
CREATE INDEX mail_user_id_idx ON app.mail (user_id);
"""

# What people write about people is not in the logs that are only added to: those have a seal of it, keyed with 244
# random bits that go with the account.
REMARKS = """
ALTER TABLE app."user" ADD COLUMN remark_key bytea NOT NULL
    DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    ADD CONSTRAINT user_remark_key_check CHECK (length(remark_key) = 32);
CREATE TABLE app.remark (
    user_id uuid NOT NULL CONSTRAINT remark_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    seal text NOT NULL,
    text text NOT NULL,
    CONSTRAINT remark_pkey PRIMARY KEY (user_id, seal),
    CONSTRAINT remark_seal_check CHECK (seal ~ '^sealed:[0-9a-f]{64}$')
);
"""

ERASURES = """
CREATE TABLE app.erasure (
    id uuid CONSTRAINT erasure_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT erasure_user_id_fkey REFERENCES app.pseudonym (id),
    requested_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    carried_out_at timestamptz,
    obstacles jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT erasure_order_check CHECK (requested_at <= due_at),
    CONSTRAINT erasure_end_check CHECK (num_nonnulls(withdrawn_at, carried_out_at) < 2),
    CONSTRAINT erasure_waited_check CHECK (carried_out_at >= due_at),
    CONSTRAINT erasure_obstacles_check CHECK (carried_out_at IS NULL OR obstacles = '[]')
);
CREATE UNIQUE INDEX erasure_open_key ON app.erasure (user_id)
    WHERE withdrawn_at IS NULL AND carried_out_at IS NULL;
CREATE INDEX erasure_due_at_idx ON app.erasure (due_at) WHERE withdrawn_at IS NULL AND carried_out_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    for part in (PSEUDONYMS, OUTLIVES, GOES, REMARKS, ERASURES):
        op.execute(part)
