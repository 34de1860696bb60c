"""GraphQL over the mirror's reads: what is public, in one query, within limits that are checked before anything runs.

`cost` measures a query against `limits`; `models` makes GraphQL types of the read models, so that REST and GraphQL
cannot say different things; `schema` has the fields, `loaders` what keeps lists from asking once for each item.
"""
