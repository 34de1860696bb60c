"""`WS /api/v1/stream`: a person's events and what happens on chain as it is committed, each once, and again from where
one left off.

A person's events are read in the order (transaction, id) below the oldest transaction still running. Nothing can appear
there any more, so a position in that order is a place to resume from; a number from a sequence would not be, because
transactions commit in another order than they take numbers. Facts of the chain have one writer and an order of their
own: block and log.

`entry` (who comes), `conversation` (what is said to one), `hub` (reads for all), `switchboard` (who listens to what),
`chain_feed` and `store` (the two sources), `topics`, `messages`, `position`, `codes`.
"""
