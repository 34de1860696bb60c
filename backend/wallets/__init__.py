"""Custodial wallets: one per user, keys in envelopes, balances and what is held of them."""
