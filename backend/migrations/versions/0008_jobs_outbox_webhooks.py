"""Jobs (procrastinate's tables in a schema of their own), mail, events, webhooks and their deliveries."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

# A copy, because a migration stays what it was: a newer library gets a migration of its own (a test compares).
PROCRASTINATE = Path(__file__).parent.parent / "sql" / "procrastinate_3_10.sql"

BEFORE = """
CREATE SCHEMA jobs;
SET LOCAL search_path TO jobs;
"""

# The library's functions name their tables without a schema: they look in their own, whoever calls them.
AFTER = """
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_temp', found);
    END LOOP;
END;
$$;
SET LOCAL search_path TO DEFAULT;
"""

JOBS = """
-- Why a job failed last: one line, without secrets.
CREATE TABLE jobs.failure (
    job_id bigint CONSTRAINT failure_pkey PRIMARY KEY
        CONSTRAINT failure_job_id_fkey REFERENCES jobs.procrastinate_jobs (id) ON DELETE CASCADE,
    error text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT failure_error_check CHECK (length(error) <= 500 AND error !~ '[\\r\\n]')
);
-- The one process that enqueues what the schedule says. `pid` is the server process of its connection, which
-- holds the advisory lock.
CREATE TABLE jobs.leader (
    id smallint CONSTRAINT leader_pkey PRIMARY KEY CONSTRAINT leader_one_check CHECK (id = 1),
    pid integer NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    beat_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

MAIL = """
CREATE TABLE app.mail (
    id uuid CONSTRAINT mail_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    recipient text NOT NULL,
    template text NOT NULL,
    language text NOT NULL DEFAULT 'en',
    data jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT mail_recipient_check CHECK (recipient !~ '[[:cntrl:]]' AND length(recipient) BETWEEN 3 AND 320),
    CONSTRAINT mail_state_check CHECK (state IN ('waiting', 'sent', 'failed')),
    CONSTRAINT mail_sent_check CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX mail_created_at_idx ON app.mail (created_at);
"""

# Events are read in the order of (xid, id) and only below the oldest transaction still running: that order is
# complete and never changes afterwards, which the order of a sequence is not.
EVENTS = """
CREATE TABLE app.event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT event_pkey PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    user_id uuid CONSTRAINT event_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    event text NOT NULL,
    subject text NOT NULL,
    payload jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX event_xid_id_idx ON app.event (xid, id);
CREATE INDEX event_user_id_xid_id_idx ON app.event (user_id, xid, id);
-- Whoever resumes at or below this has missed what was cleaned away.
CREATE TABLE app.event_floor (
    id smallint CONSTRAINT event_floor_pkey PRIMARY KEY CONSTRAINT event_floor_one_check CHECK (id = 1),
    xid xid8 NOT NULL
);
INSERT INTO app.event_floor (id, xid) VALUES (1, '0');
"""

WEBHOOKS = """
CREATE TABLE app.webhook (
    id uuid CONSTRAINT webhook_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT webhook_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
    url text NOT NULL,
    events text[] NOT NULL,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    last_success_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_url_check CHECK (url ~ '^https?://' AND length(url) <= 2000),
    CONSTRAINT webhook_events_check CHECK (cardinality(events) >= 1),
    CONSTRAINT webhook_previous_check CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
    CONSTRAINT webhook_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);
CREATE INDEX webhook_user_id_idx ON app.webhook (user_id);
-- `message_id` is what the receiver sees, the same at every attempt.
CREATE TABLE app.webhook_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
    message_id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT webhook_delivery_message_id_key UNIQUE,
    webhook_id uuid NOT NULL
        CONSTRAINT webhook_delivery_webhook_id_fkey REFERENCES app.webhook (id) ON DELETE CASCADE,
    event_id bigint NOT NULL
        CONSTRAINT webhook_delivery_event_id_fkey REFERENCES app.event (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    answer_status smallint,
    error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempted_at timestamptz,
    delivered_at timestamptz,
    CONSTRAINT webhook_delivery_webhook_id_event_id_key UNIQUE (webhook_id, event_id),
    CONSTRAINT webhook_delivery_state_check CHECK (state IN ('waiting', 'delivered', 'failed')),
    CONSTRAINT webhook_delivery_delivered_check CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
);
CREATE INDEX webhook_delivery_webhook_id_id_idx ON app.webhook_delivery (webhook_id, id DESC);
CREATE INDEX webhook_delivery_event_id_idx ON app.webhook_delivery (event_id);
"""

# What an event sets in motion belongs to the transaction that publishes it, however it is written.
FAN_OUT = """
CREATE FUNCTION app.event_published() RETURNS trigger
LANGUAGE plpgsql SET search_path = app, jobs, pg_temp AS $$
BEGIN
    WITH made AS (
        INSERT INTO app.webhook_delivery (webhook_id, event_id)
        SELECT w.id, e.id
        FROM published e
        JOIN app.webhook w ON w.user_id = e.user_id AND w.disabled_at IS NULL AND e.event = ANY (w.events)
        ORDER BY e.id
        RETURNING id
    )
    INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args)
    SELECT 'webhooks', 'deliver_webhook', jsonb_build_object('delivery_id', id) FROM made ORDER BY id;
    PERFORM pg_notify('app_events', '');
    RETURN NULL;
END;
$$;
CREATE TRIGGER event_published AFTER INSERT ON app.event
    REFERENCING NEW TABLE AS published FOR EACH STATEMENT EXECUTE FUNCTION app.event_published();
"""


def upgrade() -> None:
    """Apply."""
    for part in (BEFORE, PROCRASTINATE.read_text(), AFTER, JOBS, MAIL, EVENTS, WEBHOOKS, FAN_OUT):
        # As they are: the library's text has colons and percent signs that mean themselves.
        op.get_bind().exec_driver_sql(part, execution_options={"no_parameters": True})
