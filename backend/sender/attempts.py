"""Another attempt in a slot that has one: signed, stored, sent by the next broadcast."""

from __future__ import annotations

import structlog

from backend.hexes import to_hex
from backend.sender import metrics, store
from backend.sender.context import Context
from backend.sender.lease import Lane, fenced
from backend.sender.model import NOOP_GAS, Fees, OpenSlot
from backend.sender.transactions import noop, sign
from backend.tracing import spans
from backend.wallets.kms import KmsError

log = structlog.get_logger(__name__)


async def add_attempt(context: Context, lane: Lane, slot: OpenSlot, fees: Fees, purpose: str) -> bool:
    """Store a `bump` of the call, or a `noop` or `cancel` that takes its place; False when nothing was stored."""
    wallet = lane.wallets[slot.wallet_id]
    gas, call = (slot.gas_limit, slot.call) if purpose == "bump" else (NOOP_GAS, noop(wallet))
    async with context.engine.connect() as db:
        keys = await store.sealed_keys(db, [wallet.id])
    version, sealed = keys[wallet.id]
    try:
        words: dict[str, str | int] = {
            "tombola.intent": str(slot.intent_id),
            "tombola.nonce": slot.nonce,
            "tombola.purpose": purpose,
        }
        with spans.together("sign", [(slot.traceparent, words)]):
            attempt = await sign(
                context.kms, wallet, sealed, version, context.contracts.chain_id, slot.nonce, gas, fees, call
            )
    except KmsError as error:
        log.error("kms_failed", wallet=str(wallet.id), error=str(error))
        return False
    if attempt.hash in slot.hashes:
        return False
    async with fenced(context.engine, lane) as db:
        if slot.wallet_id not in lane.wallets:
            return False
        await store.add_attempt(db, slot.id, attempt, purpose)
    metrics.REPLACED.labels(purpose).inc()
    log.warning(
        purpose,
        slot=slot.id,
        intent=str(slot.intent_id),
        request_id=slot.request_id,
        nonce=slot.nonce,
        max_fee=fees.max_fee,
        hash=to_hex(attempt.hash),
    )
    return True
