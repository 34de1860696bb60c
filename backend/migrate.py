"""Bring schema `app` to the newest version, and say which version that is."""

from __future__ import annotations

from functools import lru_cache

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from backend.db import SCHEMA
from backend.settings import ROOT

LOCK = 0x746F6D62  # "tomb": two processes never migrate at once


def migrate(database_url: str) -> str:
    """Apply pending versions (none is a valid number); returns the version reached."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database_url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": SCHEMA}) is None:
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            connection.commit()
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()
    return newest_version()


@lru_cache(maxsize=1)
def newest_version() -> str:
    """The version this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("backend/migrations holds no version")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "backend" / "migrations"))
    return config
