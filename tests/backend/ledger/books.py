"""A ledger under test: people, movements in transactions of their own, and the oracle of CUSTODY.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.ledger import service
from backend.ledger.tables import Entry
from backend.users.tables import User

ACTOR = "test:books"


@dataclass
class Books:
    """An engine on a migrated database, and its URL."""

    engine: AsyncEngine
    url: str

    @asynccontextmanager
    async def db(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits."""
        async with AsyncSession(self.engine, expire_on_commit=False) as db, db.begin():
            yield db

    async def user(self) -> UUID:
        """Somebody new."""
        async with self.db() as db:
            user = User(id=uuid4(), email=f"{uuid4().hex}@example.org", password_hash="-")
            db.add(user)
        return user.id

    async def account(self, amount: int = 0) -> int:
        """The account of somebody new who was granted this many credits."""
        user = await self.user()
        async with self.db() as db:
            account = await service.user_account(db, user)
            if amount:
                issuance = await service.system_account(db, "issuance")
                await service.transfer(
                    db,
                    key=f"grant:{account}",
                    debit=issuance,
                    credit=account,
                    amount=amount,
                    purpose="grant",
                    actor=ACTOR,
                )
        return account

    async def system(self, kind: service.System) -> int:
        """One of the system's own accounts."""
        async with self.db() as db:
            return await service.system_account(db, kind)

    async def transfer(self, debit: int, credit: int, amount: int, key: str = "", **more: Any) -> Entry:
        """One transfer, committed."""
        async with self.db() as db:
            return await service.transfer(
                db,
                key=key or uuid4().hex,
                debit=debit,
                credit=credit,
                amount=amount,
                purpose=more.pop("purpose", "test"),
                actor=more.pop("actor", ACTOR),
                **more,
            )

    async def hold(self, debit: int, credit: int, amount: int, seconds: float = 60, key: str = "") -> Entry:
        """One hold, committed."""
        async with self.db() as db:
            return await service.hold(
                db,
                key=key or uuid4().hex,
                debit=debit,
                credit=credit,
                amount=amount,
                purpose="test",
                actor=ACTOR,
                expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
            )

    async def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of a query."""
        async with self.engine.connect() as db:
            return list((await db.execute(text(query), values)).all())

    async def value(self, query: str, **values: Any) -> Any:
        """The first value of a query."""
        return (await self.rows(query, **values))[0][0]

    async def state(self, account: int) -> tuple[int, int]:
        """(balance, held)."""
        (row,) = await self.rows("SELECT balance, held FROM app.ledger_account WHERE id = :id", id=account)
        return int(row[0]), int(row[1])
