"""Signed calls to a person's own servers (Standard Webhooks), at least once, and never into our own network."""
