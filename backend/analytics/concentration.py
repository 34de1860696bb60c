"""How evenly a token is spread, as of now."""

from __future__ import annotations

from itertools import accumulate

from backend.analytics.schemas import ConcentrationOut, ShareOut
from backend.mirror import Snapshot
from listener.mirror.reads import holders

COUNTS = (1, 10, 100)


async def concentration(mirror: Snapshot, token: bytes) -> ConcentrationOut:
    """What the largest holders have of the supply; for a token nobody has, nothing."""
    figures = await holders.figures(mirror.db, token)
    largest = await holders.holders(mirror.db, token, limit=max(COUNTS))
    sums = list(accumulate(holder.amount for holder in largest))
    half = next((count for count, amount in enumerate(sums, 1) if 2 * amount >= figures.supply), None)
    return ConcentrationOut(
        supply=str(figures.supply),
        holders=figures.holders,
        largest=[
            ShareOut(holders=min(count, len(sums)), amount=str(sum_of(sums, count))) for count in COUNTS
        ],
        half_held_by=half,
        as_of_block=mirror.as_of.block,
        final=mirror.as_of.is_final([figures, *largest]),
    )


def sum_of(sums: list[int], count: int) -> int:
    """What the first `count` have together, or all if there are fewer."""
    return sums[min(count, len(sums)) - 1] if sums else 0
