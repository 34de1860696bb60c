"""The ledger, its chain and its reconciliation, against real Postgres."""
