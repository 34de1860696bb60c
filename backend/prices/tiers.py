"""Which tier an account has, by its subscription."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.payments.tables import ENTITLED, Subscription
from backend.prices.price_list import FREE, PRO, TIERS, Tier
from backend.settings import Settings

UNPRICED = replace(
    PRO, participants=2**31 - 1, contests_per_month=2**31 - 1, included_participants=2**31 - 1, plans=()
)
"""Where nothing is charged (`PRICES=off`), everybody may everything."""


async def tier_of(db: AsyncSession, settings: Settings, user_id: UUID) -> Tier:
    """The tier that a user's subscription pays for; `free` without one."""
    if not settings.prices_are_on:
        return UNPRICED
    paid = (
        await db.execute(
            select(Subscription.tier)
            .where(Subscription.user_id == user_id, Subscription.status.in_(ENTITLED))
            .limit(1)
        )
    ).scalar_one_or_none()
    return FREE if paid is None else next((tier for code, tier in TIERS.items() if code == paid), FREE)
