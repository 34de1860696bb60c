"""Telling winners of raffles who have a custodial wallet: once no reorganisation can undo the draw.

Winners of contests are accounts of social platforms, whom we cannot reach: their organiser tells them, with the text
of `announcement`.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.hexes import address_bytes
from backend.mirror import open_snapshot
from backend.notices.service import NEWS, first_time, notify
from backend.outbox.service import publish
from backend.services import Services
from listener.mirror.reads import raffles
from listener.mirror.reads.raffles import Raffle
from listener.mirror.reads.sql import fetch

AT_ONCE = 20
PAGE = 500

_UNTOLD = """
SELECT f.draw_id AS id FROM mirror.raffle_draw_finalised f
WHERE f.block_number <= :finalized AND f.block_time > :since
    AND NOT EXISTS (SELECT FROM app.told t WHERE t.fact = 'raffle:' || f.draw_id)
ORDER BY f.block_number LIMIT :most
"""
_OWNERS = text("""
    SELECT w.address, u.id FROM app.wallet w JOIN app."user" u ON u.id = w.user_id
    WHERE w.address = ANY(CAST(:addresses AS bytea[])) FOR KEY SHARE OF u
""")


async def tell_raffle_winners(services: Services) -> int:
    """Tell the winners of each raffle that was drawn for good; how many raffles. Raises MirrorNotReady."""
    drawn = await _drawn(services)
    for raffle, prizes in drawn:
        async with AsyncSession(services.engine) as db, db.begin():
            if await first_time(db, f"raffle:{raffle.id}"):
                await _tell(db, services.settings.site, raffle, prizes)
    return len(drawn)


async def _drawn(services: Services) -> list[tuple[Raffle, Counter[str]]]:
    """Raffles nobody told of yet, with how many prizes each address won."""
    async with open_snapshot(services.engine) as mirror:
        if mirror.as_of.finalized is None:
            return []
        values = {"finalized": mirror.as_of.finalized, "since": mirror.as_of.time - NEWS}
        rows = await fetch(mirror.db, _UNTOLD, **values, most=AT_ONCE)
        found = await raffles.by_id(mirror.db, mirror.as_of, [row["id"] for row in rows])
        return [(raffle, await _prizes(mirror.db, raffle)) for raffle in found]


async def _prizes(db: AsyncConnection, raffle: Raffle) -> Counter[str]:
    won: Counter[str] = Counter()
    after: int | None = None
    while page := await raffles.winners(db, raffle, limit=PAGE, after=after):
        won.update(winner.buyer for winner in page)
        after = page[-1].rank
    return won


async def _tell(db: AsyncSession, site: str, raffle: Raffle, prizes: Counter[str]) -> None:
    addresses = {address_bytes(address): count for address, count in prizes.items()}
    owners = (await db.execute(_OWNERS, {"addresses": list(addresses)})).all()
    for address, user_id in owners:
        won = addresses[address]
        said = {"title": raffle.title, "prizes": str(won), "link": f"{site}/raffles/{raffle.id}"}
        await notify(db, user_id, "raffle_won", said)
        payload = {"raffle_id": str(raffle.id), "prizes": won}
        await publish(db, user_id, "raffle.won", f"raffle:{raffle.id}", payload)
