"""Rotation of the master key under traffic: `python -m backend rotate-keys`."""
