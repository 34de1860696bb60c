"""Rows of imports, of the participants they brought, and of what they could not take."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class ContestImport(Base):
    """One file, paste or fetch. `file_key` is its file in the store while that is kept, `options` how it is read.

    `position` is where reading goes on: it is written in the transaction of the rows before it. `bytes_total` and
    `sha256` are the file's; `reported` is how many comments a platform says there are. `waits_until` and
    `waits_because`: a platform asked for it. `seq` orders imports.
    """

    __tablename__ = "contest_import"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(Text)
    file_key: Mapped[str | None] = mapped_column(Text, unique=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    state: Mapped[str] = mapped_column(Text, default="waiting", server_default="waiting")
    position: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    bytes_total: Mapped[int | None] = mapped_column(BigInteger)
    bytes_read: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    accepted: Mapped[int] = mapped_column(default=0, server_default="0")
    rejected: Mapped[int] = mapped_column(default=0, server_default="0")
    rejected_for: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    reported: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    waits_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    waits_because: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("contest_id", "id", name="contest_import_contest_id_id_key"),)


class Participant(Base):
    """One comment, or line of a file. `number` counts a contest's from 1 in order of arrival, with gaps where an import
    was taken back; `row_number` counts within its import.

    `account_key` is who it is (`listener.chain.draw.entries.account_key`), `account` how it was spelt here. `weight` is
    null where the list has none; everything after it is null where the source does not tell.
    """

    __tablename__ = "participant"

    contest_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[UUID]
    row_number: Mapped[int]
    account_key: Mapped[str] = mapped_column(Text(collation="C"))
    account: Mapped[str] = mapped_column(Text)
    weight: Mapped[int | None] = mapped_column(BigInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    comment_id: Mapped[str | None] = mapped_column(Text)
    posted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    likes: Mapped[int | None]
    followers: Mapped[int | None] = mapped_column(BigInteger)
    account_created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    follows: Mapped[bool | None]
    liked: Mapped[bool | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["contest_id", "import_id"],
            ["contest_import.contest_id", "contest_import.id"],
            name="participant_contest_id_import_id_fkey",
            ondelete="CASCADE",
        ),
    )


class ContestRejection(Base):
    """A row of an import that is no participant, why, and the beginning of its text."""

    __tablename__ = "contest_rejection"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("contest_import.id", ondelete="CASCADE"), primary_key=True
    )
    row_number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
