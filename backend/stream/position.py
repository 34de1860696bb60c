"""Places to resume from, which clients see as text: one in the order of a person's events, one on the chain."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(0|[1-9][0-9]{0,19})-(0|[1-9][0-9]{0,18})")
_PLACE = re.compile(r"b(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,8})-([0-9a-f]{8})")


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


@dataclass(frozen=True)
class Place:
    """A fact on the chain: its block, its log there, and the first 8 hex digits of the block's hash, which say on
    which branch of the chain the fact was seen.
    """

    block: int
    log_index: int
    branch: str

    @classmethod
    def parse(cls, text: str) -> Place:
        """Raises ValueError for anything that `str` does not give."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise ValueError("is not an id this stream gave")
        return cls(int(found[1]), int(found[2]), found[3])

    @property
    def order(self) -> tuple[int, int]:
        """Facts of one branch are in this order."""
        return self.block, self.log_index

    def __str__(self) -> str:
        return f"b{self.block}-{self.log_index}-{self.branch}"


START = Place(0, 0, "00000000")
"""Before all facts."""
