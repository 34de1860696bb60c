"""Telling organisers that their draw is completed: once no reorganisation can undo it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.mirror import open_snapshot
from backend.notices.service import NEWS, first_time, notify
from backend.outbox.service import publish
from backend.services import Services
from backend.users.account import is_there
from listener.mirror.reads.sql import fetch

AT_ONCE = 100

_UNTOLD = """
SELECT c.id, u.id AS user_id, c.title, c.entry_count, c.winners, c.alternates
FROM mirror.contest_draw_finalised f
JOIN mirror.contest_contest_opened o ON o.contest_id = f.draw_id
JOIN app.contest c ON c.contest_key = o.contest_key
JOIN app."user" u ON u.id = c.owner_id
WHERE f.block_number <= :finalized AND f.block_time > :since
    AND NOT EXISTS (SELECT FROM app.told t WHERE t.fact = 'contest:' || c.id)
ORDER BY f.block_number LIMIT :most
"""


async def tell_completed_draws(services: Services) -> int:
    """Tell of each draw that became final; how many. Raises MirrorNotReady."""
    told = 0
    for draw in await _untold(services):
        async with AsyncSession(services.engine) as db, db.begin():
            told += await _tell(db, services.settings.site, draw)
    return told


async def _untold(services: Services) -> list[dict[str, Any]]:
    async with open_snapshot(services.engine) as mirror:
        if mirror.as_of.finalized is None:
            return []
        values = {"finalized": mirror.as_of.finalized, "since": mirror.as_of.time - NEWS}
        return await fetch(mirror.db, _UNTOLD, **values, most=AT_ONCE)


async def _tell(db: AsyncSession, site: str, draw: dict[str, Any]) -> bool:
    contest_id: UUID = draw["id"]
    # Erased meanwhile: there is nobody to tell.
    if not await is_there(db, draw["user_id"]):
        return False
    if not await first_time(db, f"contest:{contest_id}"):
        return False
    numbers = {"entries": draw["entry_count"], "winners": draw["winners"]}
    said = {
        "title": draw["title"],
        **{name: str(number) for name, number in numbers.items()},
        "link": f"{site}/contests/{contest_id}",
        "certificate": f"{site}/api/v1/contests/{contest_id}/certificate.pdf",
    }
    await notify(db, draw["user_id"], "draw_completed", said)
    payload = {"contest_id": str(contest_id), **numbers, "alternates": draw["alternates"]}
    await publish(db, draw["user_id"], "contest.completed", f"contest:{contest_id}", payload)
    return True
