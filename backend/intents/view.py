"""Intents as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum, to_hex
from backend.intents.schemas import IntentErrorOut, IntentOut, StageOut
from backend.intents.service import Accepted
from backend.intents.tables import Attempt, Intent, IntentStage, Slot
from backend.wallets.tables import Wallet


async def show(db: AsyncSession, intents: Sequence[Intent]) -> list[IntentOut]:
    """The intents with their stages and their last transaction, in the order given."""
    if not intents:
        return []
    ids = [intent.id for intent in intents]
    stages: dict[UUID, list[StageOut]] = {intent_id: [] for intent_id in ids}
    for stage in await db.scalars(
        select(IntentStage).where(IntentStage.intent_id.in_(ids)).order_by(IntentStage.id)
    ):
        stages[stage.intent_id].append(StageOut.model_validate(stage, from_attributes=True))
    newest = (
        select(Attempt.hash)
        .where(Attempt.slot_id == Slot.id)
        .order_by(Attempt.created_at.desc())
        .limit(1)
        .correlate(Slot)
        .scalar_subquery()
    )
    last = {
        row.intent_id: row
        for row in await db.execute(
            select(
                Slot.intent_id,
                Slot.nonce,
                func.coalesce(Slot.winner, newest).label("hash"),
                Slot.block_number,
            )
            .where(Slot.intent_id.in_(ids))
            .order_by(Slot.position)
        )
    }
    addresses = {
        row.id: checksum(row.address)
        for row in await db.execute(
            select(Wallet.id, Wallet.address).where(Wallet.id.in_({intent.wallet_id for intent in intents}))
        )
    }
    return [
        IntentOut(
            id=intent.id,
            kind=intent.kind,
            params=intent.params,
            state=intent.state,
            stages=stages[intent.id],
            wallet_address=addresses[intent.wallet_id],
            nonce=str(last[intent.id].nonce) if intent.id in last else None,
            transaction_hash=to_hex(last[intent.id].hash) if intent.id in last else None,
            block_number=last[intent.id].block_number if intent.id in last else None,
            error=IntentErrorOut.of(intent.error_code, intent.error_message),
            cancel_requested=intent.cancel_requested_at is not None,
            created_at=intent.created_at,
        )
        for intent in intents
    ]


def show_accepted(accepted: Accepted, wallet_address: str) -> IntentOut:
    """An intent that was recorded in this transaction."""
    intent = accepted.intent
    return IntentOut(
        id=intent.id,
        kind=intent.kind,
        params=intent.params,
        state="created",
        stages=[StageOut(state="created", at=accepted.at)],
        wallet_address=wallet_address,
        nonce=None,
        transaction_hash=None,
        block_number=None,
        error=None,
        cancel_requested=False,
        created_at=intent.created_at,
    )
