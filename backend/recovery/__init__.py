"""After a restore: what the chain has of our wallets that the database has forgotten (docs/backup.md)."""
