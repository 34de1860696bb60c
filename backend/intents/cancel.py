"""Cancelling an intent: at once while nothing is signed; afterwards the chain decides who was first."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError, NotFound
from backend.intents.service import CHANNEL
from backend.intents.tables import OUTCOMES, Hold, Intent, IntentStage
from backend.wallets.tables import Wallet


class IntentNotFound(NotFound):
    """You have no intent with this id"""


class IntentTooLateToCancel(AppError):
    """The intent is in a block or has ended"""

    status = 409


async def cancel_intent(db: AsyncSession, user_id: UUID, intent_id: UUID) -> Intent:
    """Withdraw an intent that is not signed yet; have the sender compete for the nonces of one that is.

    Asking again changes nothing. Raises IntentNotFound, IntentTooLateToCancel.
    """
    mine = (Intent.id == intent_id) & (Intent.user_id == user_id)
    wallet_id = await db.scalar(select(Intent.wallet_id).where(mine))
    if wallet_id is None:
        raise IntentNotFound(f"You have no intent {intent_id}.")
    # The wallet's row lock: a sender signs either before this or not at all.
    await db.execute(
        update(Wallet).where(Wallet.id == wallet_id).values(wake=Wallet.wake + 1, due_at=func.now())
    )
    intent = (await db.scalars(select(Intent).where(mine).with_for_update())).one()
    if intent.state == "cancelled":
        return intent
    if intent.state == "mined" or intent.state in OUTCOMES:
        raise IntentTooLateToCancel(
            f"This intent is {intent.state}: only one that is not in a block yet can be cancelled.",
            state=intent.state,
        )
    if intent.cancel_requested_at is None:
        intent.cancel_requested_at = func.clock_timestamp()
    if intent.state == "created":
        intent.state = "cancelled"
        db.add(IntentStage(intent_id=intent.id, state="cancelled"))
        await db.execute(
            update(Hold)
            .where(Hold.intent_id == intent.id, Hold.outcome == "open")
            .values(outcome=OUTCOMES["cancelled"], settled_at=func.clock_timestamp())
        )
    await db.flush()
    await db.refresh(intent)
    await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return intent
