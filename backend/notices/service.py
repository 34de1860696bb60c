"""Telling people of facts, each once, in the transaction that knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notices.tables import Told
from backend.outbox.service import mail, publish
from backend.settings import Settings
from backend.users.tables import User

NEWS = timedelta(days=7)
"""What is older when it becomes known is no news: nobody is told."""


async def first_time(db: AsyncSession, fact: str) -> bool:
    """Whether nobody told this fact yet; from now on, if this transaction commits, somebody has."""
    added = insert(Told).values(fact=fact).on_conflict_do_nothing().returning(Told.fact)
    return await db.scalar(added) is not None


async def notify(db: AsyncSession, user_id: UUID, template: str, data: Mapping[str, str]) -> None:
    """Mail somebody a notice, unless they ended such notices or their address is not confirmed.

    An address that nobody confirmed may be a stranger's.
    """
    user = await db.scalar(select(User).where(User.id == user_id, User.email_verified_at.is_not(None)))
    if user is not None and template not in user.muted_notices:
        await mail(db, user.id, user.email, template, data)


async def tell_welcome(db: AsyncSession, settings: Settings, user_id: UUID) -> None:
    """Welcome somebody who confirmed an address of this account for the first time."""
    await notify(db, user_id, "welcome", {"link": f"{settings.site}/contests/new"})


async def tell_renewal(
    db: AsyncSession,
    settings: Settings,
    user_id: UUID,
    *,
    subscription_id: str,
    plan: str,
    renews_at: datetime,
    amount: str,
) -> bool:
    """Tell somebody that their subscription renews; once for each renewal, however often it is called.

    `amount` is what will be charged, `19.00 EUR`. Returns whether it was told now.
    """
    if not await first_time(db, f"renewal:{subscription_id}:{renews_at.isoformat()}"):
        return False
    said = {"plan": plan, "renews_at": renews_at.isoformat(), "amount": amount}
    await notify(db, user_id, "renewal", {**said, "link": f"{settings.site}/account/credits"})
    await publish(db, user_id, "subscription.renews", f"subscription:{subscription_id}", said)
    return True
