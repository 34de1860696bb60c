"""Contests: participants become a committed root, a draw on chain and winners with names.

`drafts` (making and changing), `entries` (participants → entries and the list file), `commit` (leaves, root, intent),
`store` (rows and their state, which follows the mirror), `reveal` (winners and openings), `bundle` (what verifying
needs). `backend.participants` brings participants in.
"""
