"""Accounts as support and administrators see and change them; everything here is in the audit log."""
