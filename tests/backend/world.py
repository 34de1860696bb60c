"""A backend for tests: services on a fresh database and a chain, users with money, a sender to run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.intents.cancel import cancel_intent
from backend.intents.service import Call, Spending, create_intent
from backend.intents.tables import Intent, IntentStage
from backend.sender.context import Context
from backend.sender.process import Sender
from backend.services import Services, open_services
from backend.settings import Settings
from backend.users.tables import User
from backend.wallets.keys import create_user_wallet
from tests.backend import stubs
from tests.backend.oracle import all_terminal, all_watched, assert_nothing_lost_or_doubled
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async

POL = 10**18
FAST: dict[str, Any] = {
    "sender_poll_seconds": 0.05,
    "sender_lease_seconds": 3.0,
    "resend_after_seconds": 0.4,
    "bump_after_seconds": 60.0,
    "wallet_pause_seconds": 0.3,
    "password_memory_kib": 64,
    "password_rounds": 1,
    "cache_head_seconds": 0.0,  # a read after a block sees it, with no notice to be waited for
}


def make_settings(database_url: str, rpc_urls: Sequence[str], folder: Path, **changes: Any) -> Settings:
    """Settings of a local backend whose sender does not dawdle."""
    registry = folder / "registry.json"
    registry.write_text(json.dumps(changes.pop("registry", stubs.registry())))
    return Settings(
        database_url=database_url,
        rpc_urls=tuple(rpc_urls),
        registry=registry,
        kms_file=folder / "kms.key",
        files_dir=folder / "files",
        mail_dir=folder / "mail",
        frontend_dist=folder / "dist",
        **{**FAST, **changes},
    )


def fresh_address() -> str:
    """An address nobody has paid yet."""
    return checksum(secrets.token_bytes(20))


@dataclass(frozen=True)
class Person:
    """A user with a wallet (fits `create_intent`'s owner)."""

    id: UUID
    wallet_id: UUID
    address: str


@dataclass
class World:
    """Services, the chain, and the sender under test."""

    services: Services
    anvil: Anvil
    people: list[Person] = field(default_factory=list)

    async def person(self, funds: int = 100 * POL) -> Person:
        """A user whose wallet holds `funds` wei."""
        async with AsyncSession(self.services.engine) as db, db.begin():
            user = User(id=uuid4(), email=f"{uuid4().hex}@example.org", password_hash="-")
            db.add(user)
            await db.flush()
            wallet = await create_user_wallet(db, self.services.kms, user.id)
            person = Person(user.id, wallet.id, checksum(wallet.address))
        self.anvil.call("anvil_setBalance", person.address, hex(funds))
        self.people.append(person)
        return person

    async def transfer(self, person: Person, amount: int = POL, to: str | None = None) -> UUID:
        """An intent that pays POL."""
        to = to or fresh_address()
        params = {"token": None, "to": to, "amount": str(amount)}
        return await self.intend(
            person, "transfer", params, [Call(to, b"", amount)], [Spending(None, amount)]
        )

    async def intend(
        self,
        person: Person,
        kind: str,
        params: dict[str, Any],
        calls: Sequence[Call],
        spendings: Sequence[Spending] = (),
    ) -> UUID:
        """Record an intent and commit."""
        async with AsyncSession(self.services.engine) as db, db.begin():
            return (await create_intent(db, person, kind, params, calls, spendings)).id

    async def cancel(self, person: Person, intent_id: UUID) -> Intent:
        """Ask for an intent's end and commit."""
        async with AsyncSession(self.services.engine, expire_on_commit=False) as db, db.begin():
            return await cancel_intent(db, person.id, intent_id)

    async def intent(self, intent_id: UUID) -> Intent:
        """As it stands."""
        async with AsyncSession(self.services.engine) as db:
            found = await db.get(Intent, intent_id)
            assert found is not None
            return found

    async def stages(self, intent_id: UUID) -> list[str]:
        """States it went through."""
        async with AsyncSession(self.services.engine) as db:
            query = (
                select(IntentStage.state).where(IntentStage.intent_id == intent_id).order_by(IntentStage.id)
            )
            return list(await db.scalars(query))

    async def reaches(self, intent_id: UUID, state: str, timeout: float = 60) -> Intent:
        """Wait until it is in a state."""

        async def there() -> bool:
            return (await self.intent(intent_id)).state == state

        await wait_until_async(there, timeout, what=f"intent {state}")
        return await self.intent(intent_id)

    async def passes(self, intent_id: UUID, state: str, timeout: float = 60) -> None:
        """Wait until it is or was in a state: where blocks come by themselves, a state may last a moment."""

        async def been() -> bool:
            return state in await self.stages(intent_id)

        await wait_until_async(been, timeout, what=f"intent {state}")

    @asynccontextmanager
    async def sender(self, **changes: Any) -> AsyncIterator[Sender]:
        """A sender that works while the block runs."""
        services = self.services
        if changes:
            settings = services.settings.model_copy(update=changes)
            services = Services(settings, services.engine, services.rpc, services.contracts, services.kms)
        stop = asyncio.Event()
        sender = Sender(Context(services))
        task = asyncio.create_task(sender.run(stop))
        try:
            yield sender
        finally:
            stop.set()
            await task

    async def database_answers(self) -> bool:
        """Whether a connection of the pool works."""
        try:
            async with self.services.engine.connect() as db:
                return bool(await db.scalar(select(true())))
        except DBAPIError:
            return False

    async def settled(self, timeout: float = 60) -> None:
        """Wait until nothing is open, then ask the oracle, and ask it again a little later."""
        await wait_until_async(
            lambda: all_terminal(self.services.engine), timeout, what="every intent terminal"
        )
        await wait_until_async(
            lambda: all_watched(self.services.engine, self.anvil), timeout, what="frozen wallets looked at"
        )
        await assert_nothing_lost_or_doubled(self.services.engine, self.anvil)

    def mine(self, blocks: int = 3) -> None:
        """Enough blocks to make what is mined final."""
        self.anvil.mine(blocks)


@asynccontextmanager
async def open_world(settings: Settings, anvil: Anvil) -> AsyncIterator[World]:
    """Open services on a migrated database."""
    stubs.install(anvil)
    async with open_services(settings, "tests") as services:
        yield World(services, anvil)
        with contextlib.suppress(Exception):
            await services.rpc.close()
