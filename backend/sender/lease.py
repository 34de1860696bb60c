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
            AND frozen_at IS NULL AND id <> ALL (CAST(:held AS uuid[]))
        ORDER BY due_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING w.id, w.user_id, w.role, w.address, w.fence, w.wake, w.next_nonce
""")

_LOCK = text("""
    SELECT w.id FROM app.wallet w
    JOIN unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS held (id, fence) ON held.id = w.id
    WHERE w.fence = held.fence AND w.lease_owner = :owner AND w.frozen_at IS NULL
    ORDER BY w.id
    FOR NO KEY UPDATE OF w
""")

_RENEW = text("""
    UPDATE app.wallet w SET lease_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS held (id, fence)
    WHERE held.id = w.id AND w.fence = held.fence AND w.lease_owner = :owner
""")

# A wake that came after the claim makes the wallet due at once: `wake` is read from the row as it is now.
_RELEASE = text("""
    UPDATE app.wallet w
    SET lease_owner = NULL, lease_until = NULL,
        due_at = CASE
            WHEN w.wake <> held.wake THEN clock_timestamp()
            WHEN held.busy THEN clock_timestamp() + make_interval(secs => :delay)
            END
    FROM (
        SELECT l.id, l.fence, l.wake, EXISTS (
            SELECT 1 FROM app.intent i
            WHERE i.wallet_id = l.id AND i.state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled')) AS busy
        FROM unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[]), CAST(:wakes AS bigint[]))
            AS l (id, fence, wake)
    ) AS held
    WHERE held.id = w.id AND w.fence = held.fence AND w.lease_owner = :owner
""")


class LeaseLostError(Exception):
    """Another worker holds every wallet of this lane now; what this one prepared is void."""


@dataclass
class HeldWallet:
    """A wallet under lease.

    `next_nonce` is None until a platform wallet's first nonce is read from the chain.
    """

    id: UUID
    user_id: UUID | None
    role: str
    address: bytes
    fence: int
    wake: int
    next_nonce: int | None


@dataclass
class Lane:
    """The wallets one pass works on, and those that it still holds but has set aside."""

    owner: UUID
    wallets: dict[UUID, HeldWallet] = field(default_factory=dict)
    aside: dict[UUID, HeldWallet] = field(default_factory=dict)

    @property
    def ids(self) -> list[UUID]:
        """Wallets still held."""
        return list(self.wallets)

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
    held = _all_of(lane)
    wakes = [wallet.wake for wallet in held.wallets.values()]
    async with engine.begin() as db:
        await db.execute(_RELEASE, {**held.keys(), "wakes": wakes, "delay": delay})


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
                await db.execute(_RENEW, {**_all_of(lane).keys(), "seconds": seconds})
        except DATABASE_TROUBLE as error:
            log.warning("lease_not_renewed", error=first_line(error), next="trying again")


@asynccontextmanager
async def fenced(engine: AsyncEngine, lane: Lane) -> AsyncIterator[AsyncConnection]:
    """A transaction that holds the row locks of the lane's wallets, proving their fences until it commits.

    Wallets whose lease is lost, or that were frozen meanwhile, leave the lane first; raises LeaseLostError when
    none is left.
    """
    async with engine.begin() as db:
        held = {row.id for row in await db.execute(_LOCK, lane.keys())}
        drop(lane, set(lane.wallets) - held)
        if not lane.wallets:
            raise LeaseLostError
        yield db


def _all_of(lane: Lane) -> Lane:
    return Lane(lane.owner, {**lane.wallets, **lane.aside})


def drop(lane: Lane, wallet_ids: Iterable[UUID]) -> None:
    """Stop working on these wallets: somebody else holds them, or nobody may."""
    for wallet_id in wallet_ids:
        lane.wallets.pop(wallet_id, None)


def set_aside(lane: Lane, wallet_id: UUID) -> None:
    """Leave a wallet out of the rest of this pass, and give it back with the others."""
    lane.aside[wallet_id] = lane.wallets.pop(wallet_id)
