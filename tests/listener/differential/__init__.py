"""The differential test: whatever happened on the way, the mirror equals a fresh mirror of the final chain.

A seed is a registry, a chain with forks, providers with faults, and a script of crashes, disconnects, restarts and
changes of the registry (`plan`). The real program runs it in real processes, forked from one that has imported it
(`forked`), against providers whose answers the seed decides (`chain`, `provider`), on a real PostgreSQL.
When the script is over the tables are compared with those of a fresh mirror, and both with what the chain's blocks
say, worked out without the listener's code (`world`, `oracle`).

`python -m tests.listener.differential --seed 123` repeats one seed; `make fuzz-listener` runs 20,000.
"""
