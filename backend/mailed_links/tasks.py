"""Sending the link for a new password, as a job: whether there is an account takes the request no time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.throttle import TooManyAttempts
from backend.jobs.app import Run, task
from backend.mailed_links.router import SEND_RESET
from backend.mailed_links.service import send_link
from backend.users.tables import User


@task(SEND_RESET, limit=30, attempts=5)
async def send_password_reset(run: Run, user_id: str) -> None:
    """Mail the link, where there is such an account and none was sent within a minute."""
    async with AsyncSession(run.services.engine) as db, db.begin():
        user = await db.get(User, UUID(user_id))
        if user is None or user.suspended_at is not None:
            return
        try:
            await send_link(db, run.services.settings, user.id, "reset_password", user.email)
        except TooManyAttempts:
            return
