"""A place in the order of events: the writing transaction, then the event's id. Clients see it as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(0|[1-9][0-9]{0,19})-(0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, order=True)
class Position:
    """`xid` is a 64-bit transaction id of this cluster. Id 0: before all events of that transaction."""

    xid: int
    id: int

    @classmethod
    def parse(cls, text: str) -> Position:
        """Raises ValueError for anything that `str` does not give."""
        found = _TEXT.fullmatch(text)
        if found is None or int(found[1]) >= 2**64 or int(found[2]) >= 2**63:
            raise ValueError("is not an id this stream gave")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"
