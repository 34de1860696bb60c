"""Are the figures what the facts say? Everything is folded again into tables of this session, and compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.analytics.folding import NothingMirroredError, Tables, known_facts, snapshot, step

AGAIN = Tables("pg_temp.again", "pg_temp.again_player", "pg_temp.again_balance", "pg_temp.again_state")
SHOWN = 100
_COMPARE = text("""
    SELECT scope, metric, span, at, dimension, s.value AS stored, f.value AS found
    FROM (SELECT * FROM app.analytics WHERE at < :until AND (span = 'hour' OR at < date_trunc('day', :until, 'UTC'))) s
    FULL JOIN (SELECT * FROM pg_temp.again WHERE at < :until AND (span = 'hour' OR at < date_trunc('day', :until, 'UTC'))) f
        USING (scope, metric, span, at, dimension)
    WHERE s.value IS DISTINCT FROM f.value ORDER BY at, scope, metric, dimension LIMIT :most
""")


@dataclass(frozen=True)
class Difference:
    """A figure that the facts contradict; None: there is none."""

    scope: str
    metric: str
    span: str
    at: datetime
    dimension: str
    stored: int | None
    found: int | None


@dataclass(frozen=True)
class Checked:
    """What was compared: hours before `until`, so many figures; and the first that differ."""

    until: datetime
    figures: int
    differences: list[Difference]


async def check(engine: AsyncEngine) -> Checked:
    """Compare the final hours, or raise NothingMirroredError. It blocks nobody: it sees one snapshot."""
    async with snapshot(engine) as db:
        for made, of in zip(_names(AGAIN), _names(Tables()), strict=True):
            await db.execute(
                text(f"CREATE TEMP TABLE {made.removeprefix('pg_temp.')} (LIKE {of} INCLUDING ALL)")
            )
        known = await known_facts(db)
        while (left := await step(db, AGAIN, known)) == "hours":
            pass
        if left == "blocks":
            raise NothingMirroredError
        until = await db.scalar(text("SELECT coalesce(max(through), 'epoch') FROM app.analytics_state"))
        rows = (await db.execute(_COMPARE, {"until": until, "most": SHOWN})).mappings()
        differences = [
            Difference(**{**row, **{side: _whole(row[side]) for side in ("stored", "found")}}) for row in rows
        ]
        count = "SELECT count(*) FROM app.analytics WHERE at < :until"
        found = Checked(until, int(await db.scalar(text(count), {"until": until}) or 0), differences)
        for made in _names(AGAIN):
            await db.execute(text(f"DROP TABLE {made}"))
        return found


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))


def _names(tables: Tables) -> tuple[str, ...]:
    return tables.rows, tables.player, tables.balance, tables.state
