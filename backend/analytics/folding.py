"""Folding facts into figures: hours that are final once and for all, those after them anew each time (decision 26).

A step is one transaction over one snapshot of mirror and tables: it deletes whole hours and inserts them anew, so that
neither a crash nor a fork between two steps changes what they say.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.analytics import facts
from backend.db import WrongStatementError

BATCH = 20_000
"""Facts of one table that one step folds, if they make at least an hour."""
SETTLED = timedelta(minutes=10)
"""After this no transaction of ours that began in an hour is still under way."""
Left = Literal["nothing", "hours", "blocks"]
"""What is left: nothing now, more final hours, or a mirror that is not complete has to come first."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_HIGHEST = 2**62
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 1

_MIRROR = text("""
    SELECT c.block_number AS block, c.block_time AS time, (
        SELECT max(b.time) FROM mirror.block b WHERE b.number <= least(c.block_number, c.finalized_number)
    ) AS final, statement_timestamp() AS now FROM mirror.cursor c
""")
_MIRRORED = text("""
    SELECT md5(coalesce(string_agg(concat_ws(' ', s.table_name, encode(s.address, 'hex'), s.shape, s.first_block,
        s.missing_from IS NULL, s.stopped_at), ',' ORDER BY s.table_name, s.address), '')) AS known,
        coalesce(bool_or(s.missing_from IS NOT NULL AND s.stopped_at IS NULL), false) AS incomplete
    FROM mirror.source s WHERE s.table_name = ANY(CAST(:tables AS text[]))
""")


@dataclass(frozen=True)
class Tables:
    """Where figures go, and what folding keeps beside them."""

    rows: str = "app.analytics"
    player: str = "app.analytics_player"
    balance: str = "app.analytics_balance"
    state: str = "app.analytics_state"

    def named(self, statement: str) -> str:
        """A statement with the tables' names in it."""
        return (
            statement.replace("{rows}", self.rows)
            .replace("{player}", self.player)
            .replace("{balance}", self.balance)
            .replace("{state}", self.state)
        )


@dataclass(frozen=True)
class Window:
    """Hours from `since` to before `until`; facts of the chain in them are in blocks above `low` up to `high`."""

    since: datetime
    until: datetime
    low: int
    high: int = _HIGHEST

    def values(self, **more: Any) -> dict[str, Any]:
        """Parameters of the statements."""
        return {"since": self.since, "until": self.until, "low": self.low, "high": self.high, **more}


@dataclass(frozen=True)
class Known:
    """What this mirror can answer: the selects for hours, and the tables of the chain they read."""

    selects: tuple[str, ...]
    has_purchases: bool
    has_transfers: bool
    tables: tuple[str, ...]

    @property
    def words(self) -> str:
        """Differs when something else would be folded."""
        more = (facts.PLAYERS, facts.HOLDERS, facts.TOP_10, self.has_purchases, self.has_transfers)
        return repr((_VERSION, self.selects, more))


class NothingMirroredError(LookupError):
    """There is no mirror, or no block in it, or a source still misses some."""


