"""Tombola's API from Python. `docs/clients.md` of the repository shows how it is used.

`api/`, `models/` and `types.py` are generated from the API's description; the rest is written by hand.
"""

from tombola_client.client import AsyncTombola, Tombola
from tombola_client.keys import idempotency_key
from tombola_client.pages import each, each_async
from tombola_client.problem import TombolaProblem

__all__ = ["AsyncTombola", "Tombola", "TombolaProblem", "each", "each_async", "idempotency_key"]
