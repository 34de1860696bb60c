"""The stream's reads. A session's state is read here too: a stream ends with its session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.stream.position import Position

PAGE = 1000

# One snapshot for both: every transaction before `xmin` is over, and what it wrote is seen.
_NEW = text("""
    WITH h AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin)
    SELECT CAST(h.xmin AS text) AS xmin,
        EXISTS (SELECT FROM app.event WHERE xid >= h.xmin) AS more_soon,
        CAST(e.xid AS text) AS xid, e.id, e.user_id, e.event, e.subject, e.payload, e.at
    FROM h
    LEFT JOIN LATERAL (
        SELECT * FROM app.event
        WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id) AND xid < h.xmin
        ORDER BY xid, id LIMIT :most
    ) AS e ON true
    ORDER BY e.xid, e.id
""")

_MISSED = text("""
    SELECT CAST(e.xid AS text) AS xid, id, user_id, event, subject, payload, at FROM app.event e
    WHERE user_id = :user AND (xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id)
        AND (xid, id) <= (CAST(CAST(:last_xid AS text) AS xid8), :last_id)
    ORDER BY e.xid, e.id LIMIT :most -- the column: `xid` alone would be the text above, where 1000 < 999
""")

_HORIZON = text("""
    SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS xmin,
        CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS xmax, CAST(xid AS text) AS floor
    FROM app.event_floor
""")

_PERSON = text("""
    SELECT u.id FROM app.session s JOIN app."user" u ON u.id = s.user_id
    WHERE s.id = :session AND u.id = :user AND s.revoked_at IS NULL AND u.suspended_at IS NULL
""")

_ENDED = text("""
    SELECT a.id FROM unnest(CAST(:sessions AS uuid[])) AS a (id)
    WHERE NOT EXISTS (
        SELECT FROM app.session s JOIN app."user" u ON u.id = s.user_id
        WHERE s.id = a.id AND s.revoked_at IS NULL AND u.suspended_at IS NULL)
""")


@dataclass(frozen=True)
class StoredEvent:
    """One event at its place."""

    position: Position
    user_id: UUID | None
    event: str
    subject: str
    payload: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class News:
    """Events in order; `position` follows them. `more_soon`: others wait for a transaction to end."""

    events: list[StoredEvent]
    position: Position
    more_soon: bool


async def news(engine: AsyncEngine, after: Position) -> News:
    """Everybody's settled events after a position, at most a page."""
    async with engine.connect() as db:
        rows = (await db.execute(_NEW, {"xid": str(after.xid), "id": after.id, "most": PAGE})).all()
    events = [_event(row) for row in rows if row.id is not None]
    if len(events) == PAGE:
        return News(events, events[-1].position, True)
    # A connection that sees less than we saw before (none does, on one server) must not move us back.
    return News(events, max(after, Position(int(rows[0].xmin), 0)), rows[0].more_soon)


async def missed(engine: AsyncEngine, user_id: UUID, after: Position, last: Position) -> list[StoredEvent]:
    """A person's events after one position up to and with another, both settled; at most a page."""
    values = {
        "user": user_id,
        "xid": str(after.xid),
        "id": after.id,
        "last_xid": str(last.xid),
        "last_id": last.id,
        "most": PAGE,
    }
    async with engine.connect() as db:
        return [_event(row) for row in await db.execute(_MISSED, values)]


async def horizon(engine: AsyncEngine) -> Position:
    """Where settled events end now."""
    async with engine.connect() as db:
        return Position(int((await db.execute(_HORIZON)).one().xmin), 0)


async def is_known(engine: AsyncEngine, position: Position) -> bool:
    """Whether all that follows the position is still stored, and the position is one of this database."""
    async with engine.connect() as db:
        row = (await db.execute(_HORIZON)).one()
    return int(row.floor) < position.xid <= int(row.xmax)


async def is_signed_in(engine: AsyncEngine, user_id: UUID, session_id: UUID) -> bool:
    """Whether the session is alive and its user not suspended."""
    async with engine.connect() as db:
        return await db.scalar(_PERSON, {"session": session_id, "user": user_id}) is not None


async def ended(engine: AsyncEngine, session_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the sessions that are over."""
    async with engine.connect() as db:
        return set(await db.scalars(_ENDED, {"sessions": list(set(session_ids))}))


def _event(row: Any) -> StoredEvent:
    position = Position(int(row.xid), row.id)
    return StoredEvent(position, row.user_id, row.event, row.subject, row.payload, row.at)
