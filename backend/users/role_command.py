"""`python -m backend role EMAIL ROLE`: how the first administrator becomes one."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.role import Role
from backend.db import make_engine
from backend.settings import Settings
from backend.users.tables import User


async def give_role(settings: Settings, email: str, role: Role) -> bool:
    """Give the account this role; False when there is no such account."""
    engine = make_engine(settings.database_url, 1, "tombola role")
    try:
        async with AsyncSession(engine) as db, db.begin():
            found = await db.scalar(
                update(User).where(User.email == email.strip().lower()).values(role=role).returning(User.id)
            )
            return found is not None
    finally:
        await engine.dispose()
