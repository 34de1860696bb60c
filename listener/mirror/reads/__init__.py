"""Domain reads over the fact tables of schema `mirror`: what a raffle, contest, grant or token is at a block.

Nothing but SELECTs, each a plain async function of a connection. Call them in one REPEATABLE READ transaction
that starts with `as_of.read`, so that facts and block belong together whatever the listener does meanwhile.
State is derived here from facts, never stored. Models are typed with SQLModel and are what the API shows:
addresses checksummed, hashes 0x-hex, chain integers wider than 32 bits as decimal strings, times UTC.
May import `listener.chain`. Tests: `tests/backend`.
"""
