"""What an erasure means at Stripe."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.enqueue import enqueue
from backend.payments.tables import ENDED, StripeCustomer, Subscription
from backend.payments.waking import FOLLOW_SUBSCRIPTION, FORGET_CUSTOMER


async def leave_stripe(db: AsyncSession, user_id: UUID) -> None:
    """Have Stripe forget the person, and end what they subscribed to, once this transaction has committed.

    The rows go with the account; the jobs know Stripe's ids alone. Invoices stay: Stripe's, as the law wants them.
    """
    customer_id = await db.scalar(select(StripeCustomer.id).where(StripeCustomer.user_id == user_id))
    if customer_id is not None:
        await enqueue(db, FORGET_CUSTOMER, {"customer_id": customer_id})
    running = select(Subscription.id).where(
        Subscription.user_id == user_id, Subscription.status.not_in(ENDED)
    )
    for subscription_id in await db.scalars(running):
        await enqueue(db, FOLLOW_SUBSCRIPTION, {"subscription_id": subscription_id})
