"""Statements of a recovery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.hexes import checksum, to_hex
from backend.policies import service as policies
from backend.recovery.found import Found
from backend.recovery.freezing import ACTOR, restored_to
from backend.recovery.matching import Match
from backend.sender import store
from backend.sender.model import OpenIntent, OpenSlot, PlannedCall, ReadyIntent, Rejection

KIND = "recovered"
"""Kind of the intents that stand for transactions the restored database does not know."""
IN_PART = (
    "sent_in_part",
    "A part of this was sent before the database was restored. Look at it and ask anew.",
)

_WAITING = text("""
    SELECT w.id, w.user_id, w.address, w.next_nonce, f.reason, f.frozen_at
    FROM app.freeze f JOIN app.wallet w ON w.id = f.wallet_id
    WHERE f.actor = :actor AND f.lifted_at IS NULL AND w.id > :after ORDER BY w.id LIMIT :most
""")
_NEXT_NONCE = text("SELECT next_nonce FROM app.wallet WHERE id = :id FOR NO KEY UPDATE")
_ADD = text("""
    WITH made AS (
        INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state)
        VALUES (:id, :wallet, CAST(:user AS uuid), :kind, CAST(:params AS jsonb), CAST(:calls AS jsonb), 'created')
        RETURNING id)
    INSERT INTO app.intent_stage (intent_id, state) SELECT id, 'created' FROM made
""")
_NEW_SLOTS = text(
    "SELECT id FROM app.slot WHERE wallet_id = :wallet AND nonce >= :first AND state = 'signed'"
)


@dataclass(frozen=True)
class Waiting:
    """A wallet that a restore froze: what the database knows of its nonces, to when it was restored, and when."""

    id: UUID
    user_id: UUID | None
    address: str
    next_nonce: int | None
    restored_to: datetime
    frozen_at: datetime


class ChangedError(Exception):
    """Somebody else worked on the wallet meanwhile."""


async def waiting(db: AsyncConnection, after: UUID, most: int) -> list[Waiting]:
    """Wallets that wait, in order of their ids."""
    rows = await db.execute(_WAITING, {"actor": ACTOR, "after": after, "most": most})
    return [
        Waiting(
            row.id,
            row.user_id,
            checksum(row.address),
            row.next_nonce,
            restored_to(row.reason),
            row.frozen_at,
        )
        for row in rows
    ]


async def adopt(
    db: AsyncConnection,
    wallet: Waiting,
    first: int,
    matches: Sequence[Match],
    in_part: Sequence[OpenIntent],
) -> None:
    """Put what is on chain from nonce `first` on into the wallet's slots, as the sender would have. ChangedError."""
    known = await db.scalar(_NEXT_NONCE, {"id": wallet.id})
    if known != wallet.next_nonce:
        raise ChangedError
    batch = []
    for one in matches:
        intent = one.intent or await _remember(db, wallet, one.found[0])
        ready = ReadyIntent(intent, tuple(found.gas_limit for found in one.found))
        batch.append((ready, [found.attempt for found in one.found]))
    count = sum(len(one.found) for one in matches)
    if not await store.reserve(db, {wallet.id: (first, count)}):
        raise ChangedError
    await store.add_slots(db, {wallet.id: (first, batch)})
    ids = [ready.intent.id for ready, _ in batch]
    if len(await store.are_new(db, ids)) != len(ids):
        raise ChangedError
    await store.start(db, ids)
    slots = list(await db.scalars(_NEW_SLOTS, {"wallet": wallet.id, "first": first}))
    await store.mark_sent(db, slots, slots)
    await store.settle(db, ids, {})
    await store.reject(db, [Rejection(one.id, *IN_PART) for one in in_part])


async def adopt_attempt(db: AsyncConnection, slot: OpenSlot, found: Found) -> None:
    """Another attempt of a slot that the database had forgotten; one that makes another call takes its place."""
    await store.add_attempt(db, slot.id, found.attempt, "bump" if found.makes(slot.call) else "cancel")


async def release(db: AsyncConnection, wallet_ids: Sequence[UUID], reason: str) -> None:
    """The wallets go on, unless something else freezes them."""
    await policies.release(db, wallet_ids, ACTOR, reason)


async def _remember(db: AsyncConnection, wallet: Waiting, found: Found) -> OpenIntent:
    call = {"to": found.call.to, "value": str(found.call.value), "data": found.call.data}
    intent = OpenIntent(uuid4(), wallet.id, (PlannedCall.load(call),))
    await db.execute(
        _ADD,
        {
            "id": intent.id,
            "wallet": wallet.id,
            "user": wallet.user_id,
            "kind": KIND,
            "params": json.dumps({"transaction": to_hex(found.attempt.hash)}),
            "calls": json.dumps([call]),
        },
    )
    return intent
