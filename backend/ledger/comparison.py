"""What a comparison finds, and the comparisons that the database alone answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.intents.tables import TERMINAL


@dataclass(frozen=True)
class Found:
    """Two things that should be equal and are not: what was compared, of whom, and both as text."""

    kind: str
    subject: str
    expected: str
    found: str


_POSTINGS = """
    WITH sides AS (
        SELECT debit_id AS account_id, -moved AS moved, held FROM app.ledger_entry
        UNION ALL
        SELECT credit_id, moved, 0 FROM app.ledger_entry),
    sums AS (SELECT account_id, sum(moved) AS balance, sum(held) AS held FROM sides GROUP BY account_id)
    SELECT 'account:' || a.id AS subject, coalesce(s.{column}, 0) AS expected, a.{column} AS found
    FROM app.ledger_account a LEFT JOIN sums s ON s.account_id = a.id
    WHERE a.{column} <> coalesce(s.{column}, 0)
"""

# What is recorded of the world outside, per system account that stands for it: SELECTs of currency and amount, as
# the account's balance should be. Payments received make `payments` negative.
RECORDED: dict[str, str] = {
    "payments": "SELECT 'CREDIT' AS currency, -CAST(booked AS numeric) AS amount FROM app.payment",
}

_OUTSIDE = """
    SELECT a.kind || ':' || a.currency AS subject, coalesce(sum(r.amount), 0) AS expected, a.balance AS found
    FROM app.ledger_account a LEFT JOIN ({recorded}) r ON r.currency = a.currency
    WHERE a.kind = '{kind}'
    GROUP BY a.id HAVING a.balance <> coalesce(sum(r.amount), 0)
"""

QUERIES: dict[str, str] = {
    "ledger_balance": _POSTINGS.format(column="balance"),
    "ledger_held": _POSTINGS.format(column="held"),
    "ledger_currency": """
        SELECT 'currency:' || currency AS subject, 0 AS expected, sum(balance) AS found
        FROM app.ledger_account GROUP BY currency HAVING sum(balance) <> 0
    """,
    # An open hold is an entry that nothing ended, and what an account holds is the sum of them.
    "ledger_hold": """
        SELECT 'hold:' || coalesce(e.id, h.id) AS subject, coalesce(e.held, 0) AS expected,
            coalesce(h.amount, 0) AS found
        FROM (
            SELECT placed.id, placed.held FROM app.ledger_entry placed
            WHERE placed.kind = 'hold'
                AND NOT EXISTS (SELECT FROM app.ledger_entry ended WHERE ended.key = 'settle:' || placed.id)
        ) e FULL JOIN app.ledger_hold h ON h.id = e.id
        WHERE e.held IS DISTINCT FROM h.amount
    """,
    "ledger_open_holds": """
        SELECT 'account:' || a.id AS subject, coalesce(sum(h.amount), 0) AS expected, a.held AS found
        FROM app.ledger_account a LEFT JOIN app.ledger_hold h ON h.account_id = a.id
        GROUP BY a.id HAVING a.held <> coalesce(sum(h.amount), 0)
    """,
    # Money of a wallet is held exactly as long as the intent that will spend it is open.
    "intent_hold": """
        SELECT 'hold:' || h.id AS subject,
            CASE WHEN i.state = ANY (:terminal) THEN 'settled' ELSE 'open' END AS expected, h.outcome AS found
        FROM app.hold h JOIN app.intent i ON i.id = h.intent_id
        WHERE (i.state = ANY (:terminal)) = (h.outcome = 'open')
    """,
    # The price of a contest is held as long as its opening is under way, then charged or released. A job does that
    # when the intent has ended, so it has ten minutes.
    "contest_charge": """
        SELECT 'intent:' || intent_id AS subject, expected, found
        FROM (
            SELECT c.intent_id, c.state AS found,
                CASE WHEN i.state = 'confirmed' THEN 'charged' WHEN i.state = ANY (:terminal) THEN 'released'
                    ELSE 'held' END AS expected
            FROM app.contest_charge c JOIN app.intent i ON i.id = c.intent_id
        ) charge
        WHERE found <> expected
            AND (found <> 'held' OR (SELECT max(s.at) FROM app.intent_stage s WHERE s.intent_id = charge.intent_id)
                < clock_timestamp() - interval '10 minutes')
    """,
    **{kind: _OUTSIDE.format(kind=kind, recorded=recorded) for kind, recorded in RECORDED.items()},
}


async def compare_database(engine: AsyncEngine, queries: Mapping[str, str] = QUERIES) -> list[Found]:
    """The database against itself and against recorded payments, in one snapshot."""
    found: list[Found] = []
    async with engine.connect() as connection:
        db = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        for kind, query in queries.items():
            values = {"terminal": list(TERMINAL)} if ":terminal" in query else {}
            for row in await db.execute(text(query), values):
                found.append(Found(kind, row.subject, str(row.expected), str(row.found)))
    return found
