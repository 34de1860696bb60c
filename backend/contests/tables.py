"""Rows of contests and their lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Contest(Base):
    """A list, its rules and, once committed, what was committed. Its state is derived, see `store`.

    `weight_column` and `total_weight` are those of a weighted list.

    `sealed_secret` makes the entries' salts; `key_salt` makes the contest key; both are new with each commit.
    `seq` orders contests by creation.
    """

    __tablename__ = "contest"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("pseudonym.id"))
    title: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text)
    post_reference: Mapped[str] = mapped_column(Text)
    winners: Mapped[int]
    alternates: Mapped[int]
    file_name: Mapped[str] = mapped_column(Text)
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    account_column: Mapped[str] = mapped_column(Text)
    weight_column: Mapped[str | None] = mapped_column(Text)
    total_weight: Mapped[int | None] = mapped_column(BigInteger)
    list_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    row_count: Mapped[int]
    duplicate_count: Mapped[int]
    entry_count: Mapped[int]
    rejected_for: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    committed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    intent_id: Mapped[UUID | None] = mapped_column(ForeignKey("intent.id"))
    chain_id: Mapped[int | None] = mapped_column(BigInteger)
    contract: Mapped[bytes | None] = mapped_column(LargeBinary)
    contest_key: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    key_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    commitment: Mapped[bytes | None] = mapped_column(LargeBinary)


class ContestEntry(Base):
    """One participant. `index` is the entry's number in the draw, `account` the first spelling.

    In a weighted list it owns `weight` units from `first_unit` on.
    """

    __tablename__ = "contest_entry"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    row_number: Mapped[int]
    weight: Mapped[int] = mapped_column(BigInteger, server_default="1")
    first_unit: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "contest_entry_contest_id_first_unit_idx",
            "contest_id",
            "first_unit",
            postgresql_where="first_unit IS NOT NULL",
        ),
    )


class ContestRejection(Base):
    """A row of the file that is no entry, why, and the beginning of its text."""

    __tablename__ = "contest_rejection"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)


class ContestLeaves(Base):
    """All leaves of a committed list in order, 32 bytes each."""

    __tablename__ = "contest_leaves"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)


class ContestProof(Base):
    """The Merkle proof of an entry that was drawn, siblings joined; computed once, true for ever.

    `sums` are the siblings' sums in a weighted list, 8 bytes each.
    """

    __tablename__ = "contest_proof"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    proof: Mapped[bytes] = mapped_column(LargeBinary)
    sums: Mapped[bytes | None] = mapped_column(LargeBinary)
