"""Who our users are at Stripe: their customer, invoices, and the portal where they keep their cards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import stripe

from backend.payments.errors import NoInvoices
from backend.payments.gateway.client import stripe_client
from backend.settings import Settings


@dataclass(frozen=True)
class Invoice:
    """An invoice of Stripe's, in cents, with its page and its PDF (null while it is a draft)."""

    id: str
    number: str | None
    status: str | None
    total: int
    currency: str
    created_at: datetime
    page_url: str | None
    pdf_url: str | None


async def make_customer(settings: Settings, user_id: UUID, email: str, instead_of: str = "") -> str:
    """A customer for a user; asked again soon, the same one. `instead_of`: one that was deleted at Stripe.

    Raises StripeUnavailable.
    """
    # Stripe refuses a name under which it was asked something else: another address is another request.
    of_address = hashlib.sha256(email.encode()).hexdigest()[:16]
    async with stripe_client(settings) as client:
        made = await client.v1.customers.create_async(
            {"email": email, "metadata": {"user_id": str(user_id)}},
            {"idempotency_key": f"customer:{user_id}:{of_address}:{instead_of}"},
        )
    return made.id


async def forget_customer(settings: Settings, customer_id: str) -> None:
    """Delete a customer at Stripe: the address and cards go, subscriptions end at once, invoices stay.

    Any number of times. Raises StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            await client.v1.customers.delete_async(customer_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise


async def invoices(
    settings: Settings, customer_id: str, *, limit: int, after: str | None
) -> tuple[list[Invoice], bool]:
    """A customer's invoices, newest first, after the invoice `after`; whether there are more.

    Raises NoInvoices for a cursor of somebody else's, StripeUnavailable.
    """
    async with stripe_client(settings) as client:
        try:
            found = await client.v1.invoices.list_async(
                {
                    "customer": customer_id,
                    "limit": limit,
                    **({"starting_after": after} if after else {}),
                }
            )
        except stripe.InvalidRequestError:
            raise NoInvoices("There is no invoice after this cursor: begin with the first page.") from None
    return [
        Invoice(
            id=str(one.id),
            number=one.number,
            status=one.status,
            total=one.total,
            currency=one.currency,
            created_at=datetime.fromtimestamp(one.created, UTC),
            page_url=one.hosted_invoice_url,
            pdf_url=one.invoice_pdf,
        )
        for one in found.data
    ], found.has_more


async def open_portal(settings: Settings, customer_id: str, return_url: str) -> str:
    """A link, good for minutes, to the customer's own pages at Stripe. Raises NoInvoices, StripeUnavailable."""
    async with stripe_client(settings) as client:
        try:
            session = await client.v1.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": return_url}
            )
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            raise NoInvoices("Stripe does not know you any more: buy something first.") from None
    return session.url
