"""Backups and restores: the database to a chosen second, the files, and sealed keys (docs/backup.md)."""
