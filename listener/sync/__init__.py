"""Bringing the mirror up to the chain and keeping it there.

Plain steps, each testable with a list: `fetch` (headers and logs of a span, checked), `decode` (logs to
rows), and `listener.mirror.store` (apply). `routes` says whose logs are wanted, `pipeline` runs spans ahead
of the writer, `forks` finds where two branches part, `syncer` joins them. Imports `listener.chain` and
`listener.mirror`. Tests: `tests/listener/sync`.
"""
