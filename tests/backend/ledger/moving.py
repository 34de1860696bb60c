"""A user's credits: how many there are, and moving some; each in a transaction of its own."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import service as ledger
from backend.services import Services


async def credits_of(services: Services, user_id: UUID) -> int:
    async with AsyncSession(services.engine) as db:
        return (await ledger.balance(db, user_id)).amount


async def move(services: Services, user_id: UUID, amount: int) -> None:
    """Give the user `amount` credits, or take them for a draw where it is negative."""
    async with AsyncSession(services.engine) as db, db.begin():
        user = await ledger.user_account(db, user_id)
        if amount > 0:
            other, purpose = await ledger.system_account(db, "issuance"), "grant"
        else:
            other, purpose = await ledger.system_account(db, "fees"), "draw"
        debit, credit = (other, user) if amount > 0 else (user, other)
        await ledger.transfer(
            db, key=uuid4().hex, debit=debit, credit=credit, amount=abs(amount), purpose=purpose, actor="test"
        )
