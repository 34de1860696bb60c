"""Answers that many ask for: kept in memory and Redis under the block they stand for, validated by ETag (docs/caching.md).

`kept` marks reads of the mirror alone, `tagged` reads that look at our own tables too. Everything is keyed by the
version of the mirror it was computed from (`version`), so a new block or a rollback leaves nothing to be invalidated.
"""
