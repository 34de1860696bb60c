"""Rows of the audit log and of its chain. Triggers refuse UPDATE, DELETE and TRUNCATE of both; remarks can go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class AuditEvent(Base):
    """One critical action. `subject` is what it was done to; `detail` holds ids and amounts, nothing personal."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)


# Rows that are committed and not chained yet; written by triggers.
audit_pending = Table(
    "audit_pending",
    Base.metadata,
    Column("source", Text, nullable=False),
    Column("row_id", BigInteger, nullable=False),
)


class Remark(Base):
    """What somebody wrote about a person (`text`); the logs that are only added to have its `seal` alone."""

    __tablename__ = "remark"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    seal: Mapped[str] = mapped_column(Text, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class AuditLink(Base):
    """One link: hash = SHA-256(hash before it ‖ text of the row). `source`: event, ledger."""

    __tablename__ = "audit_link"
    __table_args__ = (UniqueConstraint("source", "row_id"),)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
