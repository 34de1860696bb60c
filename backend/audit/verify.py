"""Reading the chain again, with code of its own: which rows are not what was chained.

Link n is SHA-256(link n-1 ‖ text of row n), link 0 is 32 zero bytes. The text of a row is a JSON array of strings
as `json.dumps` writes it: the columns named below, times in microseconds since 1970, null where there is nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

BEFORE_THE_FIRST = bytes(32)
PAGE = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLES = {"event": "app.audit_event", "ledger": "app.ledger_entry"}
_COLUMNS = {
    "event": ("id", "at", "actor", "action", "subject", "detail"),
    "ledger": (
        *("id", "at", "key", "kind", "currency", "debit_id", "credit_id", "moved", "held", "debit_balance"),
        *("credit_balance", "hold_id", "expires_at", "purpose", "memo", "actor"),
    ),
}
_PAGE = text("""
    SELECT position, source, row_id, hash FROM app.audit_link
    WHERE position > :after ORDER BY position LIMIT :page
""")
# Nothing is written without being noted for the chain in the same transaction; what is in neither came another way.
_UNCHAINED = """
    SELECT r.id FROM {table} r
    WHERE NOT EXISTS (SELECT FROM app.audit_link l WHERE l.source = '{source}' AND l.row_id = r.id)
        AND NOT EXISTS (SELECT FROM app.audit_pending p WHERE p.source = '{source}' AND p.row_id = r.id)
    ORDER BY r.id
"""


@dataclass(frozen=True)
class Fault:
    """A row that is not what was chained; `row` is its table and id."""

    position: int | None
    row: str
    why: str

    def __str__(self) -> str:
        where = "" if self.position is None else f", link {self.position}"
        return f"{self.row}{where}: {self.why}"


@dataclass
class Verdict:
    """What `verify` found. `head` is (position, hash) of the last link; kept elsewhere and given to a later
    `verify` it also shows a chain that was written anew as a whole. `pending` rows are not chained yet.
    """

    head: tuple[int, bytes] = (0, BEFORE_THE_FIRST)
    pending: int = 0
    faults: list[Fault] = field(default_factory=list)


def link(previous: bytes, words: str) -> bytes:
    """The hash of the link after `previous`."""
    return hashlib.sha256(previous + words.encode()).digest()


def words_of(source: str, row: RowMapping) -> str:
    """What is hashed of a row."""
    return json.dumps([_word(row[name]) for name in _COLUMNS[source]], ensure_ascii=False)


async def verify(engine: AsyncEngine, *noted: tuple[int, bytes]) -> Verdict:
    """Read the whole chain in one snapshot. `noted` are heads that it had earlier."""
    verdict = Verdict()
    async with engine.connect() as connection:
        db = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async for position, row, words, stored in _links(db):
            before, previous = verdict.head
            if position != before + 1:
                why = f"links {before + 1} to {position - 1} before it are missing"
                verdict.faults.append(Fault(position, row, why))
            elif words is None:
                verdict.faults.append(Fault(position, row, "the row is gone"))
            elif link(previous, words) != stored:
                verdict.faults.append(Fault(position, row, "the row or its link was changed"))
            for at, digest in noted:
                if at == position and digest != stored:
                    verdict.faults.append(Fault(position, row, f"the link noted earlier was {digest.hex()}"))
            # Going on from the stored hash names the changed row alone, not all that come after it.
            verdict.head = (position, stored)
        for at, _ in noted:
            if at > verdict.head[0]:
                verdict.faults.append(Fault(at, "app.audit_link", "the link noted earlier is gone"))
        for source, table in TABLES.items():
            for (row_id,) in await db.execute(text(_UNCHAINED.format(table=table, source=source))):
                verdict.faults.append(Fault(None, f"{table} {row_id}", "the row was never chained"))
        verdict.pending = int(await db.scalar(text("SELECT count(*) FROM app.audit_pending")) or 0)
    return verdict


async def _links(db: AsyncConnection) -> AsyncIterator[tuple[int, str, str | None, bytes]]:
    """(position, table and id, text of the row or None, stored hash), in order."""
    after = 0
    while page := (await db.execute(_PAGE, {"after": after, "page": PAGE})).all():
        words = {source: await _words(db, source, page) for source in TABLES}
        for position, source, row_id, stored in page:
            yield position, f"{TABLES[source]} {row_id}", words[source].get(row_id), bytes(stored)
        after = page[-1].position


async def _words(db: AsyncConnection, source: str, page: Sequence[Any]) -> dict[int, str]:
    """Texts of a page's rows of one source, by id."""
    # The text of `detail` as PostgreSQL shows it: its own form of the JSON is what was hashed.
    columns = ", ".join("CAST(detail AS text)" if one == "detail" else one for one in _COLUMNS[source])
    query = text(f"SELECT {columns} FROM {TABLES[source]} WHERE id = ANY(:ids)")  # noqa: S608
    found = await db.execute(query, {"ids": [one.row_id for one in page if one.source == source]})
    return {row["id"]: words_of(source, row) for row in found.mappings()}


def _word(value: Any) -> str | None:
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(microseconds=1))
    return None if value is None else str(value)
