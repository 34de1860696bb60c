"""The credit ledger and the audit's chain: one log that is only added to, and what is derived from it.

`docs/decisions/0011-a-ledger-that-is-its-own-log.md` says why it is built this way.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

ACCOUNTS = """
CREATE TABLE app.ledger_currency (
    code text CONSTRAINT ledger_currency_pkey PRIMARY KEY,
    decimals smallint NOT NULL,
    CONSTRAINT ledger_currency_code_check CHECK (code ~ '^[A-Z0-9]{2,12}$'),
    CONSTRAINT ledger_currency_decimals_check CHECK (decimals BETWEEN 0 AND 36)
);
INSERT INTO app.ledger_currency VALUES ('CREDIT', 0);
CREATE TABLE app.ledger_account (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ledger_account_pkey PRIMARY KEY,
    user_id uuid CONSTRAINT ledger_account_user_id_fkey REFERENCES app."user" (id),
    kind text NOT NULL,
    currency text NOT NULL CONSTRAINT ledger_account_currency_fkey REFERENCES app.ledger_currency (code),
    balance numeric(78, 0) NOT NULL DEFAULT 0,
    held numeric(78, 0) NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_account_id_currency_key UNIQUE (id, currency),
    CONSTRAINT ledger_account_funds_check
        CHECK (held >= 0 AND (kind IN ('issuance', 'payments') OR balance >= held))
) WITH (fillfactor = 50); -- room for the next version of a row on its own page: no index is touched
CREATE UNIQUE INDEX ledger_account_user_id_currency_key ON app.ledger_account (user_id, currency)
    WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_account_kind_currency_key ON app.ledger_account (kind, currency)
    WHERE user_id IS NULL;
