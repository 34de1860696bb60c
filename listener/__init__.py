"""The listener: mirrors every event of every registered contract into Postgres, exactly once.

Packages, upstream first (imports run one way, see docs/decisions):
`chain` (registry, JSON-RPC, ABI) → `mirror` (tables, writing, reads) → `sync` (fetching, forks) → `__main__`.
It never imports `backend` or `ape`. Test with `pytest -p no:ape_test tests/listener`.
"""

__version__ = "0.1.0"
