"""Lanes: which wallets this worker may sign for, how long, and the fence that stops one that lost them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.process import DATABASE_TROUBLE, first_line

log = structlog.get_logger(__name__)

_CLAIM = text("""
    UPDATE app.wallet w
    SET lease_owner = :owner, lease_until = clock_timestamp() + make_interval(secs => :seconds), fence = w.fence + 1
    WHERE w.id IN (
        SELECT id FROM app.wallet
        WHERE due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
            AND (paused_until IS NULL OR paused_until < clock_timestamp())
            AND id <> ALL (CAST(:held AS uuid[]))
        ORDER BY due_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING w.id, w.user_id, w.role, w.address, w.fence, w.wake, w.next_nonce, w.frozen_at IS NOT NULL
""")

_LOCK = text("""
    SELECT w.id FROM app.wallet w
    JOIN unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS held (id, fence) ON held.id = w.id
    WHERE w.fence = held.fence AND w.lease_owner = :owner AND (w.frozen_at IS NULL OR :even_frozen)
    ORDER BY w.id
    FOR NO KEY UPDATE OF w
""")

_RENEW = text("""
    UPDATE app.wallet w SET lease_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS held (id, fence)
    WHERE held.id = w.id AND w.fence = held.fence AND w.lease_owner = :owner
""")

# A wake that came after the claim makes the wallet due at once: `wake` is read from the row as it is now. A frozen
# wallet waits for people; until they come, what is in flight is looked at now and then.
_RELEASE = text("""
    UPDATE app.wallet w
    SET lease_owner = NULL, lease_until = NULL,
        due_at = CASE
            WHEN w.wake <> held.wake THEN clock_timestamp()
            WHEN w.frozen_at IS NOT NULL AND held.in_flight
                THEN clock_timestamp() + make_interval(secs => greatest(CAST(:delay AS float8), :frozen_delay))
            WHEN w.frozen_at IS NULL AND held.busy THEN clock_timestamp() + make_interval(secs => :delay)
            END
    FROM (
        SELECT l.id, l.fence, l.wake, EXISTS (
            SELECT 1 FROM app.intent i
            WHERE i.wallet_id = l.id AND i.state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled')) AS busy,
            EXISTS (SELECT 1 FROM app.slot s WHERE s.wallet_id = l.id AND s.state <> 'final') AS in_flight
        FROM unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[]), CAST(:wakes AS bigint[]))
            AS l (id, fence, wake)
    ) AS held
    WHERE held.id = w.id AND w.fence = held.fence AND w.lease_owner = :owner
""")


FROZEN_DELAY = 2.0  # seconds between looks at a frozen wallet's transactions


class LeaseLostError(Exception):
    """Another worker holds every wallet of this lane now; what this one prepared is void."""


@dataclass
class HeldWallet:
    """A wallet under lease.

    `next_nonce` is None until a platform wallet's first nonce is read from the chain. Of a frozen one nothing is
    signed or sent: what is in flight already is watched to its end.
    """

    id: UUID
    user_id: UUID | None
    role: str
    address: bytes
    fence: int
    wake: int
    next_nonce: int | None
    is_frozen: bool


@dataclass
class Lane:
    """Wallets under lease, or those of them that a pass still works on."""

    owner: UUID
    wallets: dict[UUID, HeldWallet] = field(default_factory=dict)

    @property
    def ids(self) -> list[UUID]:
        """Wallets still held."""
        return list(self.wallets)

    def part(self, *, is_frozen: bool) -> Lane:
        """The frozen wallets, or the others: what leaves the part is still given back with the whole."""
        return Lane(self.owner, {one.id: one for one in self.wallets.values() if one.is_frozen is is_frozen})

    def keys(self) -> dict[str, object]:
        """Parameters that name the held wallets with their fences."""
        return {
            "owner": self.owner,
            "ids": self.ids,
            "fences": [wallet.fence for wallet in self.wallets.values()],
        }


async def claim(
    engine: AsyncEngine, owner: UUID, seconds: float, most: int, held: Iterable[UUID] = ()
) -> Lane:
    """Lease due wallets nobody else works on; an empty lane when there are none.

    `held` are those of this process's other lanes: it must not take them from itself when, on a machine too busy
    to renew in time, their lease ran out.
    """
    async with engine.begin() as db:
        rows = await db.execute(
            _CLAIM, {"owner": owner, "seconds": seconds, "most": most, "held": list(held)}
        )
        return Lane(owner, {row.id: HeldWallet(*row) for row in rows})


async def release(engine: AsyncEngine, lane: Lane, delay: float) -> None:
    """Give the wallets back: due at once if woken meanwhile, after `delay` seconds while intents are open."""
    wakes = [wallet.wake for wallet in lane.wallets.values()]
    async with engine.begin() as db:
        await db.execute(
            _RELEASE, {**lane.keys(), "wakes": wakes, "delay": delay, "frozen_delay": FROZEN_DELAY}
        )


@asynccontextmanager
async def kept(engine: AsyncEngine, lane: Lane, seconds: float) -> AsyncIterator[None]:
    """Renew the lease while the block runs, however slow providers are; a stopped or killed process does not."""
    heart = asyncio.create_task(_beat(engine, lane, seconds))
    try:
        yield
    finally:
        heart.cancel()


async def _beat(engine: AsyncEngine, lane: Lane, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds / 3)
        try:
            async with engine.begin() as db:
                await db.execute(_RENEW, {**lane.keys(), "seconds": seconds})
        except DATABASE_TROUBLE as error:
            log.warning("lease_not_renewed", error=first_line(error), next="trying again")


@asynccontextmanager
async def fenced(
    engine: AsyncEngine, lane: Lane, *, even_frozen: bool = False
) -> AsyncIterator[AsyncConnection]:
    """A transaction that holds the row locks of the lane's wallets, proving their fences until it commits.

    Wallets whose lease is lost, or that were frozen meanwhile, leave the lane first; raises LeaseLostError when
    none is left. `even_frozen` is for writing down what the chain says, which a freeze does not change.
    """
    async with engine.begin() as db:
        held = {row.id for row in await db.execute(_LOCK, {**lane.keys(), "even_frozen": even_frozen})}
        drop(lane, set(lane.wallets) - held)
        if not lane.wallets:
            raise LeaseLostError
        yield db


def drop(lane: Lane, wallet_ids: Iterable[UUID]) -> None:
    """Stop working on these wallets: somebody else holds them, or nobody may."""
    for wallet_id in wallet_ids:
        lane.wallets.pop(wallet_id, None)
