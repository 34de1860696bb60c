"""Settling payments after the webhook was answered."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.enqueue import enqueue
from backend.payments.gateway import look_up
from backend.payments.service import settle, settlements
from backend.payments.tables import Payment

SETTLE_PAYMENT = "settle_payment"
COLLECT_OWED = "collect_owed_payments"


@task(SETTLE_PAYMENT, limit=60, attempts=15)
async def settle_payment(run: Run, payment_id: str) -> None:
    """Ask Stripe how a payment stands, and book the difference. Any number of times, in any order."""
    async with AsyncSession(run.services.engine) as db:
        before = await settlements(db, payment_id)
    paid = await look_up(run.services.settings, payment_id)
    async with AsyncSession(run.services.engine) as db, db.begin():
        await settle(db, payment_id, paid, before)


@task(COLLECT_OWED, limit=60)
async def collect_owed_payments(run: Run) -> None:
    """Try again where credits were spent before their money went back; oldest first."""
    async with AsyncSession(run.services.engine) as db, db.begin():
        owed = select(Payment.id).where(Payment.booked > Payment.due).order_by(Payment.updated_at).limit(1000)
        for payment_id in await db.scalars(owed):
            await enqueue(db, SETTLE_PAYMENT, {"payment_id": payment_id})
