"""Subscriptions as Stripe says they stand, and changing one."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.outbox.service import publish
from backend.payments.errors import StripeUnavailable, SubscriptionNotFound
from backend.payments.gateway import subscriptions as gateway
from backend.payments.gateway.subscriptions import Subscribed
from backend.payments.service import ChangedMeanwhileError
from backend.payments.tables import ENDED, ENTITLED, Subscription
from backend.prices.price_list import Interval, TierCode, plan_of
from backend.services import Services
from backend.users.account import is_there, require_account

log = structlog.get_logger(__name__)
MOST_LOOK_UPS = 5
_FACTS = ("tier", "status", "interval", "amount", "currency", "period_end", "ends_at")


async def running(db: AsyncSession, user_id: UUID) -> Subscription | None:
    """A user's subscription that has not ended; the one that gives a tier, where there are several."""
    mine = list(
        await db.scalars(
            select(Subscription)
            .where(Subscription.user_id == user_id, Subscription.status.not_in((*ENDED, "incomplete")))
            .order_by(Subscription.created_at)
        )
    )
    return next((one for one in mine if one.status in ENTITLED), mine[0] if mine else None)


async def times_looked_up(db: AsyncSession, subscription_id: str) -> int:
    """How often a subscription was looked up. Read it before asking Stripe, for `follow`."""
    query = select(Subscription.looked_up).where(Subscription.id == subscription_id)
    return await db.scalar(query) or 0


async def follow(db: AsyncSession, found: Subscribed, looked_up_before: int) -> bool:
    """Keep what Stripe said of a subscription. False where its owner's account is gone and it still runs.

    Raises ChangedMeanwhileError where a newer answer may have been kept since `looked_up_before` was read.
    """
    if not await is_there(db, found.user_id):
        return found.status in ENDED
    facts = {name: getattr(found, name) for name in _FACTS}
    added = await db.scalar(
        insert(Subscription)
        .values(id=found.id, user_id=found.user_id, **facts)
        .on_conflict_do_nothing()
        .returning(Subscription.id)
    )
    kept = await db.get_one(Subscription, found.id, with_for_update=True, populate_existing=True)
    if kept.looked_up != looked_up_before:
        raise ChangedMeanwhileError(found.id)
    changed = added is not None or any(getattr(kept, name) != value for name, value in facts.items())
    kept.looked_up += 1
    if changed:
        for name, value in facts.items():
            setattr(kept, name, value)
        await _tell(db, found)
    return True


async def change(
    db: AsyncSession,
    services: Services,
    user_id: UUID,
    key: str,
    *,
    interval: Interval | None,
    renews: bool | None,
) -> Subscription:
    """Change one's subscription at Stripe, then look it up.

    Raises SubscriptionNotFound, SubscriptionUnchangeable, StripeUnavailable.
    """
    mine = await require(db, user_id)
    subscription_id = mine.id
    plan = None if interval in (None, mine.interval) else plan_of(_tier(mine), interval)
    await db.commit()  # gives the connection back while Stripe is asked
    if plan is not None or renews is not None:
        await gateway.change(
            services.settings, subscription_id, plan=plan, renews=renews, key=f"{user_id}:{key}"
        )
    return await look_up(db, services, subscription_id)


async def look_up(db: AsyncSession, services: Services, subscription_id: str) -> Subscription:
    """Ask Stripe and keep the answer. Raises AccountErased, PermanentError, StripeUnavailable."""
    for _ in range(MOST_LOOK_UPS):
        before = await times_looked_up(db, subscription_id)
        await db.commit()
        found = await gateway.look_up_subscription(services.settings, subscription_id)
        try:
            await follow(db, found, before)
        except ChangedMeanwhileError:  # by the job that Stripe's webhook about this very change began
            await db.rollback()
            continue
        await require_account(db, found.user_id)
        await db.flush()
        return await db.get_one(Subscription, subscription_id)
    raise StripeUnavailable("This subscription is changing right now: look at it again in a moment.")


async def require(db: AsyncSession, user_id: UUID) -> Subscription:
    """A user's running subscription. Raises SubscriptionNotFound."""
    found = await running(db, user_id)
    if found is None:
        raise SubscriptionNotFound(
            "You have no subscription that is under way: POST /payments/subscription begins one."
        )
    return found


def _tier(mine: Subscription) -> TierCode:
    if mine.tier == "pro":
        return "pro"
    raise SubscriptionNotFound(
        f"Tier {mine.tier} is not sold any more: end this subscription and begin another."
    )


async def _tell(db: AsyncSession, found: Subscribed) -> None:
    log.info("subscription_" + found.status, subscription=found.id, tier=found.tier)
    others = select(Subscription.id).where(
        Subscription.user_id == found.user_id, Subscription.id != found.id, Subscription.status.in_(ENTITLED)
    )
    other = await db.scalar(others.limit(1))
    if other is not None and found.status in ENTITLED:
        log.error("subscribed_twice", subscription=found.id, other=other, next="end one at Stripe, refund it")
    ends_at = None if found.ends_at is None else found.ends_at.isoformat()
    said = {"tier": found.tier, "status": found.status, "ends_at": ends_at}
    await publish(db, found.user_id, "subscription.changed", f"subscription:{found.id}", said)
