"""Rows of erasures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Erasure(Base):
    """A wish to be erased at `due_at`; it can be withdrawn until it is carried out. Nothing in it is personal.

    `obstacles`: what was in the way at the last attempt, as [{code, detail}].
    """

    __tablename__ = "erasure"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("pseudonym.id"))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    carried_out_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    obstacles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)


OPEN = Erasure.withdrawn_at.is_(None) & Erasure.carried_out_at.is_(None)
