"""Rows of intents and of everything the sender promises about them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

WEI = Numeric(78, 0)
OUTCOMES = {"confirmed": "spent", "reverted": "released", "rejected": "released", "cancelled": "released"}
"""What becomes of an intent's holds when it ends."""
TERMINAL = tuple(OUTCOMES)
STATES = ("created", "signed", "broadcast", "mined", *TERMINAL)


class Intent(Base):
    """What a wallet's owner wants. `calls` is what will be signed: [{to, value, data}], in order.

    `seq` orders intents of a wallet. `dedupe_key`: at most one open intent has it (keeper work).
    `traceparent`: of the request that made it, see backend/tracing.
    `cancel_requested_at`: its owner wants it undone; empty transactions compete for its slots from then on.
    """

    __tablename__ = "intent"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("pseudonym.id"))
    kind: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    calls: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="created")
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    dedupe_key: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None] = mapped_column(Text)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class IntentStage(Base):
    """One state an intent went through, and when. A reorg shows as `mined` followed by `broadcast` again."""

    __tablename__ = "intent_stage"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), index=True)
    state: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Slot(Base):
    """One nonce of a wallet, owned by one call of one intent for life.

    `state`: signed → broadcast → mined → final. `winner` is the hash that was found on chain, `succeeded` its
    status, `fee` what it cost; all may change until `final`, since `final_at`.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("wallet_id", "nonce"),
        UniqueConstraint("intent_id", "position"),
        ForeignKeyConstraint(
            ["id", "winner"],
            ["app.attempt.slot_id", "app.attempt.hash"],
            name="slot_winner_fkey",
            use_alter=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    nonce: Mapped[int] = mapped_column(BigInteger)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    gas_limit: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text, default="signed")
    winner: Mapped[bytes | None] = mapped_column(LargeBinary)
    succeeded: Mapped[bool | None] = mapped_column(Boolean)
    block_number: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    fee: Mapped[Decimal | None] = mapped_column(WEI)
    final_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Attempt(Base):
    """One signed transaction of a slot, kept for life: its bytes are what is sent and sent again."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("slot_id", "hash"),)

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    max_fee: Mapped[Decimal] = mapped_column(WEI)
    priority_fee: Mapped[Decimal] = mapped_column(WEI)
    purpose: Mapped[str] = mapped_column(Text, default="call")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Hold(Base):
    """Money an open intent will spend.

    `token` null is the chain's currency. `outcome`: open, spent, released.
    """

    __tablename__ = "hold"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), index=True)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    amount: Mapped[Decimal] = mapped_column(WEI)
    outcome: Mapped[str] = mapped_column(Text, default="open")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
