"""The transaction engine: signs and sends what `app.intent` asks for; loses nothing, doubles nothing.

Laws (each held by a statement in this package and a fault test in tests/backend):
1 one slot (wallet, nonce) per call, for life · 2 bytes leave only after they are committed · 3 an unknown
outcome means maybe sent: the same bytes again · 4 nonces are contiguous · 5 an end comes only from finality ·
6 hold and end settle together · 7 every hash of a slot is watched · 8 an invalid transaction is replaced by a
no-op · 9 a nonce used by none of our hashes freezes the wallet · 10 a worker without its lease cannot write.

Steps (`steps.py` runs them for a lane, each is one database transaction): check → sign → broadcast → track →
bump.
"""
