"""The database's clock, which all processes share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def database_time(db: AsyncSession) -> datetime:
    """Now, not the transaction's start."""
    now: datetime = (await db.execute(select(func.clock_timestamp()))).scalar_one()
    return now
