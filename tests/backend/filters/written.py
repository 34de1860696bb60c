"""A contest with participants, written straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import Contest
from backend.filters.base import Filter
from backend.filters.kinds import stored
from backend.participants.tables import ContestImport, Participant
from backend.users.tables import User
from listener.chain.draw.entries import account_key


@dataclass(frozen=True)
class Comment:
    """What a platform told of one comment."""

    account: str
    comment: str | None = None
    posted_at: datetime | None = None
    likes: int | None = None
    followers: int | None = None
    account_created_at: datetime | None = None
    follows: bool | None = None
    liked: bool | None = None
    weight: int | None = None

    @property
    def key(self) -> str:
        """Who wrote it."""
        return account_key(self.account)


async def write_owner(db: AsyncSession) -> UUID:
    """An organiser without a wallet."""
    user = User(id=uuid4(), email=f"{uuid4().hex}@example.org", password_hash="-")
    db.add(user)
    await db.flush()
    return user.id


async def write_contest(
    db: AsyncSession,
    owner_id: UUID,
    comments: Sequence[Comment],
    filters: Sequence[Filter],
    *,
    winners: int = 1,
    alternates: int = 0,
) -> Contest:
    """A draft with one import; its participants are numbered from 1."""
    contest = Contest(
        owner_id=owner_id,
        title="A bicycle",
        rules="Comment and win.",
        post_reference=f"https://example.org/{uuid4()}",
        winners=winners,
        alternates=alternates,
        filters=stored(filters),
        participant_count=len(comments),
        prizes=[],
        rejected_for={},
    )
    db.add(contest)
    await db.flush()
    brought = ContestImport(
        contest_id=contest.id, source="paste", state="done", finished_at=datetime.now(UTC)
    )
    db.add(brought)
    await db.flush()
    rows = [
        {
            **asdict(comment),
            "account_key": comment.key,
            "contest_id": contest.id,
            "import_id": brought.id,
            "number": number,
            "row_number": number,
        }
        for number, comment in enumerate(comments, start=1)
    ]
    if rows:
        await db.execute(insert(Participant), rows)
    return contest
