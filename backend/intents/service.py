"""Accepting an intent: decide, hold the money, record it, wake the sender. Nothing is signed or sent here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import address_bytes, checksum, to_hex
from backend.intents.tables import Intent
from backend.tracing.traceparent import to_store
from backend.users.account import require_account

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


@dataclass(frozen=True)
class Accepted:
    """An intent as it was recorded, and when it reached its first stage."""

    intent: Intent
    at: datetime


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
    return (await accept_intent(db, user, kind, params, calls, spendings)).intent


async def accept_intent(
    db: AsyncSession,
    user: Owner,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    spendings: Sequence[Spending] = (),
) -> Accepted:
    """`create_intent`, for who shows at once what was recorded. Raises AccountErased."""
    await require_account(db, user.id)
    accepted = await _record(db, user.wallet_id, user.id, kind, params, calls, spendings, None)
    if accepted is None:
        raise LookupError("an intent without a key was taken for a repetition")
    return accepted


async def create_platform_intent(
    db: AsyncSession,
    wallet_id: UUID,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    dedupe_key: str,
) -> Intent | None:
    """Record an intent of a platform wallet; None when one with this key is still open."""
    accepted = await _record(db, wallet_id, None, kind, params, calls, (), dedupe_key)
    return None if accepted is None else accepted.intent


# One round trip. The wallet's row is written first: its lock makes a sender that is just leaving it see the wake.
_RECORD = text("""
    WITH woken AS (
        UPDATE app.wallet SET wake = wake + 1, due_at = now() WHERE id = :wallet RETURNING id
    ), made AS (
        INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state, dedupe_key,
            traceparent)
        SELECT :id, woken.id, CAST(:user AS uuid), :kind, CAST(:params AS jsonb), CAST(:calls AS jsonb), 'created',
            CAST(:dedupe_key AS text), :traceparent
        FROM woken
        ON CONFLICT DO NOTHING
        RETURNING id, wallet_id, seq, params, created_at
    ), stage AS (
        INSERT INTO app.intent_stage (intent_id, state) SELECT id, 'created' FROM made RETURNING at
    ), held AS (
        INSERT INTO app.hold (intent_id, wallet_id, token, amount)
        SELECT made.id, made.wallet_id, spent.token, spent.amount
        FROM made, unnest(CAST(:tokens AS bytea[]), CAST(:amounts AS numeric[])) AS spent (token, amount)
    )
    SELECT made.seq, made.params, made.created_at, stage.at, pg_notify(:channel, '') FROM made, stage
""")


async def _record(
    db: AsyncSession,
    wallet_id: UUID,
    user_id: UUID | None,
    kind: str,
    params: Mapping[str, Any],
    calls: Sequence[Call],
    spendings: Sequence[Spending],
    dedupe_key: str | None,
) -> Accepted | None:
    if not calls:
        raise ValueError("an intent needs at least one call")
    intent = Intent(
        id=uuid4(),
        wallet_id=wallet_id,
        user_id=user_id,
        kind=kind,
        params=dict(params),
        calls=[call.stored() for call in calls],
        state="created",
        dedupe_key=dedupe_key,
        traceparent=to_store(),
    )
    held = [spending for spending in spendings if spending.amount > 0]
    await db.flush()
    rows = await db.execute(
        _RECORD,
        {
            "wallet": wallet_id,
            "id": intent.id,
            "user": user_id,
            "kind": kind,
            "params": json.dumps(intent.params),
            "calls": json.dumps(intent.calls),
            "dedupe_key": dedupe_key,
            "traceparent": intent.traceparent,
            "tokens": [None if one.token is None else address_bytes(one.token) for one in held],
            "amounts": [Decimal(one.amount) for one in held],
            "channel": CHANNEL,
        },
    )
    row = rows.one_or_none()
    if row is None:
        return None
    # As the database orders the keys of `params`: whoever reads the intent later gets the same text.
    intent.seq, intent.params, intent.created_at = row.seq, row.params, row.created_at
    return Accepted(intent, row.at)


_OPEN_HOLDS = text("""
    SELECT h.token, sum(h.amount) AS amount FROM app.hold h JOIN app.intent i ON i.id = h.intent_id
    WHERE h.wallet_id = :wallet AND h.outcome = 'open' AND (:include_mined OR i.state <> 'mined')
    GROUP BY h.token
""")


async def open_holds(
    db: AsyncSession, wallet_id: UUID, include_mined: bool = True
) -> dict[bytes | None, int]:
    """What open intents of a wallet hold, per token (None: the chain's currency).

    `include_mined=False` leaves out intents that the chain's latest balance already shows.
    """
    rows = await db.execute(_OPEN_HOLDS, {"wallet": wallet_id, "include_mined": include_mined})
    return {row.token: int(row.amount) for row in rows}
