"""`python -m backend keeper`: look, and ask the sender for what is due, until stopped.

Several of these do no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import Waits
from backend.intents.service import Call, create_platform_intent
from backend.intents.tables import Intent
from backend.keeper import metrics
from backend.keeper.beacon import Beacon
from backend.keeper.scan import Push, Scanner
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
from backend.services import Services, open_services
from backend.settings import Settings, SettingsError
from backend.start import require_chain, require_database
from backend.tracing import spans
from backend.tracing.traceparent import Traceparent
from backend.wallets.tables import Wallet
from listener.chain.faults import RpcError
from listener.pulse import goes_on

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 3.0, 300.0
MOST_PUSHES = 50  # in one look


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises SettingsError when the keeper has no account or beacon, or when at the start the database or the
    registry's chain cannot be reached.
    """
    if settings.keeper_key_file is None:
        raise SettingsError("KEEPER_KEY_FILE is not set: name the file with the keeper's private key.")
    if not settings.beacon_url:
        raise SettingsError("BEACON_URL is not set: name drand's HTTP API with the chain's hash.")
    stop = stop_signal()
    waits = Waits(statement=STATEMENT_SECONDS)
    async with (
        open_services(settings, "tombola keeper", waits) as services,
        aiohttp.ClientSession() as session,
    ):
        await require_database(settings, stop)
        await require_chain(services, stop)
        await import_wallets_when_ready(services, stop)
        if stop.is_set():
            return
        scanner = Scanner(services.rpc, services.contracts, Beacon(settings.beacon_url, session).signature)
        log.info("keeper_ready", chain_id=services.contracts.chain_id)
        await Keeper(services, scanner).run(stop)
    log.info("keeper_stopped")


class Keeper:
    """Turns what is due into intents. A push that did not help is asked for again, later and later."""

    def __init__(
        self, services: Services, scanner: Scanner, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._services = services
        self._scanner = scanner
        self._clock = clock
        self._pauses: dict[str, tuple[float, float]] = {}
        self._lateness = metrics.Lateness(clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Look once per poll interval until `stop` is set."""
        interval = self._services.settings.keeper_poll_seconds
        with PULSE.loop("keeper", TURN_SECONDS + interval) as turn:
            while not stop.is_set():
                turn()
                try:
                    await self.look()
                except RpcError as error:
                    metrics.FAILED.labels("chain").inc()
                    log.warning("chain_unreachable", error=str(error)[:300], next=trying_again(interval))
                except DATABASE_TROUBLE as error:
                    metrics.FAILED.labels("database").inc()
                    log.error("database_unreachable", error=first_line(error), next=trying_again(interval))
                except Exception:
                    metrics.FAILED.labels("broken").inc()
                    log.exception("keeper_broken")
                try:
                    await asyncio.wait_for(stop.wait(), interval)
                except TimeoutError:
                    continue

    async def look(self) -> None:
        """One look: record an intent for everything that is due."""
        asked = 0
        found = await self._scanner.due()
        self._lateness.saw(found)
        for due in found:
            goes_on()
            if asked >= MOST_PUSHES:
                log.warning("more_is_due", most=MOST_PUSHES)
                break
            try:
                push = await self._unless_refused(due)
                if self._may_ask(push.key):
                    with spans.work(f"keeper {push.kind}", Traceparent.new(), "internal"):
                        asked += await self._ask(push)
            except DATABASE_TROUBLE:
                raise
            except Exception:  # one that cannot be pushed must not stop the others
                log.exception("push_broken", kind=due.kind, subject=due.subject)

    async def _unless_refused(self, push: Push) -> Push:
        """What to push: the other way where there is one and this one was refused last time."""
        if push.otherwise is None:
            return push
        last = select(Intent.state).where(Intent.dedupe_key == push.key).order_by(Intent.seq.desc()).limit(1)
        async with AsyncSession(self._services.engine) as db:
            refused = await db.scalar(last) in ("rejected", "reverted")
        return push.otherwise if refused else push

    async def _ask(self, push: Push) -> bool:
        """Record its intent; False when there is an open one already."""
        contracts = self._services.contracts
        call = Call(
            contracts.address(push.contract), contracts.encode(push.contract, push.function, push.arguments)
        )
        params = {f"{push.contract.lower()}_id": str(push.subject)}
        async with AsyncSession(self._services.engine, expire_on_commit=False) as db, db.begin():
            wallet = await db.scalar(select(Wallet.id).where(Wallet.role == "keeper"))
            if wallet is None:
                raise LookupError("the keeper's wallet was not imported")
            intent = await create_platform_intent(db, wallet, push.kind, params, [call], push.key)
        if intent is not None:
            log.info("pushed", kind=push.kind, subject=push.subject, intent=str(intent.id))
            metrics.PUSHES.labels(push.kind).inc()
            self._note(push.key)
        return intent is not None

    def _may_ask(self, key: str) -> bool:
        return self._clock() >= self._pauses.get(key, (0.0, 0.0))[0]

    def _note(self, key: str) -> None:
        pause = min(self._pauses.get(key, (0.0, FIRST_PAUSE / 2))[1] * 2, LONGEST_PAUSE)
        self._pauses[key] = (self._clock() + pause, pause)
