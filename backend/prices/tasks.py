"""Settling what a commit held, once the opening has ended."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.outbox.service import publish
from backend.prices.charging import settle
from backend.users.account import is_there

log = structlog.get_logger(__name__)


# Enqueued by the trigger `intent_ended` of migration 0018, in the transaction in which the intent ends.
@task("settle_charge", limit=60, attempts=15)
async def settle_charge(run: Run, intent_id: str) -> None:
    """Post or void the held credits."""
    async with AsyncSession(run.services.engine) as db, db.begin():
        charge = await settle(db, UUID(intent_id))
        if charge is None:
            return
        log.info(
            "contest_" + charge.state,
            contest=str(charge.contest_id),
            intent=intent_id,
            credits=charge.credits,
        )
        if charge.state == "charged" and charge.credits and await is_there(db, charge.user_id):
            said = {"contest_id": str(charge.contest_id), "credits": str(charge.credits)}
            await publish(db, charge.user_id, "contest.charged", f"contest:{charge.contest_id}", said)
