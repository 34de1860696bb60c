"""The present state of a subscription, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from backend.jobs.errors import PermanentError
from backend.payments.errors import SubscriptionUnchangeable
from backend.payments.gateway.client import name_of, reason, stripe_client
from backend.prices.price_list import CURRENCY, Plan
from backend.settings import Settings


@dataclass(frozen=True)
class Subscribed:
    """A subscription as it stands now; `amount` in cents each `interval`, times as in `app.subscription`."""

    id: str
    user_id: UUID
    tier: str
    status: str
    interval: str
    amount: int
    currency: str
    period_end: datetime
    ends_at: datetime | None


async def look_up_subscription(settings: Settings, subscription_id: str) -> Subscribed:
    """Ask Stripe. Raises PermanentError for a subscription that is not of ours, StripeUnavailable."""
    async with stripe_client(settings) as client:
        try:
            found = await client.v1.subscriptions.retrieve_async(subscription_id)
        except stripe.InvalidRequestError as error:
            raise PermanentError(
                f"Stripe does not know subscription {subscription_id}: {error.code}"
            ) from None
    return _subscribed(found)


async def change(
    settings: Settings, subscription_id: str, *, plan: Plan | None, renews: bool | None, key: str
) -> None:
    """Bill by another plan from now on, the difference at once; or end with what is paid, or go on after all.

    `key` names the request. Raises SubscriptionUnchangeable, StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            request: dict[str, Any] = {}
            if renews is not None:
                request["cancel_at_period_end"] = not renews
            if plan is not None:
                found = await client.v1.subscriptions.retrieve_async(subscription_id)
                request |= _new_plan(_item(found), plan)
            await client.v1.subscriptions.update_async(
                subscription_id,
                request,  # type: ignore[arg-type]
                {"idempotency_key": f"subscription:{key}"},
            )
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
            raise SubscriptionUnchangeable(f"Stripe refuses this: {reason(error)}") from None


async def end(settings: Settings, subscription_id: str) -> None:
    """End a subscription at once; any number of times. Raises StripeUnavailable."""
    async with stripe_client(settings) as client:
        try:
            await client.v1.subscriptions.cancel_async(subscription_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise


def _subscribed(found: stripe.Subscription) -> Subscribed:
    metadata = found.metadata.to_dict()
    try:
        owner, tier = UUID(metadata["user_id"]), metadata["tier"]
    except (KeyError, ValueError):
        raise PermanentError(
            f"subscription {found.id} is not of ours: its metadata lacks user_id and tier"
        ) from None
    item = _item(found)
    period_end = datetime.fromtimestamp(item.current_period_end, UTC)
    ends_at = None
    if found.cancel_at is not None:
        ends_at = datetime.fromtimestamp(found.cancel_at, UTC)
    elif found.cancel_at_period_end:
        ends_at = period_end
    return Subscribed(
        id=found.id,
        user_id=owner,
        tier=tier,
        status=found.status,
        interval="" if item.price.recurring is None else item.price.recurring.interval,
        amount=item.price.unit_amount or 0,
        currency=found.currency,
        period_end=period_end,
        ends_at=ends_at,
    )


def _item(found: stripe.Subscription) -> stripe.SubscriptionItem:
    """What it bills; ours bill one thing. `items` is also a method of the library's objects."""
    item: stripe.SubscriptionItem = found["items"]["data"][0]
    return item


def _new_plan(item: stripe.SubscriptionItem, plan: Plan) -> dict[str, Any]:
    price = {
        "currency": CURRENCY,
        "product": name_of(item.price.product),
        "unit_amount": plan.cents,
        "recurring": {"interval": plan.interval},
    }
    return {
        "items": [{"id": item.id, "price_data": price}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }
