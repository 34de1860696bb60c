"""How large a query may be, and what is told of one that is larger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOST_BYTES: Final = 16 * 1024
"""Of the whole request."""
MOST_TOKENS: Final = 800
"""Words and signs of the query's text: parsing takes 5 µs for each."""
MOST_NESTING: Final = 40
"""Braces and brackets within each other, fragments included."""
MOST_FIELDS: Final = 300
"""Fields and fragments as written, in all selections together."""
MOST_REPEATS: Final = 10
"""Of one name in one selection: checking that they agree takes time that grows with their square."""
MOST_DEPTH: Final = 8
MOST_COST: Final = 10_000
"""Each field of each object is 1, each read of the database READ_COST."""
READ_COST: Final = 100
READS: Final = "reads"
"""In a field's metadata: as how many reads it counts, or what says so of its arguments. Without it, a field that takes
arguments is one."""
SIZES: Final = "sizes"
"""In a field's metadata: what says of its arguments how long the lists below it can be, by name."""
MOST_DIRECTIVES: Final = 20
"""As written in the whole document."""
Arguments = Mapping[str, Any]
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
