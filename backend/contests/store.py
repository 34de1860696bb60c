"""Rows of contests with their state, which follows the mirror, then the intent, then what the organiser said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.contests import exclusions
from backend.contests.errors import ContestNotFound
from backend.contests.schemas import (
    ContestCounts,
    ContestDetails,
    ContestState,
    ContestSummary,
    DisqualifiedOut,
    LeftOut,
)
from backend.filters.kinds import shown
from backend.intents.schemas import IntentErrorOut
from listener.mirror.reads import contests as facts
from listener.mirror.reads.contests import CONTEST_STATES
from listener.mirror.reads.contests import Contest as Fact
from listener.mirror.reads.sql import fetch

Row = dict[str, Any]

_CONTESTS = f"""
SELECT c.*, w.address AS organiser, m.contest_id AS contest_number, i.error_code, i.error_message,
    CASE WHEN m.state = 'drawn' THEN 'completed'
         WHEN m.state IS NOT NULL THEN 'processing'
         WHEN c.cancelled_at IS NOT NULL THEN 'cancelled'
         WHEN i.state IN ('reverted', 'rejected', 'cancelled') THEN 'failed'
         WHEN c.contest_key IS NOT NULL THEN 'processing'
         WHEN c.announced_at IS NOT NULL THEN 'active'
         ELSE 'draft' END AS state
FROM app.contest c
JOIN app.wallet w ON w.user_id = c.owner_id
LEFT JOIN app.intent i ON i.id = c.intent_id
LEFT JOIN ({CONTEST_STATES}) m ON m.contest_key = c.contest_key
"""  # noqa: S608 - fixed text

_LIST = f"""
SELECT * FROM ({_CONTESTS}) contests
WHERE (owner_id = CAST(:viewer AS uuid)
        OR (NOT :mine AND (contest_number IS NOT NULL OR announced_at IS NOT NULL)))
    AND (CAST(:state AS text) IS NULL OR state = :state)
    AND {{after}}
ORDER BY seq {{way}} LIMIT :limit
"""  # noqa: S608 - fixed text

ContestSort = Literal["-created_at", "created_at"]
UNSEEN: tuple[ContestState, ...] = ("draft", "failed")
"""States in which only its owner sees a contest that was not announced."""


async def page(
    db: AsyncConnection,
    *,
    viewer: UUID | None,
    limit: int,
    mine: bool = False,
    state: ContestState | None = None,
    before: int | None = None,
    sort: ContestSort = "-created_at",
) -> list[ContestSummary]:
    """Contests in the order of `sort`: those announced or opened on chain, and all of the viewer's own."""
    oldest_first = sort == "created_at"
    after = f"(CAST(:before AS bigint) IS NULL OR seq {'>' if oldest_first else '<'} :before)"
    values = {"viewer": viewer, "mine": mine, "state": state, "before": before, "limit": limit}
    rows = await fetch(db, _LIST.format(after=after, way="ASC" if oldest_first else "DESC"), **values)
    opened = await _facts(db, rows)
    return [
        ContestSummary.model_validate(_summary(row, opened.get(row["contest_key"]), viewer)) for row in rows
    ]


async def visible(db: AsyncConnection, contest_id: UUID, viewer: UUID | None) -> tuple[Row, Fact | None]:
    """A contest's row and what the chain knows of it; raises ContestNotFound for what is not to be seen."""
    rows = await fetch(db, f"{_CONTESTS} WHERE c.id = :id", id=contest_id)
    if not rows or (_unseen(rows[0]) and rows[0]["owner_id"] != viewer):
        raise ContestNotFound(f"There is no contest {contest_id} that you may see.")
    return rows[0], (await _facts(db, rows)).get(rows[0]["contest_key"])


def _unseen(row: Row) -> bool:
    return row["state"] in UNSEEN and row["announced_at"] is None


async def owned(db: AsyncConnection, contest_id: UUID, owner: UUID) -> tuple[Row, Fact | None]:
    """As `visible`, for the owner alone."""
    row, fact = await visible(db, contest_id, owner)
    if row["owner_id"] != owner:
        raise ContestNotFound(f"You have no contest {contest_id}.")
    return row, fact


async def details(db: AsyncConnection, row: Row, fact: Fact | None, viewer: UUID | None) -> ContestDetails:
    """A contest as its page shows it."""
    excluded = await exclusions.counts(db, row["id"])
    rejected = sum(row["rejected_for"].values())
    mine = viewer == row["owner_id"]
    failed = mine and row["state"] == "failed"
    return ContestDetails.model_validate(
        {
            **_summary(row, fact, viewer),
            "failure": row["error_message"] if failed else None,
            "failed_by": IntentErrorOut.of(row["error_code"], row["error_message"]) if failed else None,
            "rules": row["rules"],
            "counts": ContestCounts(
                rows=row["row_count"],
                accepted=row["row_count"] - rejected,
                duplicates=row["duplicate_count"],
                rejected=rejected,
                unique=row["row_count"] - rejected - row["duplicate_count"],
                rejected_for=row["rejected_for"],
            ),
            "language": row["language"],
            "prizes": row["prizes"],
            "filters": shown(row["filters"], to_everybody=not mine),
            "cancel_reason": row["cancel_reason"],
            "account_column": row["account_column"],
            "weight_column": row["weight_column"],
            "list_sha256": row["list_sha256"],
            "root": row["root"],
            "exclusion_root": fact and fact.exclusion_root,
            "rules_hash": fact and fact.rules_hash,
            "excluded": [LeftOut(reason=reason, people=people) for reason, people in excluded.items()],
            "contest_key": row["contest_key"],
            "commitment": row["commitment"],
            "opened_block": fact and fact.opened_block,
            "transaction_hash": fact and fact.transaction_hash,
            "intent_id": row["intent_id"] if mine else None,
            "draw": fact and fact.draw,
            "disqualified": [
                DisqualifiedOut.model_validate(item.model_dump())
                for item in (fact.disqualified if fact else ())
            ],
            "repeated": fact.repeated if fact else [],
        }
    )


def _summary(row: Row, fact: Fact | None, viewer: UUID | None) -> dict[str, Any]:
    told = ("id", "state", "title", "post_reference", "organiser", "winners", "alternates")
    times = ("created_at", "announced_at", "cancelled_at")
    return {
        **{name: row[name] for name in (*told, *times)},
        "step": _step(row, fact),
        "contest_number": fact and fact.contest_number,
        "mine": viewer == row["owner_id"],
        "entries": row["entry_count"],
        "total_weight": row["total_weight"],
        "draw_number": fact and fact.draw_number,
        "draws_for_post": fact and fact.draws_for_post,
        "opened_at": fact and fact.opened_at,
        "position": row["seq"],
        "last_block": fact.last_block if fact else 0,
    }


def _step(row: Row, fact: Fact | None) -> str | None:
    if row["state"] != "processing":
        return None
    return "committing" if fact is None else "drawing"


async def _facts(db: AsyncConnection, rows: Sequence[Row]) -> dict[bytes, Fact]:
    keys = [row["contest_key"] for row in rows if row["contest_key"] is not None]
    return await facts.by_key(db, keys) if keys else {}
