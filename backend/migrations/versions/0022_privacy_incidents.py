"""Copies of people's data that they asked for, what they agreed to, incidents, and what was read for the status."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply."""
    op.execute("""
        CREATE TABLE app.data_export (
            id uuid CONSTRAINT data_export_pkey PRIMARY KEY,
            user_id uuid NOT NULL
                CONSTRAINT data_export_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
            requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            finished_at timestamptz,
            expires_at timestamptz,
            file_key text CONSTRAINT data_export_file_key_key UNIQUE,
            bytes bigint,
            CONSTRAINT data_export_finished_check CHECK (
                num_nonnulls(finished_at, expires_at) IN (0, 2)
                AND (file_key IS NULL OR (finished_at IS NOT NULL AND bytes IS NOT NULL)))
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX data_export_one_at_a_time_idx ON app.data_export (user_id) WHERE finished_at IS NULL
    """)
    op.execute("CREATE INDEX data_export_user_id_idx ON app.data_export (user_id, requested_at DESC)")
    op.execute("""
        CREATE INDEX data_export_expires_at_idx ON app.data_export (expires_at) WHERE file_key IS NOT NULL
    """)
    # Never changed: what was agreed to, and taken back, each with its time.
    op.execute("""
        CREATE TABLE app.consent (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT consent_pkey PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT consent_user_id_fkey REFERENCES app."user" (id) ON DELETE CASCADE,
            subject text NOT NULL,
            version text,
            given boolean NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT consent_subject_check CHECK (
                subject IN ('terms', 'privacy_notice', 'product_mails', 'public_name')),
            CONSTRAINT consent_version_check CHECK (
                (version IS NOT NULL) = (subject IN ('terms', 'privacy_notice')))
        )
    """)
    op.execute("CREATE INDEX consent_user_id_idx ON app.consent (user_id, subject, id DESC)")
    op.execute("""
        CREATE TABLE app.incident (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT incident_pkey PRIMARY KEY,
            title text NOT NULL,
            severity text NOT NULL,
            started_at timestamptz NOT NULL,
            resolved_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT incident_title_check CHECK (title <> ''),
            CONSTRAINT incident_severity_check CHECK (severity IN ('notice', 'minor', 'major')),
            CONSTRAINT incident_times_check CHECK (resolved_at >= started_at)
        )
    """)
    op.execute("CREATE INDEX incident_resolved_at_idx ON app.incident (resolved_at)")
    op.execute("""
        CREATE TABLE app.incident_update (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT incident_update_pkey PRIMARY KEY,
            incident_id bigint NOT NULL
                CONSTRAINT incident_update_incident_id_fkey REFERENCES app.incident (id) ON DELETE CASCADE,
            state text NOT NULL,
            text text NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT incident_update_state_check CHECK (
                state IN ('investigating', 'identified', 'monitoring', 'resolved')),
            CONSTRAINT incident_update_text_check CHECK (text <> '')
        )
    """)
    op.execute("CREATE INDEX incident_update_incident_id_idx ON app.incident_update (incident_id, id)")
    op.execute("""
        CREATE TABLE app.reading (
            name text CONSTRAINT reading_pkey PRIMARY KEY,
            told jsonb NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT reading_name_check CHECK (name IN ('vrf', 'providers'))
        )
    """)
    # "What did this account do?" is asked by its owner.
    op.execute("CREATE INDEX audit_event_actor_idx ON app.audit_event (actor, id)")
