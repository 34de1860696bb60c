"""A user's credits: how many there are, giving some, spending some; each in a transaction of its own."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import service as ledger
from backend.services import Services


async def credits_of(services: Services, user_id: UUID) -> int:
    async with AsyncSession(services.engine) as db:
        return (await ledger.balance(db, user_id)).amount


async def grant(services: Services, user_id: UUID, amount: int) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        user = await ledger.user_account(db, user_id)
        issuance = await ledger.system_account(db, "issuance")
        await ledger.transfer(
            db, key=uuid4().hex, debit=issuance, credit=user, amount=amount, purpose="grant", actor="test"
        )


async def spend(services: Services, user_id: UUID, amount: int) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        user = await ledger.user_account(db, user_id)
        fees = await ledger.system_account(db, "fees")
        await ledger.transfer(
            db, key=uuid4().hex, debit=user, credit=fees, amount=amount, purpose="draw", actor="test"
        )
