"""Tests of listener.mirror."""
