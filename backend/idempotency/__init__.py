"""`Idempotency-Key`: the same unsafe request sent twice has one effect and one answer (docs/api.md)."""
