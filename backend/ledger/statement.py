"""What moved on an account, newest first, each line with the balance after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.csv_lines import BYTE_ORDER_MARK, csv_line

_BATCH = 2_000
# Both halves are read backwards in an index and stop after a page.
_LINES = text("""
    WITH mine AS (SELECT id FROM app.ledger_account WHERE user_id = :user_id AND currency = :currency),
    moved AS (
        (SELECT id, at, kind, purpose, memo, -moved AS amount, debit_balance AS balance, credit_id AS other_id
            FROM app.ledger_entry WHERE debit_id = (SELECT id FROM mine) AND moved > 0 AND id < :before
            ORDER BY id DESC LIMIT :limit)
        UNION ALL
        (SELECT id, at, kind, purpose, memo, moved, credit_balance, debit_id
            FROM app.ledger_entry WHERE credit_id = (SELECT id FROM mine) AND moved > 0 AND id < :before
            ORDER BY id DESC LIMIT :limit)
    )
    SELECT moved.*, coalesce(remark.text, moved.memo) AS said, other.kind AS counterparty
    FROM moved JOIN app.ledger_account other ON other.id = moved.other_id
    LEFT JOIN app.remark ON remark.user_id = :user_id AND remark.seal = moved.memo
    ORDER BY moved.id DESC LIMIT :limit
""")
AFTER_THE_LAST = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """One movement: `amount` is negative where it left; `counterparty` is the kind of the other account."""

    id: int
    at: datetime
    purpose: str
    memo: str
    counterparty: str
    amount: int
    balance: int


async def lines(
    db: AsyncSession | AsyncConnection,
    user_id: UUID,
    currency: str,
    *,
    limit: int,
    before: int = AFTER_THE_LAST,
) -> list[Line]:
    """Movements with an id below `before`, newest first; entries are never changed, so pages stay what they were."""
    values = {"user_id": user_id, "currency": currency, "limit": limit, "before": before}
    return [
        Line(
            row.id,
            row.at,
            row.purpose,
            row.said,
            row.counterparty,
            int(row.amount),
            int(row.balance),
        )
        for row in await db.execute(_LINES, values)
    ]


async def write_csv(engine: AsyncEngine, user_id: UUID, currency: str) -> AsyncIterator[bytes]:
    """All movements as CSV, amounts in the currency's smallest unit."""
    yield BYTE_ORDER_MARK + csv_line(
        "id", "at", "purpose", "memo", "counterparty", "currency", "amount", "balance"
    )
    before: int | None = AFTER_THE_LAST
    while before is not None:
        async with engine.connect() as db:  # one for each batch: a slow reader must not keep it
            found = await lines(db, user_id, currency, limit=_BATCH, before=before)
        yield b"".join(
            csv_line(
                *(line.id, line.at.isoformat(), line.purpose, line.memo, line.counterparty, currency),
                *(line.amount, line.balance),
            )
            for line in found
        )
        before = found[-1].id if len(found) == _BATCH else None
