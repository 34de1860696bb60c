"""Reads of the API over a mirror that the listener's own store writes from facts given by a test."""
