"""The present state of a payment, reduced to what the ledger needs; and giving money back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import stripe

from backend.jobs.errors import PermanentError
from backend.payments.errors import RefundRefused
from backend.payments.gateway.client import reason, stripe_client
from backend.settings import Settings

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
    currency: str = ""
    checkout_id: UUID | None = None

    @property
    def due(self) -> int:
        """Credits for the part of the money that is ours, rounded down."""
        kept = max(0, self.captured - self.refunded - self.disputed)
        return self.credits * kept // self.amount


async def look_up(settings: Settings, payment_id: str) -> Paid | None:
    """Ask Stripe. None for a subscription's payment, which buys no credits.

    Raises PermanentError for a payment that is not of ours, StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            intent = await client.v1.payment_intents.retrieve_async(payment_id, {"expand": ["latest_charge"]})
            if "user_id" not in intent.metadata and await _is_of_an_invoice(client, payment_id):
                return None
            disputes = await client.v1.disputes.list_async({"payment_intent": payment_id, "limit": 100})
        except stripe.InvalidRequestError as error:
            raise PermanentError(f"Stripe does not know payment {payment_id}: {error.code}") from None
    metadata = intent.metadata.to_dict()
    buyer, bought = _purchase(payment_id, metadata)
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    return Paid(
        user_id=buyer,
        credits=bought,
        amount=intent.amount,
        captured=0 if charge is None else charge.amount_captured,
        refunded=0 if charge is None else charge.amount_refunded,
        disputed=sum(dispute.amount for dispute in disputes.data if dispute.status in _WITHHELD),
        currency=intent.currency,
        checkout_id=UUID(metadata["checkout_id"]) if "checkout_id" in metadata else None,
    )


async def give_back(settings: Settings, refund_id: UUID, payment_id: str, amount: int) -> str:
    """Refund `amount` of a payment; Stripe's id of the refund. Once, however often asked with this `refund_id`.

    Raises RefundRefused, StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            made = await client.v1.refunds.create_async(
                {
                    "payment_intent": payment_id,
                    "amount": amount,
                    "reason": "requested_by_customer",
                    "metadata": {"refund_id": str(refund_id)},
                },
                {"idempotency_key": f"refund:{refund_id}"},
            )
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            raise RefundRefused(
                f"Stripe refuses to refund {amount} of {payment_id}: {reason(error)}"
            ) from None
    return made.id


async def _is_of_an_invoice(client: stripe.StripeClient, payment_id: str) -> bool:
    found = await client.v1.invoice_payments.list_async(
        {"payment": {"type": "payment_intent", "payment_intent": payment_id}, "limit": 1}
    )
    return bool(found.data)


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
