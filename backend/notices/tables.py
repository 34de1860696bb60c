"""Rows of what was told already."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Told(Base):
    """A fact that was told, in the transaction that told it: nobody tells it again. Kept longer than facts are news."""

    __tablename__ = "told"

    fact: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CreditWatch(Base):
    """An account that has had at least the threshold; `is_low` while it has less, of which its owner was told."""

    __tablename__ = "credit_watch"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    is_low: Mapped[bool]
