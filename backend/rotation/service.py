"""Put every envelope under the newest master key, while other processes seal, open and sign.

Nothing is locked while the key service works: a row is written only if it still is what was read, and old
envelopes go on opening. Killed anywhere it loses nothing; run again it does what is left. An envelope says itself
under which master key it is, so what is done costs no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.rotation.columns import COLUMNS, SealedColumn
from backend.wallets.kms import Kms, KmsError, KmsUnavailable
from backend.wallets.kms.envelope import master_prefix

log = structlog.get_logger(__name__)
AT_ONCE = 8
MOST_PASSES = 10


@dataclass
class Report:
    """What a rotation did. `stuck` names rows whose envelopes do not open: `table (key)`."""

    master: str
    rewrapped: int = 0
    stuck: set[str] = field(default_factory=set)
    unfinished: bool = False


async def rotate(
    engine: AsyncEngine, kms: Kms, *, batch: int = 200, pause: float = 3.0, pauses: int = 20
) -> Report:
    """Re-wrap all that is not under the newest master key.

    Where the key service is away it waits `pause` seconds, `pauses` times; then raises KmsUnavailable.
    """
    report = Report(await kms.newest())
    patience = [pauses]
    for _ in range(MOST_PASSES):
        # Again until nothing is found: a process may have sealed under the old key while we looked elsewhere.
        found = [await _column(engine, kms, column, report, batch, pause, patience) for column in COLUMNS]
        if not any(found):
            return report
    report.unfinished = True
    return report


async def _column(
    engine: AsyncEngine,
    kms: Kms,
    column: SealedColumn,
    report: Report,
    batch: int,
    pause: float,
    patience: list[int],
) -> int:
    """Re-wrap one column; returns how many rows were written."""
    prefix = master_prefix(report.master)
    values: dict[str, Any] = {"prefix": prefix, "length": len(prefix), "most": batch, "first": True}
    values |= dict.fromkeys(column.key)
    written = 0
    while True:
        async with engine.connect() as db:
            rows = (await db.execute(text(column.left), values)).all()
        if not rows:
            return written
        try:
            written += await _batch(engine, kms, column, rows, report)
        except KmsUnavailable as error:
            patience[0] -= 1
            if patience[0] < 0:
                raise
            log.warning("key_service_away", error=str(error), pauses_left=patience[0])
            await asyncio.sleep(pause)
            continue
        last = rows[-1]._mapping
        values |= {"first": False} | {name: last[name] for name in column.key}
        log.info("rewrapped", table=column.table, rows=report.rewrapped, stuck=len(report.stuck))


async def _batch(
    engine: AsyncEngine, kms: Kms, column: SealedColumn, rows: Sequence[Any], report: Report
) -> int:
    limit = asyncio.Semaphore(AT_ONCE)

    async def rewrapped(row: Any) -> bytes | None:
        async with limit:
            try:
                return await kms.rewrap(row._mapping[column.column], column.context(row))
            except KmsUnavailable:
                raise
            except KmsError as error:
                _stuck(column, row, report, error)
                return None

    fresh = await asyncio.gather(*(rewrapped(row) for row in rows))
    written = 0
    async with engine.begin() as db:
        for row, new in zip(rows, fresh, strict=True):
            if new is not None:
                key = {name: row._mapping[name] for name in column.key}
                swapped = await db.execute(
                    text(column.swap), {**key, "new": new, "old": row._mapping[column.column]}
                )
                written += swapped.rowcount
    report.rewrapped += written
    return written


def _stuck(column: SealedColumn, row: Any, report: Report, error: KmsError) -> None:
    where = f"{column.table} ({', '.join(str(row._mapping[name]) for name in column.key)})"
    if where not in report.stuck:
        log.error("does_not_open", row=where, error=str(error))
    report.stuck.add(where)
