"""Procrastinate's tables, as our migration makes them."""

from __future__ import annotations

from importlib.resources import files

from backend.settings import ROOT


def test_copy_of_the_schema__is_the_installed_library_s() -> None:
    """When this fails, a newer library is installed: bring its changes as a migration, then a new copy."""
    copy = (ROOT / "backend" / "migrations" / "sql" / "procrastinate_3_10.sql").read_text()
    assert copy == (files("procrastinate") / "sql" / "schema.sql").read_text()
