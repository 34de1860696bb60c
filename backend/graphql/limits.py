"""How large a query may be, and what is told of one that is larger."""

from __future__ import annotations

from typing import Any, Final

MOST_BYTES: Final = 16 * 1024
"""Of the whole request."""
MOST_TOKENS: Final = 1_000
"""Words and signs of the query's text; counted while it is read."""
MOST_FIELDS: Final = 300
"""Fields and spreads as written: checking a query takes time that grows with their square."""
MOST_DEPTH: Final = 8
MOST_COST: Final = 10_000
"""Each field of each object is 1, each read of the database READ_COST."""
READ_COST: Final = 100
LIST_ITEMS: Final = 10
"""What is assumed of a list without a `limit`: prizes, tranches, calls."""
SECONDS: Final = 5.0
MOST_ERRORS: Final = 10


class QueryRefused(Exception):
    """The query is too large; nothing of it was executed. `said` goes into the error's extensions."""

    def __init__(self, code: str, message: str, **said: Any) -> None:
        super().__init__(message)
        self.code = code
        self.said = said
