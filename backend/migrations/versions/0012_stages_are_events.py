"""Every stage of a person's intent is an event, in the transaction and in the order in which it is written."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

# Whoever writes stages (acceptance, the sender, a cancellation) writes many in one statement; so does this.
STAGES = """
CREATE FUNCTION app.stage_reached() RETURNS trigger
LANGUAGE plpgsql SET search_path = app, pg_temp AS $$
BEGIN
    INSERT INTO app.event (user_id, event, subject, payload)
    SELECT i.user_id, 'intent.' || s.state, i.id::text,
        jsonb_build_object('intent_id', i.id, 'kind', i.kind, 'state', s.state)
        || CASE WHEN s.state IN ('reverted', 'rejected') AND i.error_code IS NOT NULL
            THEN jsonb_build_object('error', jsonb_build_object('code', i.error_code, 'message', i.error_message))
            ELSE '{}'::jsonb END
    FROM reached s
    JOIN app.intent i ON i.id = s.intent_id
    WHERE i.user_id IS NOT NULL
    ORDER BY s.id;
    RETURN NULL;
END;
$$;
CREATE TRIGGER intent_stage_reached AFTER INSERT ON app.intent_stage
    REFERENCING NEW TABLE AS reached FOR EACH STATEMENT EXECUTE FUNCTION app.stage_reached();
"""


def upgrade() -> None:
    """Apply."""
    op.execute(STAGES)
