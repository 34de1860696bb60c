"""What the routes of payments take and answer. Money is in cents, as decimal text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.payments.gateway.customers import Invoice
from backend.payments.tables import Checkout, Payment, Refund, Sells, Subscription
from backend.prices.price_list import Interval, PackageCode, TierCode
from backend.prices.schemas import LimitsOut


class PurchaseIn(BaseModel):
    """Which package; its price is the price list's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"package": "small"}]})

    package: PackageCode


class SubscribeIn(BaseModel):
    """How often to pay for tier `pro`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"interval": "month"}]})

    tier: Literal["pro"] = "pro"
    interval: Interval


class CheckoutOut(BaseModel):
    """A page of Stripe's to pay on: send the buyer to `url`. Paying twice on it is not possible.

    `state`: `paid` once the credits are booked; for a subscription once Stripe said that it is paid.
    """

    id: UUID
    url: str | None = Field(
        description="Null where Stripe never answered: send the request again, with the same Idempotency-Key",
        examples=["https://checkout.stripe.com/c/pay/cs_test_a1"],
    )
    state: Literal["open", "paid", "over"]
    sells: Sells
    code: str = Field(examples=["small", "pro/month"])
    credits: str = Field(examples=["100"])
    amount: str = Field(description="Cents", examples=["900"])
    currency: str = Field(examples=["eur"])
    expires_at: datetime

    @classmethod
    def of(cls, row: Checkout, payment: Payment | None) -> CheckoutOut:
        """As the API shows it."""
        expires_at = row.expires_at or row.created_at
        is_paid = payment is not None and payment.captured > 0
        # A subscription's page that closed before its time was paid.
        is_paid = is_paid or (
            row.sells == "subscription" and row.closed_at is not None and row.closed_at < expires_at
        )
        is_over = row.closed_at is not None or expires_at < datetime.now(UTC)
        return cls(
            id=row.id,
            url=row.url,
            state="paid" if is_paid else "over" if is_over else "open",
            sells="package" if row.sells == "package" else "subscription",
            code=row.code,
            credits=str(row.credits),
            amount=str(row.amount),
            currency=row.currency,
            expires_at=expires_at,
        )


class PaymentOut(BaseModel):
    """A payment that bought credits. `due`: credits for the money that is still ours."""

    id: str = Field(examples=["pi_3QabcD"])
    at: datetime
    credits: str = Field(description="For all of `amount`", examples=["100"])
    due: str = Field(examples=["100"])
    owed: str = Field(description="Credits that were spent before their money went back", examples=["0"])
    amount: str | None = Field(description="Cents", examples=["900"])
    captured: str = Field(examples=["900"])
    refunded: str = Field(examples=["0"])
    disputed: str = Field(examples=["0"])
    currency: str | None = Field(examples=["eur"])

    @classmethod
    def of(cls, row: Payment) -> PaymentOut:
        """As the API shows it."""
        return cls(
            id=row.id,
            at=row.created_at,
            credits=str(row.credits),
            due=str(row.due),
            owed=str(max(0, row.booked - row.due)),
            amount=None if row.amount is None else str(row.amount),
            captured=str(row.captured),
            refunded=str(row.refunded),
            disputed=str(row.disputed),
            currency=row.currency,
        )


class PaymentList(BaseModel):
    """Newest first. Pass `next_cursor` as `cursor` for the following page; null on the last one."""

    items: list[PaymentOut]
    next_cursor: str | None = Field(examples=["17", None])


class InvoiceOut(BaseModel):
    """An invoice as Stripe keeps it; the links are Stripe's and need no log-in."""

    id: str = Field(examples=["in_1QabcD"])
    number: str | None = Field(examples=["7C3F1A52-0001"])
    status: str | None = Field(examples=["paid"])
    total: str = Field(description="Cents", examples=["900"])
    currency: str = Field(examples=["eur"])
    created_at: datetime
    page_url: str | None
    pdf_url: str | None

    @classmethod
    def of(cls, one: Invoice) -> InvoiceOut:
        """As the API shows it."""
        return cls(
            id=one.id,
            number=one.number,
            status=one.status,
            total=str(one.total),
            currency=one.currency,
            created_at=one.created_at,
            page_url=one.page_url,
            pdf_url=one.pdf_url,
        )


class InvoiceList(BaseModel):
    """Newest first. Pass `next_cursor` as `cursor` for the following page; null on the last one."""

    items: list[InvoiceOut]
    next_cursor: str | None = Field(examples=["in_1QabcD", None])


class PortalOut(BaseModel):
    """The buyer's own pages at Stripe: cards, address, invoices, ending a subscription. Good for some minutes."""

    url: str = Field(examples=["https://billing.stripe.com/p/session/test_a1"])


class SubscriptionOut(BaseModel):
    """A subscription as Stripe said last. `ends_at` is null while it renews."""

    id: str = Field(examples=["sub_1QabcD"])
    tier: str = Field(examples=["pro"])
    status: str = Field(description="Stripe's word", examples=["active", "past_due"])
    interval: str = Field(examples=["month"])
    amount: str = Field(description="Cents", examples=["2900"])
    currency: str = Field(examples=["eur"])
    period_end: datetime = Field(description="Paid until")
    ends_at: datetime | None

    @classmethod
    def of(cls, row: Subscription) -> SubscriptionOut:
        """As the API shows it."""
        return cls(
            id=row.id,
            tier=row.tier,
            status=row.status,
            interval=row.interval,
            amount=str(row.amount),
            currency=row.currency,
            period_end=row.period_end,
            ends_at=row.ends_at,
        )


class TierOfMine(BaseModel):
    """The tier one has now, and the subscription that is under way, if any."""

    tier: TierCode
    limits: LimitsOut
    subscription: SubscriptionOut | None


class SubscriptionChange(BaseModel):
    """Another interval from now on, the difference billed at once; or ending with what is paid, or going on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"renews": False}]})

    interval: Interval | None = None
    renews: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> SubscriptionChange:
        if (self.interval is None) == (self.renews is None):
            raise ValueError("say either interval or renews")
        return self


class RefundIn(BaseModel):
    """How much to give back, all that is left without `amount`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"amount": "450", "reason": "Half of the credits were never used"}]},
    )

    amount: Annotated[str, StringConstraints(pattern="^[1-9][0-9]{0,14}$")] | None = Field(
        default=None, description="Cents", examples=["450"]
    )
    reason: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
    ] = Field(description="For the audit log")


class RefundOut(BaseModel):
    """The refund that was made at Stripe; credits follow when it is looked up."""

    id: UUID
    stripe_id: str = Field(examples=["re_1QabcD"])
    payment_id: str = Field(examples=["pi_3QabcD"])
    amount: str = Field(description="Cents", examples=["450"])

    @classmethod
    def of(cls, row: Refund) -> RefundOut:
        """As the API shows it."""
        return cls(
            id=row.id, stripe_id=row.stripe_id or "", payment_id=row.payment_id, amount=str(row.amount)
        )
