"""Gas for users' wallets out of the treasury: only what an accepted intent lacks, within limits per day.

A top-up is an intent of the treasury wallet, so it is sent once like everything else; its dedupe key allows one at
a time for each wallet.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.intents.service import Call, create_platform_intent
from backend.sender.context import Context
from backend.sender.lease import HeldWallet
from backend.sender.model import OpenSlot

log = structlog.get_logger(__name__)
KIND = "top_up"
_MARGIN = (3, 2)  # fees may rise until the intent is mined

# The row lock makes lanes decide one after the other, so that together they keep the limits.
_TREASURY = text("""
    SELECT id FROM app.wallet WHERE role = 'treasury' AND frozen_at IS NULL FOR NO KEY UPDATE
""")
_GIVEN = text("""
    SELECT coalesce(sum(amount) FILTER (WHERE NOT failed), 0) AS in_all,
        coalesce(sum(amount) FILTER (WHERE NOT failed AND wallet_id = :wallet), 0) AS to_wallet,
        coalesce(bool_or(failed AND wallet_id = :wallet AND created_at > now() - interval '1 minute'), false)
            AS just_failed,
        coalesce(bool_or(open AND wallet_id = :wallet), false) AS is_on_its_way
    FROM (
        SELECT CAST(params ->> 'amount' AS numeric) AS amount, params ->> 'wallet_id' AS wallet_id, created_at,
            state IN ('rejected', 'reverted', 'cancelled') AS failed,
            state NOT IN ('confirmed', 'rejected', 'reverted', 'cancelled') AS open
        FROM app.intent WHERE kind = 'top_up' AND created_at > now() - interval '1 day'
    ) AS given
""")


_ON_THEIR_WAY = text("""
    SELECT params ->> 'wallet_id' FROM app.intent
    WHERE kind = 'top_up' AND state NOT IN ('confirmed', 'rejected', 'reverted', 'cancelled')
        AND created_at > now() - interval '1 day' AND params ->> 'wallet_id' = ANY (CAST(:wallets AS text[]))
""")


async def on_their_way(context: Context, wallets: Sequence[UUID]) -> set[UUID]:
    """Which of these wallets have gas coming that their balance does not tell yet."""
    if context.settings.top_up_wallet_daily_wei == 0:
        return set()
    async with context.engine.connect() as db:
        found = await db.scalars(_ON_THEIR_WAY, {"wallets": [str(one) for one in wallets]})
        return {UUID(one) for one in found}


async def top_up(context: Context, wallet: HeldWallet, lacking: int) -> str | None:
    """Have `lacking` wei and a margin sent to a user's wallet; None when they are on their way, else why not."""
    per_wallet = context.settings.top_up_wallet_daily_wei
    if wallet.user_id is None or per_wallet == 0:
        return "gas is not paid for"
    async with AsyncSession(context.engine) as db, db.begin():
        treasury_id: UUID | None = await db.scalar(_TREASURY)
        if treasury_id is None:
            return "there is no treasury wallet that may pay gas"
        given = (await db.execute(_GIVEN, {"wallet": str(wallet.id)})).one()
        if given.is_on_its_way:
            return None
        if given.just_failed:
            return "the treasury wallet could not pay gas a moment ago"
        left = min(per_wallet - int(given.to_wallet), context.settings.top_up_daily_wei - int(given.in_all))
        if lacking > left:
            return "today's gas allowance is used up"
        amount = min(lacking * _MARGIN[0] // _MARGIN[1], left)
        address = checksum(wallet.address)
        params = {"wallet_id": str(wallet.id), "to": address, "amount": str(amount)}
        call = Call(address, b"", amount)
        await create_platform_intent(db, treasury_id, KIND, params, [call], f"{KIND}:{wallet.id}")
    log.info("gas_topped_up", wallet=str(wallet.id), amount=amount)
    return None


async def refill(context: Context, wallet: HeldWallet, slots: Sequence[OpenSlot], balance: int) -> None:
    """A signed transaction cannot be paid any more: send its gas, or say loudly that somebody must."""
    needed = sum(slot.cost for slot in slots)
    values = sum(0 if slot.is_void else slot.call.value for slot in slots)
    if balance >= needed:
        return
    why_not = (
        "not only gas is lacking" if balance < values else await top_up(context, wallet, needed - balance)
    )
    if why_not is not None:
        log.error("wallet_drained", wallet=str(wallet.id), lacks=needed - balance, reason=why_not)
