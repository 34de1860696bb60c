"""The application over a mirror of facts; nobody in it yet."""

from __future__ import annotations

from tests.backend.reads.conftest import app, facts, settings

__all__ = ["app", "facts", "settings"]
