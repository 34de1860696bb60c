"""Telling people that their credits run low: once, until they have had enough again."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger.service import CREDIT
from backend.notices.service import notify
from backend.outbox.service import publish
from backend.services import Services

AT_ONCE = 100

# Who has never had so much has not fallen below it.
_ENOUGH = text("""
    INSERT INTO app.credit_watch (user_id, is_low)
    SELECT u.id, false FROM app.ledger_account a
    JOIN app."user" u ON u.id = a.user_id
    LEFT JOIN app.credit_watch w ON w.user_id = u.id
    WHERE a.currency = :currency AND a.balance - a.held >= :threshold AND (w.user_id IS NULL OR w.is_low)
    ON CONFLICT (user_id) DO UPDATE SET is_low = false
""")
_FELL = text("""
    UPDATE app.credit_watch w SET is_low = true
    FROM (
        SELECT w.user_id, a.balance - a.held AS available FROM app.credit_watch w
        JOIN app.ledger_account a ON a.user_id = w.user_id AND a.currency = :currency
        WHERE NOT w.is_low AND a.balance - a.held < :threshold
        LIMIT :most FOR UPDATE OF w SKIP LOCKED
    ) fell
    WHERE w.user_id = fell.user_id RETURNING w.user_id, fell.available
""")


async def tell_low_credits(services: Services) -> int:
    """Tell everybody who fell below the threshold since the last look; how many."""
    threshold = services.settings.credits_low_at
    if threshold == 0:
        return 0
    link = f"{services.settings.site}/account/credits"
    values = {"currency": CREDIT, "threshold": threshold}
    async with services.engine.begin() as connection:
        await connection.execute(_ENOUGH, values)
    told = 0
    while True:
        async with AsyncSession(services.engine) as db, db.begin():
            fell = (await db.execute(_FELL, {**values, "most": AT_ONCE})).all()
            for user_id, available in fell:
                said = {"available": str(available), "threshold": str(threshold)}
                await notify(db, user_id, "credits_low", {**said, "link": link})
                await publish(db, user_id, "credits.low", f"user:{user_id}", said)
        told += len(fell)
        if len(fell) < AT_ONCE:
            return told
