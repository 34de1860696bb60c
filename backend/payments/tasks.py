"""Looking things up at Stripe: after a webhook, and again where one may have been lost."""

from __future__ import annotations

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.enqueue import enqueue
from backend.notices.service import tell_renewal
from backend.payments import checkouts, subscriptions
from backend.payments.gateway.checkout import look_up_session
from backend.payments.gateway.customers import forget_customer
from backend.payments.gateway.payments import look_up
from backend.payments.gateway.subscriptions import end, look_up_subscription
from backend.payments.service import settle, settlements
from backend.payments.tables import ENDED, Checkout, Payment, Subscription
from backend.payments.waking import FOLLOW_SUBSCRIPTION, FORGET_CUSTOMER, SETTLE_CHECKOUT, SETTLE_PAYMENT
from backend.users.account import is_there

MOST_AT_ONCE = 1000


@task(SETTLE_PAYMENT, limit=60, attempts=15)
async def settle_payment(run: Run, payment_id: str) -> None:
    """Ask Stripe how a payment stands, and book the difference. Any number of times, in any order."""
    async with AsyncSession(run.services.engine) as db:
        before = await settlements(db, payment_id)
    paid = await look_up(run.services.settings, payment_id)
    if paid is None:
        return
    async with AsyncSession(run.services.engine) as db, db.begin():
        await settle(db, payment_id, paid, before)


@task(SETTLE_CHECKOUT, limit=60, attempts=15)
async def settle_checkout(run: Run, session_id: str) -> None:
    """Ask Stripe what came of a checkout, and look that up."""
    session = await look_up_session(run.services.settings, session_id)
    async with AsyncSession(run.services.engine) as db, db.begin():
        if session.payment_id is not None:
            await enqueue(db, SETTLE_PAYMENT, {"payment_id": session.payment_id})
        if session.subscription_id is not None:
            await enqueue(db, FOLLOW_SUBSCRIPTION, {"subscription_id": session.subscription_id})
        if session.is_over:
            await checkouts.close(db, session_id)


@task(FOLLOW_SUBSCRIPTION, limit=60, attempts=15)
async def follow_subscription(run: Run, subscription_id: str) -> None:
    """Ask Stripe how a subscription stands, and keep it; end it where its owner's account was erased."""
    async with AsyncSession(run.services.engine) as db:
        before = await subscriptions.times_looked_up(db, subscription_id)
    found = await look_up_subscription(run.services.settings, subscription_id)
    async with AsyncSession(run.services.engine) as db, db.begin():
        has_owner = await subscriptions.follow(db, found, before)
    if not has_owner:
        await end(run.services.settings, subscription_id)


@task(FORGET_CUSTOMER, limit=60, attempts=30)
async def forget_stripe_customer(run: Run, customer_id: str) -> None:
    """After an erasure: delete the person at Stripe, which ends what they subscribed to."""
    await forget_customer(run.services.settings, customer_id)


@task("collect_owed_payments", limit=60)
async def collect_owed_payments(run: Run) -> None:
    """Try again where credits were spent before their money went back; oldest first."""
    async with AsyncSession(run.services.engine) as db, db.begin():
        owed = select(Payment.id).where(Payment.booked > Payment.due).order_by(Payment.updated_at)
        for payment_id in await db.scalars(owed.limit(MOST_AT_ONCE)):
            await enqueue(db, SETTLE_PAYMENT, {"payment_id": payment_id})


@task("tell_of_renewals", limit=300, attempts=3)
async def tell_of_renewals(run: Run) -> None:
    """Tell people of a renewal a week before; each once, however often this runs."""
    soon = Subscription.period_end.between(
        func.clock_timestamp(), func.clock_timestamp() + text("interval '7 days'")
    )
    renews = (Subscription.status.in_(("active", "trialing")), Subscription.ends_at.is_(None), soon)
    async with AsyncSession(run.services.engine) as db:
        due = list(await db.scalars(select(Subscription).where(*renews).limit(MOST_AT_ONCE)))
    for one in due:
        async with AsyncSession(run.services.engine) as db, db.begin():
            if await is_there(db, one.user_id):
                await tell_renewal(
                    db,
                    run.services.settings,
                    one.user_id,
                    subscription_id=one.id,
                    plan=f"{one.tier}/{one.interval}",
                    renews_at=one.period_end,
                    amount=f"{one.amount // 100}.{one.amount % 100:02} {one.currency.upper()}",
                )


@task("ask_stripe_again", limit=60)
async def ask_stripe_again(run: Run) -> None:
    """Look up what no webhook may have told of: checkouts that are open, subscriptions once a day and when due."""
    if not run.services.settings.payments_are_set_up:
        return
    async with AsyncSession(run.services.engine) as db, db.begin():
        is_open = (Checkout.session_id.is_not(None), Checkout.closed_at.is_(None))
        began = (
            Checkout.created_at < func.clock_timestamp() - text("interval '10 minutes'"),
            Checkout.created_at > func.clock_timestamp() - text("interval '30 days'"),
        )
        sessions = select(Checkout.session_id).where(*is_open, *began)
        for session_id in await db.scalars(sessions.order_by(Checkout.created_at.desc()).limit(MOST_AT_ONCE)):
            await enqueue(db, SETTLE_CHECKOUT, {"session_id": str(session_id)})
        day_old = Subscription.updated_at < func.clock_timestamp() - text("interval '1 day'")
        is_due = Subscription.period_end < func.clock_timestamp()
        followed = select(Subscription.id).where(Subscription.status.not_in(ENDED), or_(day_old, is_due))
        for subscription_id in await db.scalars(
            followed.order_by(Subscription.updated_at).limit(MOST_AT_ONCE)
        ):
            await enqueue(db, FOLLOW_SUBSCRIPTION, {"subscription_id": subscription_id})
