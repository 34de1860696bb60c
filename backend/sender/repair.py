"""Step 5: what is stuck.

Offer more, replace what is invalid, and find out who used a nonce that is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from backend.hexes import checksum, to_hex
from backend.sender import store
from backend.sender.answers import Outcome
from backend.sender.context import Context
from backend.sender.lease import HeldWallet, Lane, fenced
from backend.sender.model import Fees, OpenSlot, PlannedCall
from backend.sender.transactions import NOOP_GAS, noop, sign
from backend.wallets.kms import KmsError

log = structlog.get_logger(__name__)


async def repair(
    context: Context,
    lane: Lane,
    slots: Sequence[OpenSlot],
    said: dict[int, Outcome],
    fees: Fees | None,
    finalized: int | None,
) -> None:
    """Look at each wallet's lowest slot that is not mined; the ones above wait for it."""
    lowest: dict[object, OpenSlot] = {}
    for slot in slots:
        if slot.state != "mined":
            lowest.setdefault(slot.wallet_id, slot)
    for slot in slots:
        if said.get(slot.id) is Outcome.INVALID and slot.wallet_id in lane.wallets:
            await _replace(context, lane, slot, slot.fees, noop(lane.wallets[slot.wallet_id]), "noop")
    stuck = [
        slot
        for slot in lowest.values()
        if slot.wallet_id in lane.wallets and _is_stuck(context, slot, said.get(slot.id))
    ]
    if not stuck:
        return
    addresses = [checksum(lane.wallets[slot.wallet_id].address) for slot in stuck]
    used = await context.chain.nonces(addresses, "latest")
    for slot, count in zip(stuck, used, strict=True):
        if count is None or slot.wallet_id not in lane.wallets:
            continue
        if count > slot.nonce:
            await _reconcile(context, lane, slot, finalized)
        elif count < slot.nonce:
            await _resend_below(context, lane, slot, count)
        elif fees is not None and (
            said.get(slot.id) is Outcome.UNDERPRICED
            or slot.attempt_age >= context.settings.bump_after_seconds
        ):
            await _bump(context, lane, slot, fees)


def _is_stuck(context: Context, slot: OpenSlot, said: Outcome | None) -> bool:
    patience = min(context.settings.bump_after_seconds, context.settings.resend_after_seconds)
    return said in (Outcome.RECONCILE, Outcome.UNDERPRICED) or slot.attempt_age >= patience


async def _bump(context: Context, lane: Lane, slot: OpenSlot, fees: Fees) -> None:
    """Another attempt that offers at least 12.5 % more in both fees, up to the cap; beyond it we wait."""
    cap = context.settings.max_fee_per_gas_wei
    offer = Fees(
        max(fees.max_fee, _raised(slot.fees.max_fee)), max(fees.priority_fee, _raised(slot.fees.priority_fee))
    )
    if offer.max_fee > cap:
        log.error("fee_cap_reached", slot=slot.id, nonce=slot.nonce, offered=slot.fees.max_fee, cap=cap)
        return
    if slot.purpose == "noop":
        await _replace(context, lane, slot, offer, noop(lane.wallets[slot.wallet_id]), "noop")
    else:
        await _replace(context, lane, slot, offer, slot.call, "bump")


async def _replace(
    context: Context, lane: Lane, slot: OpenSlot, fees: Fees, call: PlannedCall, purpose: str
) -> None:
    wallet = lane.wallets[slot.wallet_id]
    async with context.engine.connect() as db:
        keys = await store.sealed_keys(db, [wallet.id])
    version, sealed = keys[wallet.id]
    gas = NOOP_GAS if purpose == "noop" else slot.gas_limit
    try:
        attempt = await sign(
            context.kms, wallet, sealed, version, context.contracts.chain_id, slot.nonce, gas, fees, call
        )
    except KmsError as error:
        log.error("kms_failed", wallet=str(wallet.id), error=str(error))
        return
    if attempt.hash in slot.hashes:
        return
    async with fenced(context.engine, lane) as db:
        if slot.wallet_id in lane.wallets:
            await store.add_attempt(db, slot.id, attempt, purpose)
            log.warning(
                purpose, slot=slot.id, nonce=slot.nonce, max_fee=fees.max_fee, hash=to_hex(attempt.hash)
            )


async def _reconcile(context: Context, lane: Lane, slot: OpenSlot, finalized: int | None) -> None:
    """The nonce is used and no receipt is ours: at final height, find out by whom.

    Anything unsure changes nothing.
    """
    wallet = lane.wallets[slot.wallet_id]
    address = checksum(wallet.address)
    if finalized is None or finalized < 0:
        return
    (final_count,) = await context.chain.nonces([address], hex(finalized))
    if final_count is None or final_count <= slot.nonce:
        return
    spender = await context.chain.spender_of(address, slot.nonce, finalized)
    if spender is None or spender in slot.hashes:
        return
    await _freeze(context, lane, wallet, slot, spender)


async def _freeze(context: Context, lane: Lane, wallet: HeldWallet, slot: OpenSlot, spender: bytes) -> None:
    reason = f"FOREIGN: nonce {slot.nonce} was used by {to_hex(spender)}, which is not ours"
    async with fenced(context.engine, lane) as db:
        if wallet.id in lane.wallets:
            await store.freeze(db, wallet.id, reason)
            log.critical(
                "wallet_frozen", wallet=str(wallet.id), address=checksum(wallet.address), reason=reason
            )
    lane.wallets.pop(wallet.id, None)


async def _resend_below(context: Context, lane: Lane, slot: OpenSlot, count: int) -> None:
    """The chain lacks nonces we hold as final (it lost blocks): send their bytes again."""
    async with context.engine.connect() as db:
        raws = await store.raws_between(db, slot.wallet_id, count, slot.nonce)
    if raws:
        log.error("chain_lost_transactions", wallet=str(slot.wallet_id), from_nonce=count, below=slot.nonce)
        await context.chain.send_raw(raws, everywhere=True)


def _raised(fee: int) -> int:
    """12.5 % more, rounded up."""
    return fee + -(-fee // 8)
