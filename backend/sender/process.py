"""`python -m backend sender`: lanes over due wallets until asked to stop. Any number of these may run."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID, uuid4

import structlog

from backend.db import Waits
from backend.intents.service import CHANNEL
from backend.metrics import PULSE
from backend.process import (
    DATABASE_TROUBLE,
    STATEMENT_SECONDS,
    TURN_SECONDS,
    first_line,
    import_wallets_when_ready,
    stop_signal,
    trying_again,
)
from backend.sender import metrics
from backend.sender.context import Context
from backend.sender.lease import Lane, LeaseLostError, claim, kept, release
from backend.sender.steps import advance
from backend.sender.wake import listen
from backend.services import open_services
from backend.settings import Settings
from backend.start import require_chain, require_database
from listener.chain.faults import RpcError

log = structlog.get_logger(__name__)
DRAIN_SECONDS = 1.0
RELEASE_SECONDS = 0.3
LANE_WALLETS = 50
LANE_SECONDS = 900.0
"""A lane that gets no further for so long hangs: each thing it waits for ends within a minute."""
BACKOFF = 1.0
GATHER = 0.02  # after a notice: what is asked within it is signed and committed together


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; running lanes get a moment to finish, the rest is as safe as a crash.

    Raises SettingsError when at the start the database or the registry's chain cannot be reached.
    """
    stop = stop_signal()
    async with open_services(settings, "tombola sender", Waits(statement=STATEMENT_SECONDS)) as services:
        await require_database(settings, stop)
        await require_chain(services, stop)
        await import_wallets_when_ready(services, stop)
        if stop.is_set():
            return
        sender = Sender(Context(services))
        log.info(
            "sender_ready",
            chain_id=services.contracts.chain_id,
            lanes=settings.sender_lanes,
            owner=str(sender.owner),
        )
        await sender.run(stop)
    log.info("sender_stopped")


class Sender:
    """Hands due wallets to lanes. `owner` names this worker in the leases it takes."""

    def __init__(self, context: Context, owner: UUID | None = None) -> None:
        self.context = context
        self.owner = owner or uuid4()
        self._wake = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], frozenset[UUID]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        metrics.LANES.set(self.context.settings.sender_lanes)
        metrics.start()
        ears = asyncio.create_task(listen(self.context.settings.database_url, {CHANNEL: self._wake}))
        within = TURN_SECONDS + self.context.settings.sender_poll_seconds
        try:
            with PULSE.loop("sender", within) as turn:
                while not stop.is_set():
                    turn()
                    self._wake.clear()
                    if not await self._start_lane():
                        await self._rest(stop)
                        await asyncio.sleep(GATHER)
        finally:
            ears.cancel()
            await self._drain()

    async def _start_lane(self) -> bool:
        """Claim wallets for a free lane; False when there is no lane or no work."""
        settings = self.context.settings
        if len(self._tasks) >= settings.sender_lanes:
            return False
        try:
            lane = await claim(
                self.context.engine,
                self.owner,
                settings.sender_lease_seconds,
                LANE_WALLETS,
                frozenset().union(*self._tasks.values()),
            )
        except DATABASE_TROUBLE as error:
            log.error("database_unreachable", error=first_line(error), next=trying_again(BACKOFF))
            await asyncio.sleep(BACKOFF)
            return False
        if not lane.wallets:
            return False
        task = asyncio.create_task(self._run_lane(lane))
        self._tasks[task] = frozenset(lane.ids)
        metrics.BUSY.set(len(self._tasks))
        task.add_done_callback(self._lane_done)
        return True

    def _lane_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        metrics.BUSY.set(len(self._tasks))
        self._wake.set()

    async def _run_lane(self, lane: Lane) -> None:
        delay, began = self.context.settings.sender_poll_seconds, time.monotonic()
        ended: metrics.Ended = "done"
        try:
            with PULSE.loop(f"lane {id(lane)}", LANE_SECONDS):
                async with kept(self.context.engine, lane, self.context.settings.sender_lease_seconds):
                    await advance(self.context, lane)
        except LeaseLostError:  # or nobody may work on any of them any more; those still held are given back
            ended = "lease_lost"
            log.warning("lease_lost")
        except RpcError as error:
            log.warning("chain_unreachable", error=str(error)[:300], next=trying_again(BACKOFF))
            delay, ended = BACKOFF, "chain_unreachable"
        except DATABASE_TROUBLE as error:
            log.error("lane_failed", error=first_line(error), next=trying_again(BACKOFF))
            delay, ended = BACKOFF, "database"
        except asyncio.CancelledError:
            ended = "cancelled"
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._release(lane, 0.0)
            raise
        except Exception:
            log.exception("lane_broken")
            delay, ended = BACKOFF, "broken"
        finally:
            metrics.PASSES.labels(ended).inc()
            metrics.PASS_SECONDS.observe(time.monotonic() - began)
        await self._release(lane, delay)

    async def _release(self, lane: Lane, delay: float) -> None:
        """Failing to give back is harmless: the lease runs out."""
        try:
            await release(self.context.engine, lane, delay)
        except DATABASE_TROUBLE as error:
            log.warning("release_failed", error=first_line(error), next="the lease runs out")

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait for a notification, a finished lane, the timer or the end."""
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stop.wait())]
        await asyncio.wait(
            waits, timeout=self.context.settings.sender_poll_seconds / 2, return_when=asyncio.FIRST_COMPLETED
        )
        for one in waits:
            one.cancel()

    async def _drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
