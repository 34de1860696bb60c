"""Tests of listener.chain."""