async def advance(engine: AsyncEngine, seconds: float = 20.0) -> bool:
    """Fold what is due for about so long; whether all is folded. Raises NothingMirroredError."""
    end, known = time.monotonic() + seconds, None
    while True:
        async with snapshot(engine) as db:
            await db.execute(text("LOCK TABLE app.analytics_state IN SHARE ROW EXCLUSIVE MODE"))
            known = known or await known_facts(db)
            left = await step(db, Tables(), known)
        if left == "blocks":
            raise NothingMirroredError
        if left == "nothing":
            return True
        if time.monotonic() > end:
            return False


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees one state of mirror and tables, and plans for what it is given."""
    async with engine.connect() as connection:
        db = await connection.execution_options(isolation_level="REPEATABLE READ")
        async with db.begin():
            # Not a SELECT: that would choose the snapshot before the lock is had.
            await db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
            yield db


async def step(db: AsyncConnection, tables: Tables, known: Known) -> Left:
    """Fold the next final hours, or else those that are not final; what is left to do."""
    mirror = (await db.execute(_MIRROR)).mappings().one_or_none()
    names = [table.removeprefix("mirror.") for table in known.tables]
    sources = (await db.execute(_MIRRORED, {"tables": names})).mappings().one()
    if mirror is None or mirror["time"] is None:
        return "blocks"
    if sources["incomplete"]:
        # What is being filled in may be in hours that were folded.
        await _save(db, tables, definition="")
        return "blocks"
    definition = hashlib.sha256(f"{known.words} {sources['known']}".encode()).hexdigest()
    state = (await db.execute(text(tables.named("SELECT * FROM {state}")))).mappings().one_or_none()
    if state is None or state["definition"] != definition or mirror["block"] < state["through_block"]:
        await _start_over(db, tables, definition)
        through, block = _BEGINNING, -1
    else:
        through, block = state["through"], state["through_block"]
    final = _hour(min(mirror["final"] or _BEGINNING, mirror["now"] - SETTLED))
    if through < final:
        window = await _next_window(db, known, Window(through, final, block))
        await _fold(db, tables, known, window)
        await _keep(db, tables, known, window)
        block = max([block, *[await _last_block(db, table, window) for table in known.tables]])
        await _save(db, tables, through=window.until, through_block=block)
        return "hours"
    until = _hour(max(mirror["time"], mirror["now"])) + HOUR
    await _fold(db, tables, known, Window(through, until, block))
    await _save(db, tables, through=through, through_block=block, complete_until=until)
    return "nothing"


async def known_facts(db: AsyncConnection) -> Known:
    """Those of the selects that this mirror can answer: a deployment may lack contracts, and an integrator's may bear
    the name of one of ours. Raises NothingMirroredError without a mirror.
    """
    if not await _can_run(db, "SELECT FROM mirror.cursor, mirror.block, mirror.source"):
        raise NothingMirroredError
    candidates = (*(source.select for source in facts.SOURCES), facts.FIRST_PURCHASES, facts.HOLDERS)
    found = [select for select in candidates if await _can_run(db, Tables().named(select))]
    used = set(re.findall(r"mirror\.\w+", " ".join(found)))
    return Known(
        selects=tuple(select for select in found if select != facts.HOLDERS),
        has_purchases=facts.FIRST_PURCHASES in found,
        has_transfers=facts.HOLDERS in found,
        tables=tuple(table for table in facts.CHAIN_TABLES if table in used),
    )


async def _can_run(db: AsyncConnection, select: str) -> bool:
    values = Window(_BEGINNING, _BEGINNING, 0, 0).values()
    try:
        async with db.begin_nested():
            await db.execute(text(f"EXPLAIN {select}"), _used(select, values))
    except (DBAPIError, WrongStatementError):
        return False
    return True


def _used(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


async def _start_over(db: AsyncConnection, tables: Tables, definition: str) -> None:
    for name in (tables.rows, tables.player, tables.balance, tables.state):
        await db.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - ours
    await db.execute(
        text(
            tables.named(
                "INSERT INTO {state} (id, definition, through, through_block) VALUES (1, :definition, :through, -1)"
            )
        ),
        {"definition": definition, "through": _BEGINNING},
    )


async def _next_window(db: AsyncConnection, known: Known, left: Window) -> Window:
    """The next hours worth a step: of one day, and of no more facts than BATCH in a table if that makes an hour."""
    begins = await _first_time(db, known, left)
    if begins is None or begins >= left.until:
        return replace(left, since=left.until, high=left.low)
    since = max(left.since, _hour(begins))
    until = min(left.until, _day(since) + DAY)
    most = BATCH
    while True:
        cut = await _fact_after(db, known, left.low, most)
        if cut is None:
            return Window(since, until, left.low)
        block, at = cut
        if _hour(at) > since:
            return Window(since, min(until, _hour(at)), left.low, block)
        most *= 4


async def _first_time(db: AsyncConnection, known: Known, left: Window) -> datetime | None:
    """When the first of what is left to fold happened."""
    times: list[datetime | None] = [
        await db.scalar(
            text(f"SELECT block_time FROM {table} WHERE block_number > :low ORDER BY block_number LIMIT 1"),  # noqa: S608
            {"low": left.low},
        )
        for table in known.tables
    ]
    first: datetime = min((one for one in times if one is not None), default=left.until)
    if first <= _day(left.since) + DAY:
        return first
    own: list[datetime | None] = [
        await db.scalar(
            text(f"SELECT min({column}) FROM {table} WHERE {column} >= :since AND {column} < :until"),  # noqa: S608
            {"since": left.since, "until": min(first, left.until)},
        )
        for table, column in facts.OWN_TABLES
    ]
    return min([first, *(one for one in own if one is not None)])


async def _fact_after(db: AsyncConnection, known: Known, low: int, count: int) -> tuple[int, datetime] | None:
    """Block and time of the first fact that has `count` others of its table before it."""
    found = []
    for table in known.tables:
        query = (
            f"SELECT block_number, block_time FROM {table} WHERE block_number > :low"  # noqa: S608
            " ORDER BY block_number OFFSET :count LIMIT 1"
        )
        row = (await db.execute(text(query), {"low": low, "count": count})).one_or_none()
        if row is not None:
            found.append((row.block_number, row.block_time))
    return min(found, default=None)


async def _last_block(db: AsyncConnection, table: str, window: Window) -> int:
    query = (
        f"SELECT block_number FROM {table} WHERE block_number > :low AND block_number <= :high"  # noqa: S608
        " AND block_time < :until ORDER BY block_number DESC LIMIT 1"
    )
    values = {"low": window.low, "high": window.high, "until": window.until}
    return int(await db.scalar(text(query), values) or window.low)


async def _fold(db: AsyncConnection, tables: Tables, known: Known, window: Window) -> None:
    """Delete the window's hours, and what was said about days from its first on, and insert them anew."""
    day = _day(window.since)
    await db.execute(
        text(tables.named("DELETE FROM {rows} WHERE at >= :day AND (span = 'day' OR at >= :since)")),
        {"day": day, "since": window.since},
    )
    if window.since >= window.until:
        return
    for select in known.selects:
        await _insert(db, tables, select, window.values())
    if known.has_purchases:
        players = (
            "SELECT scope, 'players' AS metric, '' AS dimension, at, count(*) AS value"
            " FROM ({players}) p GROUP BY scope, at"
        )
        await _insert(db, tables, players.replace("{players}", facts.PLAYERS_OF_HOURS), window.values())
        kept = "SELECT day AS at, scope, player FROM {player} WHERE day >= :day"
        both = f"{kept} UNION {facts.PLAYERS_OF_DAYS}"
        await _insert(db, tables, players.replace("{players}", both), window.values(day=day), "day")
    if known.has_transfers:
        await _insert(db, tables, facts.HOLDERS, window.values())
        moved = await db.scalars(text(facts.DAYS_OF_TRANSFERS), window.values())
        for one in sorted({day, *moved}):
            so_far = replace(window, until=min(window.until, one + DAY))
            await _insert(db, tables, facts.TOP_10, so_far.values(day=one), "day")


