"""Rows of payments and of the webhooks that told of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Payment(Base):
    """One Stripe PaymentIntent (`id`) that buys credits.

    `due`: credits the user is due after captures, refunds and disputes. `booked`: credits the ledger gave for it.
    `booked` above `due` means that credits were spent before the money went back: the user owes the difference.
    `bookings` counts the ledger's entries, and is part of their keys; `settlements` counts the answers of Stripe
    that were applied, so that an older one is not applied after a newer one.
    """

    __tablename__ = "payment"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("pseudonym.id"), index=True)
    credits: Mapped[int] = mapped_column(BigInteger)
    due: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    booked: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    bookings: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    settlements: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.clock_timestamp()
    )


class PaymentEvent(Base):
    """A webhook that was received (`id`: Stripe's); `payment_id` is null where it is of nothing we follow."""

    __tablename__ = "payment_event"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    payment_id: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
