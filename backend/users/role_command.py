"""`python -m backend role EMAIL ROLE`: how the first administrator becomes one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import changed, record
from backend.auth.role import Role
from backend.db import make_engine
from backend.settings import Settings
from backend.users.tables import User

ACTOR = "operator"
"""Whoever has a shell here; the audit cannot know who that is."""


async def give_role(settings: Settings, email: str, role: Role) -> bool:
    """Give the account this role; False when there is no such account."""
    engine = make_engine(settings.database_url, 1, "tombola role")
    try:
        async with AsyncSession(engine) as db, db.begin():
            wanted = select(User).where(User.email == email.strip().lower()).with_for_update(key_share=True)
            user = await db.scalar(wanted)
            if user is None:
                return False
            detail = changed({"role": user.role}, {"role": role})
            await record(db, ACTOR, "user.give_role", f"user:{user.id}", detail)
            user.role = role
            return True
    finally:
        await engine.dispose()
