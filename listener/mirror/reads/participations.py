"""What an account takes part in: its tickets, prizes it may claim, refunds it is due."""

from collections import defaultdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.chain.draw.winners import winners as winning_numbers
from listener.mirror.reads import raffles
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Count, Mirrored, Uint
from listener.mirror.reads.raffles import Raffle, RaffleState
from listener.mirror.reads.sql import fetch


class Participation(Mirrored):
    """An account's tickets in one raffle and what became of them."""

    raffle: Raffle
    entries: Count
    tickets: Uint
    paid: Uint = Field(description="Smallest unit of the payment token")
    won: list[Count] = Field(
        description="Ranks of the account's prizes, claimed or not; empty before the draw"
    )
    claimable: list[Count] = Field(description="Ranks whose prize waits for the account")
    refund_due: Uint = Field(description="What the account may still take back; 0 unless refunds are open")


# The raffles of a buyer by skipping from one to the next in the index, however many purchases are in between.
_OF_BUYER = """
WITH RECURSIVE mine AS (
    (SELECT t.raffle_id FROM mirror.raffle_tickets_bought t WHERE t.buyer = :buyer{before}
     ORDER BY t.raffle_id DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT t.raffle_id FROM mirror.raffle_tickets_bought t
            WHERE t.buyer = :buyer AND t.raffle_id < m.raffle_id ORDER BY t.raffle_id DESC LIMIT 1)
    FROM mine m WHERE m.raffle_id IS NOT NULL
), page AS (SELECT raffle_id FROM mine WHERE raffle_id IS NOT NULL LIMIT :limit)
SELECT page.raffle_id, sums.*
FROM page CROSS JOIN LATERAL (
    SELECT count(*) AS entries, sum(t.count) AS tickets, sum(t.paid) AS paid, max(t.block_number) AS last_block
    FROM mirror.raffle_tickets_bought t WHERE t.buyer = :buyer AND t.raffle_id = page.raffle_id
) sums
"""

_WON = """
SELECT drawn.raffle_id, drawn.rank
FROM unnest(CAST(CAST(:raffle_ids AS text[]) AS numeric[]), CAST(:ranks AS bigint[]),
    CAST(CAST(:tickets AS text[]) AS numeric[])) AS drawn(raffle_id, rank, ticket)
CROSS JOIN LATERAL (
    SELECT t.first_ticket + t.count AS after_last FROM mirror.raffle_tickets_bought t
    WHERE t.buyer = :buyer AND t.raffle_id = drawn.raffle_id AND t.first_ticket <= drawn.ticket
    ORDER BY t.first_ticket DESC LIMIT 1
) entry
WHERE drawn.ticket < entry.after_last ORDER BY drawn.raffle_id, drawn.rank
"""

_DUE = """
SELECT t.raffle_id, coalesce(sum(t.paid) FILTER (WHERE r.block_number IS NULL), 0) AS due,
    max(r.block_number) AS last_block
FROM mirror.raffle_tickets_bought t
LEFT JOIN mirror.raffle_entry_refunded r ON r.raffle_id = t.raffle_id AND r.entry_index = t.entry_index
WHERE t.buyer = :buyer AND t.raffle_id = ANY(CAST(CAST(:raffle_ids AS text[]) AS numeric[]))
GROUP BY t.raffle_id
"""


async def of_buyer(
    db: AsyncConnection, as_of: AsOf, buyer: bytes, *, limit: int, before: int | None = None
) -> list[Participation]:
    """Raffles in which an account has tickets, from the newest, those with an id below `before`."""
    values: dict[str, Any] = {"buyer": buyer, "limit": limit}
    if before is not None:
        values["before"] = before
    condition = "" if before is None else " AND t.raffle_id < :before"
    rows = await fetch(db, _OF_BUYER.replace("{before}", condition), **values)
    mine = {row["raffle_id"]: row for row in rows}
    found = await raffles.by_id(db, as_of, list(mine))
    won = await _won(db, buyer, [one for one in found if one.state is RaffleState.DRAWN])
    due = await _due(db, buyer, [one for one in found if one.state is RaffleState.REFUNDING])
    return [_participation(raffle, mine[raffle.id], won[raffle.id], due.get(raffle.id)) for raffle in found]


def _participation(
    raffle: Raffle, sums: dict[str, Any], won: list[int], due: dict[str, Any] | None
) -> Participation:
    blocks = (raffle.last_block, sums["last_block"], (due or {}).get("last_block") or 0)
    return Participation(
        raffle=raffle,
        entries=sums["entries"],
        tickets=sums["tickets"],
        paid=sums["paid"],
        won=won,
        claimable=[rank for rank in won if not raffle.prizes[rank].claimed],
        refund_due=due["due"] if due else 0,
        last_block=max(blocks),
    )


async def _won(db: AsyncConnection, buyer: bytes, drawn: list[Raffle]) -> dict[int, list[int]]:
    """Ranks whose ticket is the buyer's, by raffle."""
    ids, ranks, tickets = [], [], []
    for raffle in drawn:
        draw = raffle.draw
        if draw is not None and draw.seed is not None:
            for rank, ticket in enumerate(winning_numbers(bytes.fromhex(draw.seed[2:]), draw.n, draw.k)):
                ids.append(str(raffle.id))
                ranks.append(rank)
                tickets.append(str(ticket))
    found: dict[int, list[int]] = defaultdict(list)
    if ids:
        for row in await fetch(db, _WON, buyer=buyer, raffle_ids=ids, ranks=ranks, tickets=tickets):
            found[int(row["raffle_id"])].append(row["rank"])
    return found


async def _due(db: AsyncConnection, buyer: bytes, refunding: list[Raffle]) -> dict[int, dict[str, Any]]:
    if not refunding:
        return {}
    rows = await fetch(db, _DUE, buyer=buyer, raffle_ids=[str(raffle.id) for raffle in refunding])
    return {int(row["raffle_id"]): row for row in rows}
