"""Tests of the listener: units, the mirror on a real PostgreSQL, faults served by a scriptable chain, anvil."""
