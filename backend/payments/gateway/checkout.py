"""Stripe Checkout: pages of Stripe's on which people pay, begun by us and looked up afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from backend.jobs.errors import PermanentError
from backend.payments.errors import CheckoutOver
from backend.payments.gateway.client import name_of, stripe_client
from backend.payments.tables import Checkout
from backend.settings import Settings


class CustomerGoneError(Exception):
    """Somebody deleted this customer at Stripe."""


@dataclass(frozen=True)
class Begun:
    """A page to pay on, until `expires_at`."""

    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """What came of a page. `is_over`: neither a payment nor a subscription is still to come of it."""

    payment_id: str | None
    subscription_id: str | None
    is_over: bool


async def begin(settings: Settings, checkout: Checkout, customer_id: str) -> Begun:
    """The page for a checkout; the same one however often it is asked for.

    Raises CheckoutOver where Stripe kept another request under this name, CustomerGoneError, StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            session = await client.v1.checkout.sessions.create_async(
                _request(checkout, customer_id, settings.site),  # type: ignore[arg-type]
                {"idempotency_key": f"checkout:{checkout.id}:{customer_id}"},
            )
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            raise CustomerGoneError(customer_id) from None
        except stripe.IdempotencyError:
            raise CheckoutOver(
                "This checkout was begun with other data: begin a new one with a new Idempotency-Key."
            ) from None
    if session.url is None:
        raise CheckoutOver("This checkout is over: begin a new one with a new Idempotency-Key.")
    return Begun(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC))


async def look_up_session(settings: Settings, session_id: str) -> Session:
    """Ask Stripe. Raises PermanentError for a session that is not of ours, StripeUnavailable."""
    async with stripe_client(settings) as client:
        try:
            session = await client.v1.checkout.sessions.retrieve_async(session_id)
        except stripe.InvalidRequestError as error:
            raise PermanentError(f"Stripe does not know checkout {session_id}: {error.code}") from None
    paid = session.status == "complete" and session.payment_status != "unpaid"
    return Session(
        payment_id=name_of(session.payment_intent),
        subscription_id=name_of(session.subscription),
        is_over=paid or session.status == "expired",
    )


def _request(checkout: Checkout, customer_id: str, site: str) -> dict[str, Any]:
    """https://docs.stripe.com/api/checkout/sessions/create"""
    ours = {"user_id": str(checkout.user_id), "checkout_id": str(checkout.id)}
    back = f"{site}/account/credits?checkout={checkout.id}"
    request: dict[str, Any] = {
        "customer": customer_id,
        "client_reference_id": str(checkout.id),
        "metadata": ours,
        "success_url": f"{back}&outcome=paid",
        "cancel_url": f"{back}&outcome=cancelled",
    }
    price: dict[str, Any] = {"currency": checkout.currency, "unit_amount": checkout.amount}
    if checkout.sells == "package":
        price["product_data"] = {"name": f"{checkout.credits:,} credits"}
        request |= {
            "mode": "payment",
            "invoice_creation": {"enabled": True},
            "payment_intent_data": {"metadata": {**ours, "credits": str(checkout.credits)}},
        }
    else:
        tier, interval = checkout.code.split("/")
        price |= {
            "product_data": {"name": f"Tombola {tier}", "metadata": {"tier": tier}},
            "recurring": {"interval": interval},
        }
        request |= {"mode": "subscription", "subscription_data": {"metadata": {**ours, "tier": tier}}}
    return {**request, "line_items": [{"quantity": 1, "price_data": price}]}
