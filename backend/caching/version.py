"""A version of the mirror: two reads of one version give the same answers."""

from __future__ import annotations

# The last block says which facts there are and what time it is, the final one whether they can be taken back. What a
# source added late still misses changes without a block (`listener.mirror.missing`). Rollups change no answer.
VERSION = """
SELECT format('%s %s %s %s %s', c.chain_id, c.block_number, encode(c.block_hash, 'hex'), c.finalized_number,
    (SELECT sum(hashtextextended(CAST(s AS text), 0)) FROM mirror.source s))
FROM mirror.cursor c
"""
