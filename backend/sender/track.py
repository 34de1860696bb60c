"""Step 4: look for receipts of every hash of every open slot.

Settle what is final, undo what a reorg took away.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from backend.chain import refusal
from backend.hexes import checksum, to_hex
from backend.sender import metrics, store
from backend.sender.context import Context
from backend.sender.lease import Lane, fenced
from backend.sender.model import OpenSlot, Receipt
from backend.sender.rpc import PATIENCE
from backend.sender.witnesses import Verdict
from backend.tracing import spans
from listener.chain.faults import PermanentError, RpcError

log = structlog.get_logger(__name__)


async def track(context: Context, lane: Lane, slots: Sequence[OpenSlot]) -> int | None:
    """Bring slots and their intents to what the chain says; returns the finalized block number."""
    if not slots:
        return None
    verdict = await context.chain.receipts([hash_ for slot in slots for hash_ in slot.hashes])
    found: list[tuple[OpenSlot, Receipt]] = []
    missing: list[OpenSlot] = []
    for slot in slots:
        mined = [verdict.receipts[hash_] for hash_ in slot.hashes if hash_ in verdict.receipts]
        if len(mined) > 1:
            log.error(
                "two_receipts",
                slot=slot.id,
                intent=str(slot.intent_id),
                request_id=slot.request_id,
                nonce=slot.nonce,
                next="asking again",
            )
        elif mined:
            found.append((slot, mined[0]))
        elif slot.state == "mined":
            missing.append(slot)
    news = [(slot, receipt) for slot, receipt in found if _is_news(slot, receipt, verdict)]
    gone = await _taken_by_reorg(context, missing)
    if news or gone:
        await _write(context, lane, news, gone, verdict)
    return verdict.finalized


def _is_news(slot: OpenSlot, receipt: Receipt, verdict: Verdict) -> bool:
    return (
        slot.state != "mined"
        or receipt.hash in verdict.final
        or (slot.winner, slot.block_hash) != (receipt.hash, receipt.block_hash)
    )


async def _taken_by_reorg(context: Context, missing: Sequence[OpenSlot]) -> list[OpenSlot]:
    """Mined slots without a receipt whose block is gone too. A missing receipt alone proves nothing."""
    numbers = sorted({slot.block_number for slot in missing if slot.block_number is not None})
    canonical = await context.chain.block_hashes(numbers) if numbers else {}
    return [
        slot
        for slot in missing
        if slot.block_number in canonical and canonical[slot.block_number] != slot.block_hash
    ]


async def _write(
    context: Context,
    lane: Lane,
    news: Sequence[tuple[OpenSlot, Receipt]],
    gone: Sequence[OpenSlot],
    verdict: Verdict,
) -> None:
    reasons = await _reasons(context, lane, [one for one in news if one[1].hash in verdict.final])
    async with fenced(context.engine, lane, even_frozen=True) as db:
        mine = [one for one in news if one[0].wallet_id in lane.wallets]
        lost = [slot for slot in gone if slot.wallet_id in lane.wallets]
        if mine:
            await store.mark_mined(db, mine, verdict.final)
        if lost:
            await store.mark_unmined(db, [slot.id for slot in lost])
        touched = [slot.intent_id for slot, _ in mine] + [slot.intent_id for slot in lost]
        changed = await store.settle(db, touched, reasons)
    for slot, receipt in mine:
        if receipt.hash in verdict.final:
            role = lane.wallets[slot.wallet_id].role
            metrics.ended(role, succeeded=receipt.succeeded, fee=receipt.fee)
    for slot in lost:
        log.warning(
            "reorg",
            slot=slot.id,
            nonce=slot.nonce,
            intent=str(slot.intent_id),
            request_id=slot.request_id,
            hash=to_hex(slot.winner or slot.hashes[0]),
        )
    for slot, receipt in mine:
        _tell(slot, receipt, is_final=receipt.hash in verdict.final)
    requests = {slot.intent_id: slot.request_id for slot in (*(one for one, _ in mine), *lost)}
    for intent_id, state in changed:
        log.info("intent_" + state, intent=str(intent_id), request_id=requests[intent_id])


def _tell(slot: OpenSlot, receipt: Receipt, is_final: bool) -> None:
    """Where a transaction was mined; the waiting, since it was signed, as a span of its request."""
    log.info(
        "transaction_final" if is_final else "transaction_mined",
        intent=str(slot.intent_id),
        request_id=slot.request_id,
        hash=to_hex(receipt.hash),
        block=receipt.block_number,
    )
    words: dict[str, str | int | bool] = {
        "tombola.intent": str(slot.intent_id),
        "tombola.transaction_hash": to_hex(receipt.hash),
        "tombola.block": receipt.block_number,
        "tombola.succeeded": receipt.succeeded,
    }
    spans.past("wait until final" if is_final else "wait until mined", slot.traceparent, slot.age, **words)


async def _reasons(
    context: Context, lane: Lane, final: Sequence[tuple[OpenSlot, Receipt]]
) -> dict[UUID, tuple[str, str]]:
    """Why final transactions reverted: the same call, asked again on the block before. Best effort."""
    reasons: dict[UUID, tuple[str, str]] = {}
    for slot, receipt in final:
        if receipt.succeeded or slot.wallet_id not in lane.wallets:
            continue
        call = slot.call.rpc(checksum(lane.wallets[slot.wallet_id].address))
        try:
            await context.chain.pool.call("eth_call", [call, hex(receipt.block_number)], patience=PATIENCE)
        except PermanentError as error:
            reasons[slot.intent_id] = refusal(context.contracts, error)
        except RpcError:
            log.info("revert_reason_unknown", transaction=to_hex(receipt.hash))
    return reasons
