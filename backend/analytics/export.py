"""Figures as files: CSV, and Parquet for whoever counts on. Amounts are whole numbers in the smallest unit.

A sum of 256-bit amounts has up to 78 digits, more than any column of numbers that readers of Parquet know: `value` is
text there, and so it is never rounded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.analytics.queries import Row, currencies_of, file_rows, shown_token
from backend.analytics.ranges import Range
from backend.csv_lines import BYTE_ORDER_MARK, csv_file, csv_line
from listener.mirror.reads.as_of import AsOf

Format = Literal["csv", "parquet"]
COLUMNS = ("metric", "unit", "span", "at", "dimension", "token", "symbol", "decimals", "value")
_GROUP = 20_000
"""Rows of one row group: what is in memory at a time."""
Line = tuple[str, str, str, datetime, str, str, str, int | None, int]


def file(
    engine: AsyncEngine,
    as_of: AsOf,
    scopes: list[str],
    names: list[str],
    over: Range,
    form: Format,
    name: str,
) -> StreamingResponse:
    """The answer of a route: all figures of the range, written as they are read."""
    found = _lines(engine, as_of, scopes, names, over)
    name = f"{name}-{over.since:%Y-%m-%d}-{over.until:%Y-%m-%d}-{over.span}.{form}"
    if form == "csv":
        return csv_file(_csv(found), name)
    return StreamingResponse(
        _parquet(found),
        media_type="application/vnd.apache.parquet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _lines(
    engine: AsyncEngine, as_of: AsOf, scopes: list[str], names: list[str], over: Range
) -> AsyncIterator[Line]:
    known: dict[str, Any] = {}
    async for row in file_rows(engine, scopes, names, over):
        token, symbol, decimals = "", "", None
        if row.metric.split == "token":
            if row.dimension not in known:
                found = await currencies_of(engine, as_of, {row.dimension})
                known[row.dimension] = (shown_token(row.dimension) or "", found.get(row.dimension))
            token, currency = known[row.dimension]
            symbol, decimals = (currency.symbol, currency.decimals) if currency else ("", None)
        elif row.metric.unit == "native":
            symbol, decimals = as_of.currency.symbol, as_of.currency.decimals
        yield _line(row, over, token, symbol, decimals)


def _line(row: Row, over: Range, token: str, symbol: str, decimals: int | None) -> Line:
    metric = row.metric
    return metric.name, metric.unit, over.span, row.at, row.dimension, token, symbol, decimals, row.value


async def _csv(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    yield BYTE_ORDER_MARK + csv_line(*COLUMNS)
    async for line in lines:
        yield csv_line(*(_cell(value) for value in line))


def _cell(value: str | int | datetime | None) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return "" if value is None else value


class _Sink:
    """What the writer writes into: bytes are taken out, and the position goes on."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """There is nothing to close."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


async def _parquet(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    # Loaded here: it takes 50 MB, which no other route needs.
    import pyarrow
    from pyarrow import parquet

    words = [(name, pyarrow.string()) for name in COLUMNS if name not in ("at", "decimals")]
    fields = dict(words) | {"at": pyarrow.timestamp("ms", tz="UTC"), "decimals": pyarrow.int16()}
    schema = pyarrow.schema([(name, fields[name]) for name in COLUMNS])
    sink = _Sink()
    writer = parquet.ParquetWriter(sink, schema, compression="zstd")
    group: list[Line] = []

    def write() -> bytes:
        columns: list[list[Any]] = [list(column) for column in zip(*group, strict=True)]
        columns[8] = [str(value) for value in columns[8]]
        arrays = [pyarrow.array(column, fields[name]) for column, name in zip(columns, COLUMNS, strict=True)]
        writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
        group.clear()
        return sink.take()

    async for line in lines:
        group.append(line)
        if len(group) == _GROUP:
            yield write()
    if group:
        yield write()
    writer.close()
    yield sink.take()