async def _insert(
    db: AsyncConnection, tables: Tables, select: str, values: dict[str, Any], span: str = "hour"
) -> None:
    statement = f"""
        INSERT INTO {{rows}} AS r (scope, metric, span, at, dimension, value)
        SELECT scope, metric, '{span}', at, dimension, sum(value) FROM ({select}) AS s
        GROUP BY scope, metric, at, dimension
        ON CONFLICT (scope, metric, span, at, dimension) DO UPDATE SET value = r.value + excluded.value
    """  # noqa: S608 - ours
    await db.execute(text(tables.named(statement)), _used(statement, values))


async def _keep(db: AsyncConnection, tables: Tables, known: Known, window: Window) -> None:
    """What the hours after these need: who bought on the day so far, and balances."""
    if known.has_purchases:
        await db.execute(
            text(
                tables.named(
                    "INSERT INTO {player} (day, scope, player)"  # noqa: S608 - ours
                    f" SELECT at, scope, player FROM ({facts.PLAYERS_OF_DAYS}) p ON CONFLICT DO NOTHING"
                )
            ),
            window.values(),
        )
        await db.execute(
            text(tables.named("DELETE FROM {player} WHERE day < :day")), {"day": _day(window.until)}
        )
    if known.has_transfers:
        await db.execute(
            text(
                tables.named(
                    f"INSERT INTO {{balance}} AS b (token, holder, amount) {facts.CHANGES}"
                    " ON CONFLICT (token, holder) DO UPDATE SET amount = b.amount + excluded.amount"
                )
            ),
            window.values(),
        )


async def _save(db: AsyncConnection, tables: Tables, **values: Any) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    await db.execute(text(tables.named(f"UPDATE {{state}} SET {columns}, updated_at = now()")), values)  # noqa: S608


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _day(at: datetime) -> datetime:
    return _hour(at).replace(hour=0)