-- A CHECK would be judged again at each change of the balance; whose an account is never changes.
CREATE FUNCTION app.ledger_account_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'account % stays whose it is and what it counts', OLD.id USING ERRCODE = 'check_violation';
    ELSIF NEW.kind NOT IN ('user', 'issuance', 'payments', 'fees')
        OR (NEW.kind = 'user') <> (NEW.user_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'no account is of kind % with user %', NEW.kind, NEW.user_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_identity BEFORE INSERT OR UPDATE OF kind, user_id, currency ON app.ledger_account
    FOR EACH ROW EXECUTE FUNCTION app.ledger_account_identity();
"""

# One row is both sides of a movement, so postings cannot fail to sum to zero; the two references hold both sides
# to the row's one currency. `moved` goes from debit to credit, `held` is added to what the debit side holds.
ENTRIES = """
CREATE TABLE app.ledger_entry (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ledger_entry_pkey PRIMARY KEY,
    key text NOT NULL CONSTRAINT ledger_entry_key_key UNIQUE,
    kind text NOT NULL,
    currency text NOT NULL,
    debit_id bigint NOT NULL,
    credit_id bigint NOT NULL,
    moved numeric(78, 0) NOT NULL,
    held numeric(78, 0) NOT NULL,
    debit_balance numeric(78, 0) NOT NULL,
    credit_balance numeric(78, 0),
    hold_id bigint CONSTRAINT ledger_entry_hold_id_fkey REFERENCES app.ledger_entry (id),
    expires_at timestamptz,
    purpose text NOT NULL,
    memo text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ledger_entry_debit_fkey FOREIGN KEY (debit_id, currency)
        REFERENCES app.ledger_account (id, currency),
    CONSTRAINT ledger_entry_credit_fkey FOREIGN KEY (credit_id, currency)
        REFERENCES app.ledger_account (id, currency)
);
CREATE INDEX ledger_entry_debit_idx ON app.ledger_entry (debit_id, id) WHERE moved > 0;
CREATE INDEX ledger_entry_credit_idx ON app.ledger_entry (credit_id, id) WHERE moved > 0;
-- Holds that are still open; the log has them all.
CREATE TABLE app.ledger_hold (
    id bigint CONSTRAINT ledger_hold_pkey PRIMARY KEY
        CONSTRAINT ledger_hold_id_fkey REFERENCES app.ledger_entry (id),
    account_id bigint NOT NULL CONSTRAINT ledger_hold_account_id_fkey REFERENCES app.ledger_account (id),
    amount numeric(78, 0) NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT ledger_hold_amount_check CHECK (amount > 0)
);
CREATE INDEX ledger_hold_account_id_idx ON app.ledger_hold (account_id);
CREATE INDEX ledger_hold_expires_at_idx ON app.ledger_hold (expires_at);
-- What an entry may be. As CHECKs the same rules are read anew by each INSERT, which takes a quarter of a transfer.
CREATE FUNCTION app.ledger_entry_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.debit_id = NEW.credit_id
        OR length(NEW.key) NOT BETWEEN 1 AND 300
        OR (NEW.moved > 0) <> (NEW.credit_balance IS NOT NULL)
        OR (NEW.expires_at IS NULL) <> (NEW.kind <> 'hold')
        OR (NEW.hold_id IS NULL) <> (NEW.kind IN ('transfer', 'hold'))
        -- Of all that can end a hold exactly one does: they share one unique key.
        OR NOT (CASE WHEN NEW.hold_id IS NULL THEN NEW.key NOT LIKE 'settle:%'
            ELSE NEW.key = 'settle:' || NEW.hold_id END)
        OR NOT (CASE NEW.kind
            WHEN 'transfer' THEN NEW.moved > 0 AND NEW.held = 0
            WHEN 'hold' THEN NEW.moved = 0 AND NEW.held > 0
            WHEN 'post' THEN NEW.moved > 0 AND NEW.moved <= -NEW.held
            WHEN 'void' THEN NEW.moved = 0 AND NEW.held < 0
            WHEN 'expire' THEN NEW.moved = 0 AND NEW.held < 0
            ELSE false END)
    THEN
        RAISE EXCEPTION 'no entry is like this: %', NEW USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO app.audit_pending VALUES ('ledger', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_rules AFTER INSERT ON app.ledger_entry
    FOR EACH ROW EXECUTE FUNCTION app.ledger_entry_rules();
"""

# Every change of a balance goes through here. Errors have SQLSTATEs of their own (TL…), which
# backend/ledger/service.py turns into refusals.
APPLY = """
CREATE FUNCTION app.ledger_apply(
    p_key text, p_kind text, p_debit bigint, p_credit bigint, p_moved numeric, p_held numeric,
    p_purpose text, p_memo text, p_actor text, p_hold bigint DEFAULT NULL, p_expires timestamptz DEFAULT NULL
) RETURNS app.ledger_entry LANGUAGE plpgsql AS $$
DECLARE
    entry app.ledger_entry;
    debit app.ledger_account;
    credit_balance numeric;
BEGIN
    -- Calls with the same key wait here for the first one's end; then they find what it did.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 0));
    SELECT * INTO entry FROM app.ledger_entry e WHERE e.key = p_key;
    IF FOUND THEN
        IF (entry.kind, entry.debit_id, entry.credit_id, entry.moved, entry.held, entry.purpose, entry.memo)
            IS DISTINCT FROM (p_kind, p_debit, p_credit, p_moved, p_held, p_purpose, p_memo)
        THEN
            RAISE EXCEPTION 'key % is of entry %, another one', p_key, entry.id USING ERRCODE = 'TL002';
        END IF;
        RETURN entry;
    END IF;
    -- The account with the higher id is locked first, by everybody: no two calls wait for each other, and the oldest
    -- accounts, the system's own and the busiest, are locked for the shortest time.
    IF p_moved > 0 AND p_credit > p_debit THEN
        UPDATE app.ledger_account a SET balance = a.balance + p_moved
            WHERE a.id = p_credit RETURNING a.balance INTO credit_balance;
    END IF;
    UPDATE app.ledger_account a SET balance = a.balance - p_moved, held = a.held + p_held
        WHERE a.id = p_debit
            AND (a.kind IN ('issuance', 'payments') OR a.balance - p_moved >= a.held + p_held)
        RETURNING * INTO debit;
    IF NOT FOUND THEN
        SELECT * INTO STRICT debit FROM app.ledger_account a WHERE a.id = p_debit;
        RAISE EXCEPTION 'account % has % available', p_debit, debit.balance - debit.held
            USING ERRCODE = 'TL001', DETAIL = debit.balance - debit.held;
    END IF;
    IF p_moved > 0 AND p_credit < p_debit THEN
        UPDATE app.ledger_account a SET balance = a.balance + p_moved
            WHERE a.id = p_credit RETURNING a.balance INTO credit_balance;
    END IF;
    INSERT INTO app.ledger_entry (key, kind, currency, debit_id, credit_id, moved, held, debit_balance,
        credit_balance, hold_id, expires_at, purpose, memo, actor)
    VALUES (p_key, p_kind, debit.currency, p_debit, p_credit, p_moved, p_held, debit.balance,
        credit_balance, p_hold, p_expires, p_purpose, p_memo, p_actor)
    RETURNING * INTO entry;
    RETURN entry;
END $$;
"""

HOLDS = """
CREATE FUNCTION app.ledger_hold(
    p_key text, p_debit bigint, p_credit bigint, p_amount numeric, p_purpose text, p_memo text, p_actor text,
    p_expires timestamptz
) RETURNS app.ledger_entry LANGUAGE plpgsql AS $$
DECLARE
    entry app.ledger_entry;
BEGIN
    entry := app.ledger_apply(p_key, 'hold', p_debit, p_credit, 0, p_amount, p_purpose, p_memo, p_actor,
        p_expires => p_expires);
    -- A repeated call finds the hold open, or settled long ago.
    IF NOT EXISTS (SELECT FROM app.ledger_entry e WHERE e.key = 'settle:' || entry.id) THEN
        INSERT INTO app.ledger_hold VALUES (entry.id, entry.debit_id, entry.held, entry.expires_at)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN entry;
END $$;
-- p_kind: post, void or expire. p_amount: what a post moves, null for all of it.
CREATE FUNCTION app.ledger_settle(p_hold bigint, p_kind text, p_amount numeric, p_actor text)
RETURNS app.ledger_entry LANGUAGE plpgsql AS $$
DECLARE
    placed app.ledger_entry;
    settled app.ledger_entry;
    amount numeric;
BEGIN
    SELECT * INTO placed FROM app.ledger_entry e WHERE e.id = p_hold AND e.kind = 'hold';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no hold %', p_hold USING ERRCODE = 'TL003';
    END IF;
    amount := CASE WHEN p_kind = 'post' THEN coalesce(p_amount, placed.held) ELSE 0 END;
    IF amount > placed.held OR (p_kind = 'post' AND amount <= 0) THEN
        RAISE EXCEPTION 'hold % is of %, not of %', p_hold, placed.held, amount
            USING ERRCODE = 'TL005', DETAIL = placed.held;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('settle:' || p_hold, 0));
    SELECT * INTO settled FROM app.ledger_entry e WHERE e.key = 'settle:' || p_hold;
    IF FOUND AND (settled.kind, settled.moved) IS DISTINCT FROM (p_kind, amount) THEN
        RAISE EXCEPTION 'hold % has ended: %', p_hold, settled.kind
            USING ERRCODE = 'TL004', DETAIL = settled.kind;
    END IF;
    IF settled.id IS NOT NULL THEN
        RETURN settled;
    END IF;
    IF (p_kind = 'post' AND placed.expires_at <= clock_timestamp()) THEN
        RAISE EXCEPTION 'hold % has ended: expire', p_hold USING ERRCODE = 'TL004', DETAIL = 'expire';
    END IF;
    IF (p_kind = 'expire' AND placed.expires_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'hold % lasts until %', p_hold, placed.expires_at USING ERRCODE = 'TL006';
    END IF;
    DELETE FROM app.ledger_hold h WHERE h.id = p_hold;
    RETURN app.ledger_apply('settle:' || p_hold, p_kind, placed.debit_id, placed.credit_id, amount,
        -placed.held, placed.purpose, placed.memo, p_actor, p_hold);
END $$;
"""

AUDIT = """
CREATE TABLE app.audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_event_pkey PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX audit_event_subject_idx ON app.audit_event (subject, id);
-- Written and not chained yet: no index, as all of it is taken at once.
CREATE TABLE app.audit_pending (
    source text NOT NULL,
    row_id bigint NOT NULL
);
CREATE TABLE app.audit_link (
    position bigint CONSTRAINT audit_link_pkey PRIMARY KEY,
    source text NOT NULL,
    row_id bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_link_source_row_id_key UNIQUE (source, row_id),
    CONSTRAINT audit_link_source_check CHECK (source IN ('event', 'ledger')),
    CONSTRAINT audit_link_hash_length_check CHECK (length(hash) = 32)
);
CREATE FUNCTION app.audit_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.audit_pending VALUES ('event', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_event_enqueue AFTER INSERT ON app.audit_event
    FOR EACH ROW EXECUTE FUNCTION app.audit_enqueue();
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are only ever added: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING HINT = 'Record a further event or a correcting entry.';
END $$;
CREATE TRIGGER audit_event_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON app.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER audit_link_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON app.audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER ledger_entry_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON app.ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""

# What is hashed of a row: a JSON array of texts, times in microseconds since 1970. backend/audit/verify.py writes
# the same from what it reads.
CHAIN = """
CREATE FUNCTION app.audit_text(e app.audit_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array(e.id::text, (extract(epoch FROM e.at) * 1000000)::bigint::text, e.actor, e.action,
        e.subject, e.detail::text)::text
$$;
CREATE FUNCTION app.audit_text(e app.ledger_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array(e.id::text, (extract(epoch FROM e.at) * 1000000)::bigint::text, e.key, e.kind,
        e.currency, e.debit_id::text, e.credit_id::text, e.moved::text, e.held::text, e.debit_balance::text,
        e.credit_balance::text, e.hold_id::text, (extract(epoch FROM e.expires_at) * 1000000)::bigint::text,
        e.purpose, e.memo, e.actor)::text
$$;
-- Chains what was committed since, at most p_most rows; how many. While another call does so: none.
CREATE FUNCTION app.audit_chain(p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    previous bytea;
    taken record;
    done integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('app.audit_link', 0)) THEN
        RETURN 0;
    END IF;
    SELECT l.position, l.hash INTO place, previous FROM app.audit_link l ORDER BY l.position DESC LIMIT 1;
    place := coalesce(place, 0);
    previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
    FOR taken IN
        WITH due AS (
            DELETE FROM app.audit_pending
            WHERE ctid = ANY (ARRAY (SELECT p.ctid FROM app.audit_pending p LIMIT p_most))
            RETURNING source, row_id
        )
        SELECT due.source, due.row_id, CASE
            WHEN event.id IS NOT NULL THEN app.audit_text(event)
            WHEN entry.id IS NOT NULL THEN app.audit_text(entry)
            ELSE '' END AS words -- verify says that the row is gone
        FROM due
        LEFT JOIN app.audit_event event ON due.source = 'event' AND event.id = due.row_id
        LEFT JOIN app.ledger_entry entry ON due.source = 'ledger' AND entry.id = due.row_id
        ORDER BY due.row_id, due.source
    LOOP
        place := place + 1;
        previous := sha256(previous || convert_to(taken.words, 'UTF8'));
        INSERT INTO app.audit_link VALUES (place, taken.source, taken.row_id, previous);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;
"""

DIFFERENCES = """
CREATE TABLE app.difference (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT difference_pkey PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    expected text NOT NULL,
    found text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    gone_at timestamptz
);
CREATE UNIQUE INDEX difference_open_key ON app.difference (kind, subject) WHERE gone_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    for part in (ACCOUNTS, ENTRIES, APPLY, HOLDS, AUDIT, CHAIN, DIFFERENCES):
        op.execute(part)
