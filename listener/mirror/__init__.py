"""The mirror: one typed table per event in schema `mirror`, written by the listener alone, read by everyone.

`names` (stable names), `schema` (tables of a registry), `rows` (binary COPY rows), `store` (transactions,
cursor, leader lock), `upkeep` (indexes and sums for readers), `reads` (typed reads for the backend).
Imports `listener.chain` only. Tests: `tests/listener/mirror`; of `upkeep` and `reads` `tests/backend/reads`.
"""
