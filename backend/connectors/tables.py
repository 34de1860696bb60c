"""Rows of connections to platforms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.connectors.platform import Platform
from backend.db import Base


class Connection(Base):
    """Access to one account of a platform. `sealed` holds its tokens, `expires_at` is that of the access token.

    `ended_at`: the platform does not accept it any more; connecting the account again begins it anew.
    """

    __tablename__ = "connection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    platform: Mapped[Platform] = mapped_column(Text)
    account_id: Mapped[str] = mapped_column(Text)
    account_name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    renewed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("user_id", "platform", "account_id"),)


class ConnectionAttempt(Base):
    """Somebody was sent to a platform and has not come back. Both secrets are kept as SHA-256 only.

    The browser that began keeps the other half in a cookie: PKCE's verifier.
    """

    __tablename__ = "connection_attempt"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    platform: Mapped[Platform] = mapped_column(Text)
    verifier_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FetchedComment(Base):
    """A comment that an import has seen, so that it counts once however often the platform shows it.

    Forgotten when the import ends.
    """

    __tablename__ = "fetched_comment"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("contest_import.id", ondelete="CASCADE"), primary_key=True
    )
    comment_id: Mapped[str] = mapped_column(Text, primary_key=True)
