"""Rows of accounts and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Identity, LargeBinary, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth.role import Role
from backend.db import Base

_REMARK_KEY = text("uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())")


class Pseudonym(Base):
    """An account's id as what outlives the account knows it: wallets, intents, ledger, payments, contests.

    A trigger makes it with the account, and sets `erased_at` when the account is deleted: no account has it again.
    """

    __tablename__ = "pseudonym"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class User(Base):
    """An account. `email` is stored in one form: trimmed, domain normalised, lower case.

    `seq` orders accounts by their registration. `avatar_key` names the picture's file, None for no picture.
    `remark_key` keys the seals of `backend.audit.remarks` and of links that end notices; `muted_notices` are those that
    were ended. What is a person's own refers to this row and is deleted
    with it.
    """

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    role: Mapped[Role] = mapped_column(Text, server_default="user")
    display_name: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text, server_default="en")
    muted_notices: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    time_zone: Mapped[str] = mapped_column(Text, server_default="UTC")
    avatar_key: Mapped[str | None] = mapped_column(Text)
    email_verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_reason: Mapped[str | None] = mapped_column(Text)
    remark_key: Mapped[bytes] = mapped_column(LargeBinary, server_default=_REMARK_KEY, deferred=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Session(Base):
    """One sign-in; its refresh tokens are one family. Revoking it ends access tokens too.

    `device` is the browser's own description, `network` where it last refreshed from. `stepped_up_at` and
    `step_up_method` say when and how the session last proved itself again.
    """

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    device: Mapped[str] = mapped_column(Text, server_default="")
    network: Mapped[str] = mapped_column(Text, server_default="")
    last_used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    stepped_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    step_up_method: Mapped[str | None] = mapped_column(Text)


class RefreshToken(Base):
    """One refresh token, stored as SHA-256; usable once."""

    __tablename__ = "refresh_token"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
