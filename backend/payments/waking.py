"""What an event of Stripe's tells to look up. Nothing else in it is believed, whatever API version it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SETTLE_PAYMENT = "settle_payment"
SETTLE_CHECKOUT = "settle_checkout"
FOLLOW_SUBSCRIPTION = "follow_subscription"
FORGET_CUSTOMER = "forget_stripe_customer"
_LONGEST_ID = 255


@dataclass(frozen=True)
class LookUp:
    """A task, and the object it asks Stripe for; `argument` is the task's."""

    task: str
    argument: str
    object_id: str


def look_up_for(about: object) -> LookUp | None:
    """For the object of an event (`data.object`); None for what we do not follow."""
    if not isinstance(about, dict):
        return None
    match about.get("object"):
        case "payment_intent":
            return _look_up(SETTLE_PAYMENT, "payment_id", about)
        case "checkout.session":
            return _look_up(SETTLE_CHECKOUT, "session_id", about)
        case "subscription":
            return _look_up(FOLLOW_SUBSCRIPTION, "subscription_id", about)
        case "invoice":
            return _look_up(FOLLOW_SUBSCRIPTION, "subscription_id", _subscription_of(about))
        case _:  # charges, refunds and disputes say which payment they are of
            return _look_up(SETTLE_PAYMENT, "payment_id", about.get("payment_intent"))


def _subscription_of(invoice: dict[str, Any]) -> object:
    """Since 2025-03-31 it is below `parent`. https://docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects"""
    parent = invoice.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    return details.get("subscription") if isinstance(details, dict) else invoice.get("subscription")


def _look_up(task: str, argument: str, named: object) -> LookUp | None:
    """`named`: an id, or the object with its id where the event spells it out."""
    found = named.get("id") if isinstance(named, dict) else named
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID or "\0" in found:
        return None
    return LookUp(task, argument, found)
