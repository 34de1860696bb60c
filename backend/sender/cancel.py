"""Step between sign and broadcast: an empty transaction competes for each slot whose intent is not wanted any more."""

from __future__ import annotations

from collections.abc import Sequence

from backend.hexes import checksum
from backend.sender.attempts import add_attempt
from backend.sender.context import Context
from backend.sender.lease import Lane
from backend.sender.model import NOOP_GAS, Fees, OpenSlot
from backend.sender.pricing import better_offer


async def cancel(context: Context, lane: Lane, slots: Sequence[OpenSlot], fees: Fees | None) -> int:
    """Add the attempts that are due; how many. The slot keeps its nonce, and either winner is fine."""
    unwanted = [
        slot
        for slot in slots
        if slot.is_unwanted and not slot.is_void and slot.state in ("signed", "broadcast")
    ]
    if not unwanted:
        return 0
    wallet_ids = list(dict.fromkeys(slot.wallet_id for slot in unwanted))
    addresses = [checksum(lane.wallets[wallet_id].address) for wallet_id in wallet_ids]
    balances = dict(zip(wallet_ids, await context.chain.balances(addresses), strict=True))
    added = 0
    for slot in unwanted:
        balance = balances[slot.wallet_id]
        if balance is None or slot.wallet_id not in lane.wallets:
            continue
        others = sum(one.cost for one in slots if _competes(one, slot))
        cap = context.settings.max_fee_per_gas_wei
        offer = better_offer(slot, fees, cap, balance - others, NOOP_GAS, 0)
        if offer is not None:
            added += await add_attempt(context, lane, slot, offer, "cancel")
    return added


def _competes(one: OpenSlot, slot: OpenSlot) -> bool:
    """Whether it takes money of the same wallet, and is wanted: what is cancelled with us gives its money back."""
    return one.wallet_id == slot.wallet_id and one.state != "mined" and not one.is_unwanted
