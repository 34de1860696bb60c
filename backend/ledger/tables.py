"""Rows of the ledger. Only the functions of migration 0007 write accounts, entries and holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

AMOUNT = Numeric(78, 0)


class Currency(Base):
    """Something that is counted. `decimals`: how amounts are shown."""

    __tablename__ = "ledger_currency"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    decimals: Mapped[int] = mapped_column(SmallInteger)


class Account(Base):
    """What one user has of one currency, or one of the system's own accounts.

    `kind`: `user`; `issuance`, where granted money comes from; `payments`, the world outside; `fees`, what we
    earned. Only `issuance` and `payments` may be negative. `balance` includes what is `held`.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("id", "currency"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("pseudonym.id"))
    kind: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(ForeignKey("ledger_currency.code"))
    balance: Mapped[Decimal] = mapped_column(AMOUNT, server_default="0")
    held: Mapped[Decimal] = mapped_column(AMOUNT, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Entry(Base):
    """One event of the ledger, both sides in one row, never changed.

    `kind`: `transfer`, `hold`, or what ended a hold: `post`, `void`, `expire`. `moved` goes from the debit to the
    credit account; `held` is added to what the debit account holds. Balances are those after this entry.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["debit_id", "currency"],
            ["app.ledger_account.id", "app.ledger_account.currency"],
            name="ledger_entry_debit_fkey",
        ),
        ForeignKeyConstraint(
            ["credit_id", "currency"],
            ["app.ledger_account.id", "app.ledger_account.currency"],
            name="ledger_entry_credit_fkey",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    debit_id: Mapped[int] = mapped_column(BigInteger)
    credit_id: Mapped[int] = mapped_column(BigInteger)
    moved: Mapped[Decimal] = mapped_column(AMOUNT)
    held: Mapped[Decimal] = mapped_column(AMOUNT)
    debit_balance: Mapped[Decimal] = mapped_column(AMOUNT)
    credit_balance: Mapped[Decimal | None] = mapped_column(AMOUNT)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purpose: Mapped[str] = mapped_column(Text)
    memo: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class OpenHold(Base):
    """A hold that was not posted, voided or expired yet."""

    __tablename__ = "ledger_hold"

    id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Difference(Base):
    """Two things that should be equal and were not; open until a later reconciliation finds them equal.

    `kind` says what was compared, `subject` of whom.
    """

    __tablename__ = "difference"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    gone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
