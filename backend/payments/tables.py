"""Rows of payments, checkouts, subscriptions, refunds, and of the webhooks that told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

Sells = Literal["package", "subscription"]
ENTITLED = ("active", "trialing", "past_due")
"""Statuses of a subscription that give its tier; past due: Stripe still tries to collect, and its settings end it.

https://docs.stripe.com/api/subscriptions/object#subscription_object-status
"""
ENDED = ("canceled", "incomplete_expired")


class Payment(Base):
    """One Stripe PaymentIntent (`id`) that buys credits.

    `due`: credits the user is due after captures, refunds and disputes. `booked`: credits the ledger gave for it.
    `booked` above `due` means that credits were spent before the money went back: the user owes the difference.
    `bookings` counts the ledger's entries, and is part of their keys; `settlements` counts the answers of Stripe
    that were applied, so that an older one is not applied after a newer one. `amount`, `captured`, `refunded` and
    `disputed` are money in cents of `currency` as Stripe said last. `seq` orders payments.
    """

    __tablename__ = "payment"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("pseudonym.id"), index=True)
    credits: Mapped[int] = mapped_column(BigInteger)
    due: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    booked: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    bookings: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    settlements: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(Text)
    captured: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    refunded: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    disputed: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    checkout_id: Mapped[UUID | None]
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.clock_timestamp()
    )


class PaymentEvent(Base):
    """A webhook that was received (`id`: Stripe's); `object_id` is what is looked up, null for nothing we follow."""

    __tablename__ = "payment_event"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class StripeCustomer(Base):
    """Who a user is at Stripe (`id`); made with the first checkout, deleted there when the account is erased."""

    __tablename__ = "stripe_customer"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Checkout(Base):
    """What somebody began to buy, with the price of that moment; `key` is the client's Idempotency-Key.

    The row comes first and names Stripe's request, so a request that was cut off is repeated and not doubled.
    `code` names the package or the plan. `closed_at`: nothing more is to come of it at Stripe.
    """

    __tablename__ = "checkout"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    sells: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    credits: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(Text, unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Subscription(Base):
    """A Stripe Subscription (`id`) as it stood when it was looked up last; `looked_up` counts those answers.

    `period_end`: paid until. `ends_at`: when it ends by the wish of its owner, null while it renews.
    """

    __tablename__ = "subscription"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    tier: Mapped[str] = mapped_column(Text)
    interval: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    period_end: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    looked_up: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.clock_timestamp()
    )


class Refund(Base):
    """Money an administrator (`actor`) gives back, in cents; the row comes first and names Stripe's request."""

    __tablename__ = "refund"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    actor: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    stripe_id: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
