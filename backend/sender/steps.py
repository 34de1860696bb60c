"""One pass over a lane: check → sign → cancel → broadcast → track → repair. Killed anywhere, the next pass goes on.

A frozen wallet takes part in tracking only: no new nonce, nothing sent, but law 7 holds for what was sent before.

A step that fails in a way nobody thought of is repeated for each wallet alone: every step may be repeated, so only
the wallet that breaks it is paused, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from backend.db import WrongStatementError
from backend.process import DATABASE_TROUBLE
from backend.sender import store
from backend.sender.answers import Outcome
from backend.sender.broadcast import broadcast
from backend.sender.cancel import cancel
from backend.sender.check import check
from backend.sender.context import Context
from backend.sender.lease import Lane, LeaseLostError, drop, fenced
from backend.sender.model import Fees, OpenSlot
from backend.sender.repair import repair
from backend.sender.signing import sign_ready
from backend.sender.track import track
from listener.chain.faults import RpcError

log = structlog.get_logger(__name__)
LOOK_EVERY = 1.0  # seconds; a provider may learn of a receipt later than of its block
_OF_THE_DATA = ("22", "23")  # SQLSTATE classes: data exception, integrity constraint violation


@dataclass
class Pass:
    """What the steps of one pass over some wallets hand on."""

    context: Context
    lane: Lane
    fees: Fees | None
    slots: list[OpenSlot] = field(default_factory=list)
    said: dict[int, Outcome] = field(default_factory=dict)
    finalized: int | None = None

    async def look(self) -> None:
        """Read the open slots of the wallets still held."""
        async with self.context.engine.connect() as db:
            self.slots = await store.open_slots(db, self.lane.ids)

    def only(self, wallet_id: UUID) -> Pass:
        """The same pass for one wallet."""
        lane = Lane(self.lane.owner, {wallet_id: self.lane.wallets[wallet_id]})
        slots = [slot for slot in self.slots if slot.wallet_id == wallet_id]
        return Pass(self.context, lane, self.fees, slots, dict(self.said), self.finalized)


Step = Callable[[Pass], Awaitable[None]]


async def advance(context: Context, lane: Lane) -> None:
    """Move every wallet of the lane as far as it goes now; of frozen ones, see what became of what was sent.

    Raises RpcError, LeaseLostError, database errors.
    """
    working, frozen = lane.part(is_frozen=False), lane.part(is_frozen=True)
    if working.wallets:
        whole = Pass(context, working, None)
        await whole.look()
        whole.fees = await context.chain.fees()
        await _take(whole, (_sign, _cancel, _broadcast, _track, _repair))
    if frozen.wallets:
        whole = Pass(context, frozen, None)
        await whole.look()
        await _take(whole, (_track,))


async def _take(whole: Pass, steps: Sequence[Step]) -> None:
    for step in steps:
        try:
            await step(whole)
        except Exception as error:
            if not _is_surprise(error):
                raise
            log.exception("step_broken", step=step.__name__.strip("_"), wallets=len(whole.lane.wallets))
            await _each_alone(whole, step)


async def _sign(these: Pass) -> None:
    if these.fees is not None:
        ready = await check(these.context, these.lane, these.slots, these.fees)
        if await sign_ready(these.context, these.lane, ready, these.fees):
            await these.look()


async def _cancel(these: Pass) -> None:
    if await cancel(these.context, these.lane, these.slots, these.fees):
        await these.look()


async def _broadcast(these: Pass) -> None:
    these.said |= await broadcast(these.context, these.lane, these.slots)
    these.slots = [slot for slot in these.slots if slot.wallet_id in these.lane.wallets]


async def _track(these: Pass) -> None:
    """Without a new block nothing new is mined: receipts are looked for once for each head, or after a while."""
    looked, now = these.context.memory.looked, time.monotonic()
    head = await these.context.chain.head_hash()
    known = {wallet_id: looked[wallet_id] for wallet_id in these.lane.ids if wallet_id in looked}
    fresh = {
        wallet_id for wallet_id, (at, when, _) in known.items() if at == head and now - when < LOOK_EVERY
    }
    heights = [known[wallet_id][2] for wallet_id in fresh]
    due = [slot for slot in these.slots if slot.wallet_id not in fresh]
    finalized = await track(these.context, these.lane, due)
    if head is not None:
        looked |= {slot.wallet_id: (head, now, finalized) for slot in due}
    these.finalized = min((one for one in (finalized, *heights) if one is not None), default=None)


async def _repair(these: Pass) -> None:
    await repair(these.context, these.lane, these.slots, these.said, these.fees, these.finalized)


async def _each_alone(whole: Pass, step: Step) -> None:
    """Repeat a step wallet by wallet; pause those that break it, and leave them out of the later steps."""
    done: list[Pass] = []
    for wallet_id in whole.lane.ids:
        alone = whole.only(wallet_id)
        try:
            await step(alone)
        except LeaseLostError:
            drop(whole.lane, [wallet_id])
            continue
        except Exception as error:
            if not _is_surprise(error):
                raise
            log.exception("wallet_broken", step=step.__name__.strip("_"), wallet=str(wallet_id))
            await _pause(whole, wallet_id)
            drop(whole.lane, [wallet_id])
            continue
        if not alone.lane.wallets:
            drop(whole.lane, [wallet_id])
        done.append(alone)
    whole.slots = [slot for one in done for slot in one.slots]
    whole.said = {slot_id: outcome for one in done for slot_id, outcome in one.said.items()}
    heights = [one.finalized for one in done if one.finalized is not None]
    whole.finalized = min(heights, default=None)


async def _pause(whole: Pass, wallet_id: UUID) -> None:
    seconds = whole.context.settings.wallet_pause_seconds
    async with fenced(whole.context.engine, whole.only(wallet_id).lane, even_frozen=True) as db:
        await store.pause(db, [wallet_id], seconds, "a step broke for this wallet, see the sender's log")


def _is_surprise(error: Exception) -> bool:
    """Whether it may be of one wallet's making: not the chain, not the lease, not the database or its SQL."""
    if isinstance(error, DBAPIError):
        return str(getattr(error.orig, "sqlstate", "") or "")[:2] in _OF_THE_DATA
    return not isinstance(error, (RpcError, LeaseLostError, WrongStatementError, *DATABASE_TROUBLE))
