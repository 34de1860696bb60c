"""One pass over a lane: check → sign → cancel → broadcast → track → repair. Killed anywhere, the next pass goes on."""

from __future__ import annotations

from backend.sender import store
from backend.sender.broadcast import broadcast
from backend.sender.cancel import cancel
from backend.sender.check import check
from backend.sender.context import Context
from backend.sender.lease import Lane
from backend.sender.model import OpenSlot
from backend.sender.repair import repair
from backend.sender.signing import sign_ready
from backend.sender.track import track


async def advance(context: Context, lane: Lane) -> None:
    """Move every wallet of the lane as far as it goes now.

    Raises RpcError, LeaseLostError, database errors.
    """
    slots = await _slots(context, lane)
    fees = await context.chain.fees()
    if fees is not None:
        ready = await check(context, lane, slots, fees)
        if await sign_ready(context, lane, ready, fees):
            slots = await _slots(context, lane)
    if await cancel(context, lane, slots, fees):
        slots = await _slots(context, lane)
    said = await broadcast(context, lane, slots)
    slots = [slot for slot in slots if slot.wallet_id in lane.wallets]
    finalized = await track(context, lane, slots)
    await repair(context, lane, slots, said, fees, finalized)


async def _slots(context: Context, lane: Lane) -> list[OpenSlot]:
    async with context.engine.connect() as db:
        return await store.open_slots(db, lane.ids)
