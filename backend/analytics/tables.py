"""Rows of figures, and of what folding the next hour needs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, LargeBinary, Numeric, SmallInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

VALUE = Numeric(78, 0)


class Figure(Base):
    """One figure of one hour, or of one day where days are no sums of hours; `at` is its beginning, UTC.

    `scope`: '' everybody, 'o' + address an organiser, issuer or creator, 'r' + number a raffle, 't' + address a
    token, 'v' + number a vesting plan, 'u' + id an account. `dimension`: what the metric is split by.
    """

    __tablename__ = "analytics"

    scope: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    metric: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    span: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    dimension: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    value: Mapped[Decimal] = mapped_column(VALUE)


class Player(Base):
    """Somebody who bought a ticket in a final hour of a day that is not wholly final."""

    __tablename__ = "analytics_player"

    scope: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    day: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    player: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class Balance(Base):
    """What a holder has of a token at the end of the final hours; the zero address has minus the supply."""

    __tablename__ = "analytics_balance"

    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    holder: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(VALUE)


class State(Base):
    """How far the figures are: one row.

    Hours before `through` are final and never written again; no fact of them is in a block above `through_block`.
    Hours up to `complete_until` are there. `definition` is of what was folded; another one starts over.
    """

    __tablename__ = "analytics_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    definition: Mapped[str] = mapped_column(Text)
    through: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    through_block: Mapped[int] = mapped_column(BigInteger)
    complete_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
