"""Reading figures: series with totals, the largest, and lines for files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.analytics.metrics import METRICS, Metric
from backend.analytics.ranges import Range
from backend.analytics.schemas import FigureLineOut, MetricOut, PointOut, ReportOut, Top, TopList, TopOut
from backend.analytics.tables import State
from backend.hexes import checksum
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.tokens import Currency, currencies

MOST_LINES = 10
_PIECE = 60
"""Hours or days that a file reads at a time: a connection for each, since a slow reader must not keep it."""
_NATIVE = bytes(20)

_POINTS = text("""
    SELECT metric, dimension, date_trunc(:span, at, 'UTC') AS at, sum(value) AS value FROM app.analytics
    WHERE scope = ANY(CAST(:scopes AS text[])) AND metric = ANY(CAST(:metrics AS text[])) AND span = :stored
        AND at >= :since AND at < :until
    GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
""")
_TOTALS = text("""
    SELECT metric, dimension, sum(value) AS value FROM app.analytics
    WHERE scope = ANY(CAST(:scopes AS text[])) AND metric = ANY(CAST(:metrics AS text[])) AND span = 'hour'
        AND at >= :since AND at < :until
    GROUP BY 1, 2
""")
# The newest row of each dimension: a level stands until the next one.
_LEVELS = text("""
    SELECT DISTINCT ON (metric, dimension) metric, dimension, sum(value) AS value FROM app.analytics
    WHERE scope = ANY(CAST(:scopes AS text[])) AND metric = ANY(CAST(:metrics AS text[])) AND span = 'day'
        AND at < :until
    GROUP BY metric, dimension, at ORDER BY metric, dimension, at DESC
""")
_STATE = select(State.through, State.complete_until)
_TOP = text("""
    SELECT substr(scope, 2) AS name, sum(value) AS value FROM app.analytics
    WHERE scope >= :kind AND scope < chr(ascii(:kind) + 1) AND metric = :metric AND span = 'hour'
        AND (dimension = :dimension OR :dimension = '') AND at >= :since AND at < :until
    GROUP BY scope HAVING sum(value) > 0 ORDER BY sum(value) DESC, scope LIMIT :limit
""")
_TITLES = text("""
    SELECT CAST(raffle_id AS text) AS number, title FROM mirror.raffle_raffle_created
    WHERE raffle_id = ANY(CAST(CAST(:numbers AS text[]) AS numeric[]))
""")
_NAMES = text("""
    SELECT encode(token, 'hex') AS token, name FROM mirror.token_factory_token_created
    WHERE token = ANY(CAST(:tokens AS bytea[]))
