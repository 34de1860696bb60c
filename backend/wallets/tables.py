"""Rows of custodial wallets and their sealed keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, SmallInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Wallet(Base):
    """An address whose key we hold, and the lane that signs for it.

    `role`: `user`, or a platform wallet (`treasury`, `keeper`) of which there is one each.
    `next_nonce` is max(slot) + 1; null until a platform wallet's first nonce was read from the chain.
    `wake` counts reasons to look at the wallet; `due_at` is when a sender should (null: nothing open).
    `fence` grows with every lease: a worker whose number is older cannot write.
    `exported_at`: since then its owner has the key too, so nonces may be used elsewhere.
    """

    __tablename__ = "wallet"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("pseudonym.id"), unique=True)
    role: Mapped[str] = mapped_column(Text, default="user")
    address: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    first_nonce: Mapped[int | None] = mapped_column(BigInteger)
    next_nonce: Mapped[int | None] = mapped_column(BigInteger)
    wake: Mapped[int] = mapped_column(BigInteger, default=0)
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    frozen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    frozen_reason: Mapped[str | None] = mapped_column(Text)
    paused_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paused_reason: Mapped[str | None] = mapped_column(Text)
    exported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class WalletKey(Base):
    """A private key in its envelope; the newest version signs."""

    __tablename__ = "wallet_key"

    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class WalletExport(Base):
    """A wish to take one's key away: it may be had once from `ready_at` until `expires_at`, unless cancelled.

    `cancel_hash` is the SHA-256 of the token in the notice: whoever reads the owner's mail may cancel.
    """

    __tablename__ = "wallet_export"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    cancel_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ready_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retrieved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
