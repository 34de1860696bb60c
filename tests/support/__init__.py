"""Helpers that every test package shares: Postgres, anvil, processes, waiting."""
