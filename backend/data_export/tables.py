"""Rows of copies that people asked for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class DataExport(Base):
    """A copy of somebody's data. It is made while `finished_at` is null, there while `file_key` is not.

    Finished without `bytes`: it could not be made.
    """

    __tablename__ = "data_export"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    requested_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    file_key: Mapped[str | None] = mapped_column(Text, unique=True)
    bytes: Mapped[int | None] = mapped_column(BigInteger)


def file_of(export_id: UUID) -> str:
    """Where the copy is kept: made again after a crash, it takes the place of what was there."""
    return f"exports/{export_id}.zip"
