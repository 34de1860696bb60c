"""Step 3: send stored bytes in nonce order. Asking again is always safe: it is the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from backend.hexes import to_hex
from backend.sender import store
from backend.sender.answers import Outcome, outcome_of
from backend.sender.context import Context
from backend.sender.lease import Lane, fenced
from backend.sender.model import OpenSlot
from backend.tracing import spans

log = structlog.get_logger(__name__)
CHUNK = 100
_KNOWN = (Outcome.ACCEPTED, Outcome.RECONCILE, Outcome.UNDERPRICED)


async def broadcast(context: Context, lane: Lane, slots: Sequence[OpenSlot]) -> dict[int, Outcome]:
    """Send what was never sent, and again what is not mined after a while.

    Returns what the nodes said by slot.
    """
    after = context.settings.resend_after_seconds
    due = [slot for slot in slots if slot.state != "mined" and _is_due(slot, after)]
    outcomes: dict[int, Outcome] = {}
    for start in range(0, len(due), CHUNK):
        chunk = due[start : start + CHUNK]
        again = any(slot.state == "broadcast" for slot in chunk)
        with spans.together("send", ((slot.traceparent, _words(slot)) for slot in chunk)):
            answers = await context.chain.send_raw([slot.raw for slot in chunk], everywhere=again)
        said = {slot.id: outcome_of(answer) for slot, answer in zip(chunk, answers, strict=True)}
        for slot, answer in zip(chunk, answers, strict=True):
            request_id, hash_ = slot.request_id, to_hex(slot.hashes[0])
            if said[slot.id] is Outcome.ACCEPTED:
                log.info(
                    "sent", intent=str(slot.intent_id), request_id=request_id, nonce=slot.nonce, hash=hash_
                )
            else:
                log.warning(
                    "not_accepted",
                    slot=slot.id,
                    intent=str(slot.intent_id),
                    request_id=request_id,
                    nonce=slot.nonce,
                    hash=hash_,
                    outcome=said[slot.id].value,
                    answer=str(answer)[:200],
                )
        await _record(context, lane, chunk, said)
        outcomes |= said
    return outcomes


def _words(slot: OpenSlot) -> dict[str, str | int]:
    return {
        "tombola.intent": str(slot.intent_id),
        "tombola.nonce": slot.nonce,
        "tombola.transaction_hash": to_hex(slot.hashes[0]),
    }


def _is_due(slot: OpenSlot, after: float) -> bool:
    return slot.age_since_send is None or slot.age_since_send >= after


async def _record(context: Context, lane: Lane, chunk: Sequence[OpenSlot], said: dict[int, Outcome]) -> None:
    known = [slot for slot in chunk if said[slot.id] in _KNOWN]
    poor: list[UUID] = [slot.wallet_id for slot in chunk if said[slot.id] is Outcome.NO_FUNDS]
    async with fenced(context.engine, lane) as db:
        await store.mark_sent(db, [slot.id for slot in chunk], [slot.id for slot in known])
        await store.settle(db, [slot.intent_id for slot in known], {})
        if poor:
            await store.pause(
                db,
                poor,
                context.settings.wallet_pause_seconds,
                "the wallet cannot pay the gas of a signed transaction",
            )
