"""Fixtures of the tests of filters: the application over a chain of facts, and two people."""

from tests.backend.reads.conftest import app, facts, olga, otto, settings

__all__ = ["app", "facts", "olga", "otto", "settings"]
