"""Tests of the listener: units, the mirror on a real PostgreSQL, a chain with scripted faults, anvil."""
