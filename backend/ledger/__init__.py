"""Credits and any other money we keep: double entry in integers.

`service` moves and holds money, one PL/pgSQL call each (`app.ledger_apply` and what wraps it); nothing else changes
a balance. Each call is one row of `app.ledger_entry`, which is never changed: balances, what is held and the open
holds follow from these rows (`replay`). `reconcile` compares all of it with itself, with the chain and with
payments. Currencies are rows of `app.ledger_currency`; amounts are in their smallest unit.
"""
