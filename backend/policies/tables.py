"""Rows of limits, known recipients and freezes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

WEI = Numeric(78, 0)


class PolicyLimit(Base):
    """How much of a currency may be spent, smallest unit; null is no limit. `token` null: chain's currency.

    Of a (user, token, set_by) the newest row with `valid_from` in the past counts; one of the future waits.
    """

    __tablename__ = "policy_limit"
    __table_args__ = (
        UniqueConstraint(
            *("user_id", "token", "set_by", "valid_from"),
            name="policy_limit_version_key",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    set_by: Mapped[str] = mapped_column(Text)
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    per_transaction: Mapped[Decimal | None] = mapped_column(WEI)
    daily: Mapped[Decimal | None] = mapped_column(WEI)
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class PolicyMode(Base):
    """Whether a user pays listed addresses only; the newest row with `valid_from` in the past counts."""

    __tablename__ = "policy_mode"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    allow_list_only: Mapped[bool] = mapped_column(Boolean)
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)


class PolicyAddress(Base):
    """An address a user wanted to pay, or put on the list.

    From `usable_from` on it is no new address any more; from `listed_from` on it counts as listed.
    """

    __tablename__ = "policy_address"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    label: Mapped[str | None] = mapped_column(Text)
    first_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    usable_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    listed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    listed_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Freeze(Base):
    """Why a wallet, or a user, may do nothing; kept after it was lifted."""

    __tablename__ = "freeze"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    wallet_id: Mapped[UUID | None] = mapped_column(ForeignKey("wallet.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    frozen_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[str | None] = mapped_column(Text)
    lifted_reason: Mapped[str | None] = mapped_column(Text)
