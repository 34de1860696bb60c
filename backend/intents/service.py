"""Accepting an intent: decide, hold the money, record it, wake the sender. Nothing is signed or sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import address_bytes, checksum, to_hex
from backend.intents.tables import Hold, Intent, IntentStage
from backend.users.account import require_account
from backend.wallets.tables import Wallet

CHANNEL = "app_intents"


@dataclass(frozen=True)
class Call:
    """One transaction to sign: `to` checksummed, `value` wei, `data` call data."""

    to: str
    data: bytes = b""
    value: int = 0

    def stored(self) -> dict[str, str]:
        """The JSON form kept in `app.intent.calls`."""
        return {"to": checksum(self.to), "value": str(self.value), "data": to_hex(self.data)}


@dataclass(frozen=True)
class Spending:
    """Money the calls will take from the wallet; `token` None is the chain's currency."""

    token: str | None
    amount: int


class Owner(Protocol):
    """Whose wallet acts (backend.auth's `CurrentUser` fits)."""

    @property
    def id(self) -> UUID: ...
    @property
    def wallet_id(self) -> UUID: ...


async def create_intent(
    db: AsyncSession,
    user: Owner,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    spendings: Sequence[Spending] = (),
) -> Intent:
    """Record an intent of a user's wallet in this transaction and wake the sender when it commits.

    `calls` become consecutive nonces; the intent is confirmed when all of them are. `spendings` are held
    until then. Raises AccountErased.
    """
    await require_account(db, user.id)
    intent = await _record(db, user.wallet_id, user.id, kind, params, calls, spendings, None)
    if intent is None:
        raise LookupError("an intent without a key was taken for a repetition")
    return intent


async def create_platform_intent(
    db: AsyncSession,
    wallet_id: UUID,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    dedupe_key: str,
) -> Intent | None:
    """Record an intent of a platform wallet; None when one with this key is still open."""
    return await _record(db, wallet_id, None, kind, params, calls, (), dedupe_key)


async def _record(
    db: AsyncSession,
    wallet_id: UUID,
    user_id: UUID | None,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    spendings: Sequence[Spending],
    dedupe_key: str | None,
) -> Intent | None:
    if not calls:
        raise ValueError("an intent needs at least one call")
    # The wake count is written first: the row lock makes a sender that is just leaving the wallet see it.
    await db.execute(
        update(Wallet).where(Wallet.id == wallet_id).values(wake=Wallet.wake + 1, due_at=func.now())
    )
    intent: Intent | None = await db.scalar(
        insert(Intent)
        .values(
            wallet_id=wallet_id,
            user_id=user_id,
            kind=kind,
            params=dict(params),
            calls=[call.stored() for call in calls],
            dedupe_key=dedupe_key,
        )
        .on_conflict_do_nothing()
        .returning(Intent)
    )
    if intent is None:
        return None
    db.add(IntentStage(intent_id=intent.id, state="created"))
    for spending in spendings:
        token = None if spending.token is None else address_bytes(spending.token)
        if spending.amount > 0:
            db.add(
                Hold(intent_id=intent.id, wallet_id=wallet_id, token=token, amount=Decimal(spending.amount))
            )
    await db.flush()
    await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return intent


async def open_holds(
    db: AsyncSession, wallet_id: UUID, include_mined: bool = True
) -> dict[bytes | None, int]:
    """What open intents of a wallet hold, per token (None: the chain's currency).

    `include_mined=False` leaves out intents that the chain's latest balance already shows.
    """
    query = (
        select(Hold.token, func.sum(Hold.amount))
        .join(Intent, Intent.id == Hold.intent_id)
        .where(Hold.wallet_id == wallet_id, Hold.outcome == "open")
        .group_by(Hold.token)
    )
    if not include_mined:
        query = query.where(Intent.state != "mined")
    return {token: int(amount) for token, amount in (await db.execute(query)).all()}
