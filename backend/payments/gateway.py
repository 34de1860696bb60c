"""The one place that talks to Stripe: the present state of a payment, reduced to what the ledger needs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import stripe

from backend.jobs.errors import PermanentError
from backend.settings import Settings

_TIMEOUT = 10.0
# The bank has the money back while it looks, and keeps it when the cardholder wins.
# https://docs.stripe.com/api/disputes/object#dispute_object-status
_WITHHELD = ("needs_response", "under_review", "lost")


@dataclass(frozen=True)
class Paid:
    """A payment as it stands now. Amounts in the smallest unit of its currency; `credits` for all of `amount`."""

    user_id: UUID
    credits: int
    amount: int
    captured: int
    refunded: int
    disputed: int

    @property
    def due(self) -> int:
        """Credits for the part of the money that is ours, rounded down."""
        kept = max(0, self.captured - self.refunded - self.disputed)
        return self.credits * kept // self.amount


async def look_up(settings: Settings, payment_id: str) -> Paid:
    """Ask Stripe. Raises PermanentError for a payment that is not of ours; stripe.StripeError otherwise."""
    http = stripe.AIOHTTPClient(timeout=_TIMEOUT)
    client = stripe.StripeClient(
        settings.stripe_secret_key.get_secret_value(),
        base_addresses={"api": settings.stripe_api_url},
        http_client=http,
        max_network_retries=2,
    )
    try:
        intent = await client.v1.payment_intents.retrieve_async(payment_id, {"expand": ["latest_charge"]})
        disputes = await client.v1.disputes.list_async({"payment_intent": payment_id, "limit": 100})
    except stripe.InvalidRequestError as error:
        raise PermanentError(f"Stripe does not know payment {payment_id}: {error.code}") from None
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]
    buyer, bought = _purchase(payment_id, intent.metadata.to_dict())
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    return Paid(
        user_id=buyer,
        credits=bought,
        amount=intent.amount,
        captured=0 if charge is None else charge.amount_captured,
        refunded=0 if charge is None else charge.amount_refunded,
        disputed=sum(dispute.amount for dispute in disputes.data if dispute.status in _WITHHELD),
    )


def _purchase(payment_id: str, metadata: dict[str, str]) -> tuple[UUID, int]:
    """Who buys how many credits: written into the payment when it was begun, which needs our secret key."""
    try:
        buyer, bought = UUID(metadata["user_id"]), int(metadata["credits"])
    except (KeyError, ValueError):
        raise PermanentError(
            f"payment {payment_id} is not of ours: its metadata lacks user_id and credits"
        ) from None
    if not 0 < bought < 2**53:
        raise PermanentError(f"payment {payment_id} says {bought} credits: nobody sells that")
    return buyer, bought
