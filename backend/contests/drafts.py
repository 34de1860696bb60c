"""Making and changing drafts, announcing and cancelling them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.changing import FAILED
from backend.contests.errors import ContestNotAnnounced, TooManyDrafts, TooManyPrizes
from backend.contests.schemas import ContestChange, ContestIn
from backend.contests.tables import Contest
from backend.intents.tables import Intent
from backend.languages import language_of
from backend.users.account import AccountErased
from backend.users.tables import User


async def create(db: AsyncSession, owner_id: UUID, body: ContestIn, most: int) -> Contest:
    """An empty draft, in its owner's language unless the body names one.

    Raises AccountErased, TooManyPrizes, or TooManyDrafts when the owner has `most`.
    """
    locale = await _require_place(db, owner_id, most)
    contest = Contest(owner_id=owner_id, **body.model_dump())
    contest.language = body.language or language_of(locale)
    _check(contest)
    db.add(contest)
    await db.flush()
    return contest


async def change(db: AsyncSession, contest: Contest, body: ContestChange) -> None:
    """Change what the body names. Raises TooManyPrizes."""
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(contest, name, value)
    _check(contest)
    await db.flush()


def announce(contest: Contest) -> None:
    """Show a draft to everybody; what it says stays from here on."""
    contest.announced_at = datetime.now(UTC)


def cancel(contest: Contest, reason: str) -> None:
    """Give up an announced contest, for everybody to read why. Raises ContestNotAnnounced."""
    if contest.announced_at is None:
        raise ContestNotAnnounced("Nobody else has seen this contest: delete it.")
    contest.cancelled_at, contest.cancel_reason = datetime.now(UTC), reason


def _check(contest: Contest) -> None:
    if len(contest.prizes) > contest.winners:
        raise TooManyPrizes(
            f"There are {len(contest.prizes)} prizes and {contest.winners} winners: each winner gets one at most.",
            prizes=len(contest.prizes),
            winners=contest.winners,
        )


async def _require_place(db: AsyncSession, owner_id: UUID, most: int) -> str:
    """The owner's locale, if they may keep another draft. A contest whose opening failed counts as one.

    The owner's row stays locked until the transaction ends: drafts made at the same time are counted one by one.
    """
    query = select(User.locale).where(User.id == owner_id).with_for_update(key_share=True)
    if (locale := await db.scalar(query)) is None:
        raise AccountErased
    drafts = await db.scalar(
        select(func.count())
        .select_from(Contest)
        .outerjoin(Intent, Intent.id == Contest.intent_id)
        .where(
            Contest.owner_id == owner_id,
            Contest.cancelled_at.is_(None),
            or_(Contest.contest_key.is_(None), Intent.state.in_(FAILED)),
        )
    )
    if drafts is not None and drafts >= most:
        raise TooManyDrafts(
            f"You have {drafts} contests that are not committed, and an account keeps at most {most}."
            " Delete or cancel one you no longer need, or commit it; then make another.",
            most=most,
        )
    return locale
