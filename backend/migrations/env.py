"""Alembic environment: applies the versions of schema `app` over a connection given by `backend.migrate`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from backend.db import SCHEMA, Base


def run(connection: Connection) -> None:
    """Run the pending versions in one transaction; the version table lives in the same schema."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
