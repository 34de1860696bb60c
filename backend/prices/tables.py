"""What contests were charged."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class ContestCharge(Base):
    """The price of one opening of a contest, fixed when it was committed.

    `state`: held while the intent that opens the contest is under way, then charged or released. `items` are the
    lines of the quote, `credits` their sum; where that is nothing, there is no hold. No reference to the contest: one
    whose opening failed may be deleted before this is settled.
    """

    __tablename__ = "contest_charge"

    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), primary_key=True)
    contest_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("pseudonym.id"))
    tier: Mapped[str] = mapped_column(Text)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    credits: Mapped[int] = mapped_column(BigInteger)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    state: Mapped[str] = mapped_column(Text, default="held", server_default="held")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
