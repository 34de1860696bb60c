"""Drawn ranks as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from backend.contests.schemas import ContestWinner
from backend.csv_lines import BYTE_ORDER_MARK, csv_line


async def write(drawn: Sequence[ContestWinner]) -> AsyncIterator[bytes]:
    """One line for each rank, places from 1; `standing` is who wins as the chain stands."""
    yield BYTE_ORDER_MARK + csv_line(
        "place", "entry", "account", "weight", "drawn_as", "standing", "disqualified"
    )
    for winner in drawn:
        yield csv_line(
            winner.rank + 1,
            winner.index,
            winner.account,
            int(winner.weight),
            "alternate" if winner.alternate else "winner",
            "yes" if winner.standing else "no",
            winner.disqualified or "",
        )
