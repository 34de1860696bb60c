"""Tests of listener.sync."""
