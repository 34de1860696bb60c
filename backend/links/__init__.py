"""Wallets of their own that people proved to hold, by a signed message (EIP-4361)."""