""")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
Values = dict[tuple[str, str], int]
"""By metric and dimension."""


@dataclass(frozen=True)
class Row:
    """A line of a file."""

    metric: Metric
    dimension: str
    at: datetime
    value: int


async def report(
    db: AsyncConnection, as_of: AsOf, scopes: Sequence[str], names: Sequence[str], over: Range
) -> ReportOut:
    """Figures of these scopes together."""
    metrics = [METRICS[name] for name in names]
    points: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    started = await _standing(db, scopes, metrics, over.since)
    async for row in _rows(db, scopes, metrics, over, dict(started)):
        points[row.metric.name, row.dimension].append((row.at, row.value))
    totals = await _sums(db, scopes, metrics, over)
    before = await _sums(db, scopes, metrics, over.before)
    state = (await db.execute(_STATE)).one_or_none()
    shown = []
    for metric in metrics:
        is_level = metric.kind in ("running", "level")
        ends = dict(started) | {key: line[-1][1] for key, line in points.items()} if is_level else totals
        starts = started if is_level else before
        keys = {key for key in {*points, *ends, *starts} if key[0] == metric.name}
        if metric.kind != "distinct":
            largest = sorted(keys, key=lambda key: (-ends.get(key, 0), -starts.get(key, 0), key))
        else:
            largest = sorted(keys)
        lines = [
            FigureLineOut(
                dimension=key[1],
                token=None,
                symbol=None,
                decimals=None,
                total=None if metric.kind == "distinct" else str(ends.get(key, 0)),
                before=None if metric.kind == "distinct" else str(starts.get(key, 0)),
                points=[PointOut(at=at, value=str(value)) for at, value in points.get(key, ())],
            )
            for key in largest[:MOST_LINES]
        ]
        shown.append(
            MetricOut(
                metric=metric.name,
                unit=metric.unit,
                kind=metric.kind,
                split=metric.split,
                lines=lines,
                left_out=len(largest) - len(lines),
            )
        )
    await _name(db, as_of, shown)
    complete = state.complete_until if state else None
    return ReportOut(
        span=over.span,
        since=over.since,
        until=over.until,
        final_until=state.through if state and state.through > _EPOCH else None,
        complete_until=complete,
        metrics=shown,
    )


async def file_rows(
    engine: AsyncEngine, scopes: Sequence[str], names: Sequence[str], over: Range
) -> AsyncIterator[Row]:
    """All figures, metric by metric in order of time; levels as they are at the end of each hour or day that moved
    them.
    """
    for name in names:
        metrics, since = [METRICS[name]], over.since
        async with engine.connect() as db:
            levels = await _standing(db, scopes, metrics, since)
        while since < over.until:
            until = min(over.until, since + _PIECE * over.length)
            async with engine.connect() as db:
                rows = [
                    row async for row in _rows(db, scopes, metrics, Range(over.span, since, until), levels)
                ]
            for row in rows:
                yield row
            since = until


async def top(
    db: AsyncConnection, as_of: AsOf, kind: Top, metric: Metric, token: bytes | None, over: Range, limit: int
) -> TopList:
    """The organisers, raffles or tokens that are largest in a metric over a range; amounts are of one token."""
    dimension = (token or _NATIVE).hex() if metric.unit == "amount" else ""
    values = {"kind": kind[0], "metric": metric.name, "since": over.since, "until": over.until}
    rows = (await db.execute(_TOP, values | {"dimension": dimension, "limit": limit})).all()
    names = await _titles(db, kind, [row.name for row in rows])
    currency = (await _currencies(db, as_of, {dimension})).get(dimension) if dimension else None
    return TopList(
        metric=metric.name,
        token=shown_token(dimension),
        symbol=currency and currency.symbol,
        decimals=currency and currency.decimals,
        items=[
            TopOut(
                address=None if kind == "raffles" else checksum("0x" + row.name),
                number=row.name if kind == "raffles" else None,
                name=names.get(row.name),
                value=str(int(row.value)),
            )
            for row in rows
        ],
    )


async def currencies_of(engine: AsyncEngine, as_of: AsOf, dimensions: set[str]) -> dict[str, Currency]:
    """How amounts of tokens that metrics are split by are written."""
    async with engine.connect() as db:
        return await _currencies(db, as_of, dimensions)


async def _rows(
    db: AsyncConnection, scopes: Sequence[str], metrics: Sequence[Metric], over: Range, levels: Values
) -> AsyncIterator[Row]:
    """Figures in order of time; `levels` are those at the beginning, and are moved on."""
    for stored, kinds in (("hour", ("sum", "running")), (over.span, ("distinct",)), ("day", ("level",))):
        names = [metric.name for metric in metrics if metric.kind in kinds]
        if not names:
            continue
        values = {"scopes": list(scopes), "metrics": names, "stored": stored, "span": over.span}
        found = await db.execute(_POINTS, {**values, "since": over.since, "until": over.until})
        for metric, dimension, at, value in found:
            kind, number = METRICS[metric].kind, int(value)
            if kind == "running":
                number += levels.get((metric, dimension), 0)
                levels[metric, dimension] = number
            yield Row(METRICS[metric], dimension, at, number)


async def _standing(
    db: AsyncConnection, scopes: Sequence[str], metrics: Sequence[Metric], at: datetime
) -> Values:
    """What levels are at a time."""
    running = [metric.name for metric in metrics if metric.kind == "running"]
    level = [metric.name for metric in metrics if metric.kind == "level"]
    found: Values = {}
    if running:
        found |= await _values(db, _TOTALS, scopes=list(scopes), metrics=running, since=_EPOCH, until=at)
    if level:
        found |= await _values(db, _LEVELS, scopes=list(scopes), metrics=level, until=at)
    return found


async def _sums(db: AsyncConnection, scopes: Sequence[str], metrics: Sequence[Metric], over: Range) -> Values:
    names = [metric.name for metric in metrics if metric.kind == "sum"]
    return await _values(db, _TOTALS, scopes=list(scopes), metrics=names, since=over.since, until=over.until)


async def _values(db: AsyncConnection, query: Any, **values: Any) -> Values:
    return {(row.metric, row.dimension): int(row.value) for row in await db.execute(query, values)}


async def _titles(db: AsyncConnection, kind: Top, names: list[str]) -> dict[str, str]:
    if kind == "raffles":
        return {row.number: row.title for row in await db.execute(_TITLES, {"numbers": names})}
    if kind == "tokens":
        tokens = [bytes.fromhex(name) for name in names]
        return {row.token: row.name for row in await db.execute(_NAMES, {"tokens": tokens})}
    return {}


async def _name(db: AsyncConnection, as_of: AsOf, metrics: list[MetricOut]) -> None:
    """Write tokens' addresses, symbols and decimals into the lines that are split by them."""
    lines = [line for metric in metrics if metric.split == "token" for line in metric.lines]
    known = await _currencies(db, as_of, {line.dimension for line in lines})
    for line in lines:
        currency = known.get(line.dimension)
        line.token = shown_token(line.dimension)
        if currency is not None:
            line.symbol, line.decimals = currency.symbol, currency.decimals
    for line in (line for metric in metrics if metric.unit == "native" for line in metric.lines):
        line.symbol, line.decimals = as_of.currency.symbol, as_of.currency.decimals


async def _currencies(db: AsyncConnection, as_of: AsOf, dimensions: set[str]) -> dict[str, Currency]:
    raw = {bytes.fromhex(dimension) for dimension in dimensions}
    return {token.hex(): one for token, one in (await currencies(db, raw, as_of.currency)).items()}


def shown_token(dimension: str) -> str | None:
    """The address of a token; None for the chain's currency."""
    return None if not dimension or dimension == _NATIVE.hex() else checksum("0x" + dimension)
