"""With what somebody can prove themselves beyond the password."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.factors.tables import Passkey, RecoveryCode, Totp

Way = Literal["passkey", "totp", "recovery_code"]


async def second_factors(db: AsyncSession, user_id: UUID) -> tuple[Way, ...]:
    """The ways the user has, strongest first; empty when no second factor is on.

    Recovery codes are a way only beside a factor: alone they protect nothing.
    """
    row = (
        await db.execute(
            select(
                exists().where(Passkey.user_id == user_id),
                exists().where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None)),
                exists().where(RecoveryCode.user_id == user_id),
            )
        )
    ).one()
    has_passkey, has_totp, has_codes = row
    if not (has_passkey or has_totp):
        return ()
    had: tuple[tuple[bool, Way], ...] = (
        (has_passkey, "passkey"),
        (has_totp, "totp"),
        (has_codes, "recovery_code"),
    )
    return tuple(way for is_there, way in had if is_there)
