"""Rows of what was stated: a snapshot, its statements, and each person's leaf."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

AMOUNT = Numeric(78, 0)


class BackingSnapshot(Base):
    """What was owed at a final block, handed to the sender as `intent_id`. It counts once the chain says so."""

    __tablename__ = "backing_snapshot"

    block_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    block_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    contract: Mapped[bytes] = mapped_column(LargeBinary)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class BackingStatement(Base):
    """One tree. `holders`: addresses with something of it, 20 bytes each, rising; null where nothing is on chain.

    `reserve`: what the chain said they have together. `block_hashes` and `block_sums` are the roots of its parts.
    """

    __tablename__ = "backing_statement"

    block_number: Mapped[int] = mapped_column(ForeignKey("backing_snapshot.block_number"), primary_key=True)
    topic: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    symbol: Mapped[str] = mapped_column(Text)
    decimals: Mapped[int | None] = mapped_column(SmallInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    total: Mapped[Decimal] = mapped_column(AMOUNT)
    size: Mapped[int] = mapped_column(Integer)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    holders: Mapped[bytes | None] = mapped_column(LargeBinary)
    reserve: Mapped[Decimal | None] = mapped_column(AMOUNT)
    seed: Mapped[bytes] = mapped_column(LargeBinary)
    block_hashes: Mapped[bytes] = mapped_column(LargeBinary)
    block_sums: Mapped[list[Decimal]] = mapped_column(ARRAY(AMOUNT))


class BackingLeaf(Base):
    """What one wallet's owner was owed, and where its leaf stands."""

    __tablename__ = "backing_leaf"
    __table_args__ = (
        ForeignKeyConstraint(
            ["block_number", "topic"],
            ["app.backing_statement.block_number", "app.backing_statement.topic"],
            name="backing_leaf_statement_fkey",
        ),
        UniqueConstraint("block_number", "topic", "wallet_id"),
    )

    block_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    topic: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    index: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
