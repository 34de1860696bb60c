"""Erasing accounts when it is time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.enqueue import enqueue
from backend.jobs.errors import LaterError
from backend.privacy.erase import AccountBusyError, carry_out
from backend.privacy.tables import OPEN, Erasure

ERASE_ACCOUNT = "erase_account"
BUSY_SECONDS = 30.0


@task("erase_due_accounts", limit=60, attempts=3)
async def erase_due_accounts(run: Run) -> None:
    """A job for each erasure whose time has come; one that is blocked is looked at again at each tick."""
    async with AsyncSession(run.services.engine) as db, db.begin():
        due = select(Erasure.id).where(OPEN, Erasure.due_at <= func.clock_timestamp())
        for erasure_id in await db.scalars(due.order_by(Erasure.due_at)):
            await enqueue(
                db, ERASE_ACCOUNT, {"erasure_id": str(erasure_id)}, key=f"{ERASE_ACCOUNT}:{erasure_id}"
            )


@task(ERASE_ACCOUNT, limit=300, attempts=5)
async def erase_account(run: Run, erasure_id: str) -> None:
    """Whole or not at all, however often it is killed or run."""
    try:
        await carry_out(run.services, UUID(erasure_id))
    except AccountBusyError as error:
        raise LaterError(str(error), BUSY_SECONDS) from None
