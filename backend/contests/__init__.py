"""Contests: an uploaded list becomes a committed root, a draw on chain and winners with names.

`upload` (multipart to disk), `importing` (file → entries), `commit` (leaves, root, intent), `store` (rows and
their state, which follows the mirror), `reveal` (winners and openings), `bundle` (what verifying needs).
"""
