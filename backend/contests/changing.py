"""What an organiser may change of a contest, and when.

A draft is its owner's alone and changes freely. Announced, everybody sees its terms, which stay; participants still
come. Committed, nothing changes. A contest whose opening failed is what it was before it was committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.contests.errors import ContestAnnounced, ContestCancelled, ContestCommitted, ContestNotFound
from backend.contests.tables import Contest
from backend.editions import edition
from backend.intents.tables import Intent

FAILED = ("reverted", "rejected", "cancelled")
"""States of an intent that opened nothing."""

FILL_ERRORS = (ContestNotFound, ContestCommitted, ContestCancelled)
"""What `to_fill` raises."""
CHANGE_ERRORS = (*FILL_ERRORS, ContestAnnounced)
"""What `to_change` raises."""
_EDITED = (
    *("title", "rules", "post_reference", "winners", "alternates", "language", "prizes", "filters"),
    *("announced_at", "cancelled_at"),
)


def edition_of(contest: Contest | Mapping[str, Any]) -> str:
    """The tag of what its organiser says of it; participants who come in do not change it."""
    told = contest if isinstance(contest, Mapping) else {name: getattr(contest, name) for name in _EDITED}
    return edition(**{name: told[name] for name in _EDITED})


async def own(db: AsyncSession, owner_id: UUID, contest_id: UUID, *, locked: bool = False) -> Contest:
    """The owner's contest. Raises ContestNotFound."""
    query = select(Contest).where(Contest.id == contest_id, Contest.owner_id == owner_id)
    contest = await db.scalar(query.with_for_update() if locked else query)
    if contest is None:
        raise ContestNotFound(f"You have no contest {contest_id}.")
    return contest


async def is_committed(db: AsyncSession, contest: Contest) -> bool:
    """Whether its list is fixed: it is opened on chain, or about to be."""
    if contest.intent_id is None:
        return False
    return await db.scalar(select(Intent.state).where(Intent.id == contest.intent_id)) not in FAILED


async def to_fill(db: AsyncSession, user: SignedIn, contest_id: UUID) -> Contest:
    """The user's contest, locked, if it is neither committed nor cancelled. Raises FILL_ERRORS."""
    contest = await own(db, user.id, contest_id, locked=True)
    if contest.cancelled_at is not None:
        raise ContestCancelled("This contest is cancelled. Make another one.")
    if await is_committed(db, contest):
        raise ContestCommitted("This contest is committed already. Make another one for another draw.")
    return contest


async def to_change(db: AsyncSession, user: SignedIn, contest_id: UUID) -> Contest:
    """As `to_fill`, if nobody has been told its terms yet. Raises CHANGE_ERRORS."""
    contest = await to_fill(db, user, contest_id)
    if contest.announced_at is not None:
        raise ContestAnnounced("This contest is announced: its terms stay. Cancel it, and make another one.")
    return contest
