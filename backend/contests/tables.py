"""Rows of contests and their lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Identity, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Contest(Base):
    """A list, its rules and, once committed, what was committed. Its state is derived, see `store`.

    `account_column`, `weight_column`, `total_weight` and `list_sha256` are those of the list that is committed;
    `prizes` are names by place, `filters` who counts. `participant_count` counts what its imports brought,
    `entry_count` the persons among it until the commit, which counts the entries.

    `sources` are where the participants of the committed list came from.

    `exclusion_root` is null in what was committed before there were exclusions: their root was zero.

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
    language: Mapped[str] = mapped_column(Text, default="en", server_default="en")
    prizes: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    filters: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    file_name: Mapped[str | None] = mapped_column(Text)
    file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    account_column: Mapped[str | None] = mapped_column(Text)
    weight_column: Mapped[str | None] = mapped_column(Text)
    total_weight: Mapped[int | None] = mapped_column(BigInteger)
    list_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    row_count: Mapped[int] = mapped_column(default=0, server_default="0")
    duplicate_count: Mapped[int] = mapped_column(default=0, server_default="0")
    entry_count: Mapped[int] = mapped_column(default=0, server_default="0")
    participant_count: Mapped[int] = mapped_column(default=0, server_default="0")
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    rejected_for: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    committed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    intent_id: Mapped[UUID | None] = mapped_column(ForeignKey("intent.id"))
    chain_id: Mapped[int | None] = mapped_column(BigInteger)
    contract: Mapped[bytes | None] = mapped_column(LargeBinary)
    contest_key: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    key_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    exclusion_count: Mapped[int] = mapped_column(default=0, server_default="0")
    exclusion_root: Mapped[bytes | None] = mapped_column(LargeBinary)
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


class ContestExclusion(Base):
    """Somebody who took part and does not count. `index` is the number of the leaf, `reason` a filter's code."""

    __tablename__ = "contest_exclusion"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(Text(collation="C"))
    account: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")


class ContestLeaves(Base):
    """All leaves of a committed list in order, 32 bytes each, and those of its exclusions."""

    __tablename__ = "contest_leaves"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    exclusions: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")


class ContestProof(Base):
    """The Merkle proof of an entry that was drawn, siblings joined; computed once, true for ever.

    `sums` are the siblings' sums in a weighted list, 8 bytes each.
    """

    __tablename__ = "contest_proof"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    proof: Mapped[bytes] = mapped_column(LargeBinary)
    sums: Mapped[bytes | None] = mapped_column(LargeBinary)
