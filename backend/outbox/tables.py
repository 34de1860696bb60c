"""Rows of what leaves the system."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from backend.db import Base


class Xid8(UserDefinedType[str]):
    """A transaction's number that never comes round again. SQLAlchemy has no type of it."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Its name."""
        return "xid8"


class Mail(Base):
    """One mail about an account, whose row goes with it. `data` fills its template and is emptied once it is sent:
    it may hold a secret link. `language` is the account's locale when it was written.

    `state`: waiting, sent, failed. The id is in the Message-ID of every attempt.
    """

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, default="en")
    data: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Event(Base):
    """Something that happened to a person's things (`user_id` null: to the platform's).

    `xid`, the transaction that wrote it, is read by `backend.stream` alone. Inserting makes the
    deliveries of webhooks and wakes the streams: a trigger does it.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[str] = mapped_column(Xid8, server_default=func.pg_current_xact_id(), deferred=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class EventFloor(Base):
    """One row: whoever resumes at or below `xid` may have missed events that were cleaned away."""

    __tablename__ = "event_floor"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    xid: Mapped[str] = mapped_column(Xid8)
