"""What waits for the sender, over all users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.intents.tables import TERMINAL
from backend.operations.schemas import OpenIntentList, OpenIntentOut, PausedWalletList, PausedWalletOut

MOST_PAUSED = 100

_OPEN_INTENTS = text("""
    SELECT i.id, i.seq, i.kind, i.state, i.created_at, i.cancel_requested_at IS NOT NULL AS cancel_requested,
        coalesce((SELECT max(s.at) FROM app.intent_stage s WHERE s.intent_id = i.id), i.created_at) AS since,
        u.id AS owner_id, w.id AS wallet_id, w.address, w.role, w.frozen_at IS NOT NULL AS frozen,
        w.paused_until, w.paused_reason
    FROM app.intent i JOIN app.wallet w ON w.id = i.wallet_id LEFT JOIN app."user" u ON u.id = w.user_id
    WHERE i.state <> ALL (:terminal) AND i.seq > :after
        AND i.created_at <= clock_timestamp() - make_interval(secs => :older_than)
    ORDER BY i.seq LIMIT :most
""")
_PAUSED = text("""
    SELECT w.id, w.address, w.role, u.id AS owner_id, w.paused_until, w.paused_reason, count(*) OVER () AS total,
        (SELECT count(*) FROM app.intent i WHERE i.wallet_id = w.id AND i.state <> ALL (:terminal)) AS open_intents
    FROM app.wallet w LEFT JOIN app."user" u ON u.id = w.user_id
    WHERE w.paused_until > clock_timestamp()
    ORDER BY w.paused_until DESC, w.id LIMIT :most
""")


async def open_intents(db: AsyncSession, older_than: int, after: int | None, limit: int) -> OpenIntentList:
    """Intents without an end that were made at least `older_than` seconds ago, the oldest first."""
    values = {"terminal": list(TERMINAL), "after": after or 0, "older_than": older_than, "most": limit + 1}
    rows = (await db.execute(_OPEN_INTENTS, values)).all()
    return OpenIntentList(
        items=[_intent(row) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1].seq) if len(rows) > limit else None,
    )


async def paused_wallets(db: AsyncSession) -> PausedWalletList:
    """Wallets that the sender leaves alone right now."""
    rows = (await db.execute(_PAUSED, {"terminal": list(TERMINAL), "most": MOST_PAUSED})).all()
    items = [
        PausedWalletOut(
            id=row.id,
            address=checksum(row.address),
            role=row.role,
            owner_id=row.owner_id,
            paused_until=row.paused_until,
            paused_reason=row.paused_reason,
            open_intents=row.open_intents,
        )
        for row in rows
    ]
    return PausedWalletList(items=items, total=rows[0].total if rows else 0)


def _intent(row: Any) -> OpenIntentOut:
    return OpenIntentOut(
        id=row.id,
        kind=row.kind,
        state=row.state,
        since=row.since,
        created_at=row.created_at,
        owner_id=row.owner_id,
        wallet_id=row.wallet_id,
        wallet_address=checksum(row.address),
        wallet_role=row.role,
        wallet_frozen=row.frozen,
        paused_until=row.paused_until,
        paused_reason=row.paused_reason,
        cancel_requested=row.cancel_requested,
    )
