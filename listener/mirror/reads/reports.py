"""Reports: daily figures and totals of the platform, of an organiser or of one raffle."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import sums, tokens
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Mirrored, OptionalAddress, Uint
from listener.mirror.reads.rollups import EVERYBODY
from listener.mirror.reads.sql import fetch

METRICS = (
    "raffles",
    "sales",
    "refunds_opened",
    "refunds",
    "draws",
    "prizes",
    "proceeds",
    "fees",
    "contests",
    "contest_draws",
    "tokens",
    "launch_fees",
    "granted",
    "released",
    "proposals",
    "votes",
)
"""What is counted; `listener.mirror.reads.rollups` says from which events."""
_SUMS = (
    "CAST(sum(events) AS bigint) AS events, sum(units) AS units, sum(amount) AS amount,"
    " max(last_block) AS last_block"
)


class Figure(Mirrored):
    """How often something happened, and how much it moved of one token.

    `units` are tickets (sales, draws, refunds_opened) or entries (contests, contest_draws), else 0.
    """

    metric: str
    token: OptionalAddress = Field(description="Null for the chain's own currency, or where none is moved")
    symbol: str | None = Field(description="Null for a token no Tombola factory made, or where none is moved")
    decimals: int | None
    events: int
    units: Uint
    amount: Uint = Field(description="Smallest unit of the token")


class DayFigure(Figure):
    """A figure of one day, UTC."""

    day: date


def of_organiser(address: bytes) -> str:
    """Subject: an organiser of raffles and contests, or a creator of tokens."""
    return f"o{address.hex()}"


def of_raffle(raffle_id: int) -> str:
    """Subject: one raffle."""
    return f"r{raffle_id}"


async def daily(
    db: AsyncConnection,
    as_of: AsOf,
    *,
    first_day: date,
    last_day: date,
    subject: str = EVERYBODY,
    metrics: tuple[str, ...] = METRICS,
    token: bytes | None = None,
) -> list[DayFigure]:
    """Figures of each day from `first_day` to `last_day` on which something happened, in order; of one token
    (the zero address is the chain's own currency), or of all.
    """
    values: dict[str, Any] = {"subject": subject}
    condition = "subject = :subject"
    if token is not None:
        condition += " AND token = :token"
        values["token"] = token
    rows = await sums.tallies(
        db,
        metrics,
        condition,
        f"name AS metric, day, token, {_SUMS}",
        "GROUP BY name, day, token ORDER BY day, name, token",
        days=(first_day, last_day),
        **values,
    )
    return [DayFigure.model_validate(row) for row in await _named(db, as_of, rows)]


async def totals(
    db: AsyncConnection, as_of: AsOf, *, subject: str = EVERYBODY, metrics: tuple[str, ...] = METRICS
) -> list[Figure]:
    """Figures of all days together."""
    rows = await sums.tallies(
        db,
        metrics,
        "subject = :subject",
        f"name AS metric, token, {_SUMS}",
        "GROUP BY name, token ORDER BY name, token",
        subject=subject,
    )
    return [Figure.model_validate(row) for row in await _named(db, as_of, rows)]


def last_days(as_of: AsOf, days: int) -> tuple[date, date]:
    """First and last of this many days up to the answer's block, UTC."""
    today = as_of.time.date()
    return today - timedelta(days=days - 1), today


async def problems(db: AsyncConnection, *, limit: int) -> list[dict[str, Any]]:
    """Events the mirror could not hold as they were, newest first, for an operator."""
    return await fetch(
        db,
        "SELECT table_name, kind, reason, block_number, log_index, transaction_hash FROM mirror.problem"
        " ORDER BY block_number DESC, log_index DESC LIMIT :limit",
        limit=limit,
    )


async def _named(db: AsyncConnection, as_of: AsOf, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with symbol and decimals of their tokens."""
    known = await tokens.currencies(db, {row["token"] for row in rows if row["token"]}, as_of.currency)
    for row in rows:
        currency = known.get(row["token"])
        row |= {
            "token": row["token"] or None,
            "symbol": currency and currency.symbol,
            "decimals": currency and currency.decimals,
        }
    return rows
