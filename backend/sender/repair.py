"""Step 5: what is stuck.

Offer more, replace what is invalid, and find out who used a nonce that is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from backend.hexes import checksum, to_hex
from backend.sender import store
from backend.sender.answers import Outcome, outcome_of
from backend.sender.attempts import add_attempt
from backend.sender.context import Context
from backend.sender.lease import HeldWallet, Lane, fenced
from backend.sender.model import NOOP_GAS, Fees, OpenSlot
from backend.sender.pricing import better_offer
from backend.sender.top_ups import refill

log = structlog.get_logger(__name__)
BUMP_BLOCKS = 3  # a chain that stands still takes no transaction at any fee
INVALID_ROUNDS = 2


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
        if slot.wallet_id not in lane.wallets or slot.id not in said:
            continue
        context.memory.poor[slot.hashes[0]] = said[slot.id] is Outcome.NO_FUNDS
        if said[slot.id] is Outcome.NO_FUNDS and len(slot.hashes) > 1:
            await _resend_older(context, slot)
        elif said[slot.id] is Outcome.INVALID and await _invalid_everywhere(context, slot):
            await add_attempt(context, lane, slot, slot.fees, "noop")
    context.memory.trim()
    await _refill_drained(context, lane, slots, said)
    stuck = [
        slot
        for slot in lowest.values()
        if slot.wallet_id in lane.wallets and _is_stuck(context, slot, said.get(slot.id))
    ]
    if not stuck:
        return
    addresses = [checksum(lane.wallets[slot.wallet_id].address) for slot in stuck]
    head = await context.chain.head()
    used = await context.chain.nonces(addresses, "latest")
    balances = await context.chain.balances(addresses)
    for slot, count, balance in zip(stuck, used, balances, strict=True):
        if count is None or slot.wallet_id not in lane.wallets:
            continue
        if count > slot.nonce:
            await _reconcile(context, lane, slot, finalized)
        elif count < slot.nonce:
            await _resend_below(context, lane, slot, count)
        elif fees is not None and balance is not None and _wants_bump(context, slot, said.get(slot.id), head):
            others = (one for one in slots if one.wallet_id == slot.wallet_id and one.state != "mined")
            committed = sum(one.cost for one in others if one != slot)
            await _bump(context, lane, slot, fees, balance - committed)


def _is_stuck(context: Context, slot: OpenSlot, said: Outcome | None) -> bool:
    patience = min(context.settings.bump_after_seconds, context.settings.resend_after_seconds)
    return said in (Outcome.RECONCILE, Outcome.UNDERPRICED) or slot.attempt_age >= patience


def _wants_bump(context: Context, slot: OpenSlot, said: Outcome | None, head: int | None) -> bool:
    """Whether a higher fee can help: a node asks for one, or blocks pass it by.

    Never while the wallet cannot pay the last offer, or a provider finds it too high.
    """
    newest = slot.hashes[0]
    if said in (Outcome.NO_FUNDS, Outcome.CAPPED) or context.memory.poor.get(newest):
        return False
    if said is Outcome.UNDERPRICED:
        return True
    if head is None:
        return False
    since = context.memory.stuck_at.setdefault(newest, head)
    return slot.attempt_age >= context.settings.bump_after_seconds and head - since >= BUMP_BLOCKS


async def _refill_drained(
    context: Context, lane: Lane, slots: Sequence[OpenSlot], said: dict[int, Outcome]
) -> None:
    """Wallets of which a provider says that they cannot pay what we signed."""
    drained = list(dict.fromkeys(slot.wallet_id for slot in slots if said.get(slot.id) is Outcome.NO_FUNDS))
    wallets = [lane.wallets[wallet_id] for wallet_id in drained if wallet_id in lane.wallets]
    if not wallets:
        return
    balances = await context.chain.balances([checksum(wallet.address) for wallet in wallets])
    for wallet, balance in zip(wallets, balances, strict=True):
        unpaid = [slot for slot in slots if slot.wallet_id == wallet.id and slot.state != "mined"]
        if balance is not None:
            await refill(context, wallet, unpaid, balance)


async def _resend_older(context: Context, slot: OpenSlot) -> None:
    """The wallet cannot pay the newest offer, but perhaps an older one of the same slot."""
    async with context.engine.connect() as db:
        raws = await store.raws_of(db, slot.id)
    await context.chain.send_raw(raws[1:], everywhere=True)


async def _invalid_everywhere(context: Context, slot: OpenSlot) -> bool:
    """Whether every provider calls these bytes invalid, in one round after another.

    One provider alone may err, or lie.
    """
    answers = await context.chain.ask_everyone(slot.raw)
    agreed = bool(answers) and all(outcome_of(answer) is Outcome.INVALID for answer in answers)
    rounds = context.memory.invalid.get(slot.hashes[0], 0) + 1 if agreed else 0
    context.memory.invalid[slot.hashes[0]] = rounds
    log.warning(
        "called_invalid",
        slot=slot.id,
        intent=str(slot.intent_id),
        request_id=slot.request_id,
        nonce=slot.nonce,
        by_all=agreed,
        rounds=rounds,
    )
    return rounds >= INVALID_ROUNDS


async def _bump(context: Context, lane: Lane, slot: OpenSlot, fees: Fees, funds: int) -> None:
    """Another attempt of the same call, or of the empty transaction that took its place."""
    gas, value = (NOOP_GAS, 0) if slot.is_void else (slot.gas_limit, slot.call.value)
    offer = better_offer(slot, fees, context.settings.max_fee_per_gas_wei, funds, gas, value)
    if offer is not None:
        await add_attempt(context, lane, slot, offer, slot.purpose if slot.is_void else "bump")


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
    if spender not in (await context.chain.receipts([spender])).final:
        return  # one provider's word alone freezes nobody
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
