"""Keeping differences: a row for each, an alert while it lasts, and the day it went."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import structlog
from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.ledger.comparison import Found

log = structlog.get_logger(__name__)
COMPARED = Gauge(
    "tombola_compared_timestamp_seconds", "When this kind was last compared, Unix time", ["kind"]
)

_SEEN = text("""
    INSERT INTO app.difference (kind, subject, expected, found) VALUES (:kind, :subject, :expected, :found)
    ON CONFLICT (kind, subject) WHERE gone_at IS NULL
    DO UPDATE SET expected = excluded.expected, found = excluded.found, last_seen_at = now()
""")
_GONE = text("""
    UPDATE app.difference d SET gone_at = now()
    WHERE gone_at IS NULL AND kind = ANY (:kinds) AND NOT EXISTS (
        SELECT FROM unnest(CAST(:found_kinds AS text[]), CAST(:found_subjects AS text[])) AS f (kind, subject)
        WHERE f.kind = d.kind AND f.subject = d.subject)
    RETURNING kind, subject
""")


async def keep(engine: AsyncEngine, compared: Collection[str], found: Sequence[Found]) -> None:
    """Write down what was found in the kinds compared, and that the others of these kinds are gone."""
    async with engine.begin() as db:
        for one in sorted(found, key=lambda one: (one.kind, one.subject)):
            await db.execute(_SEEN, vars(one))
        gone = await db.execute(
            _GONE,
            {
                "kinds": list(compared),
                "found_kinds": [one.kind for one in found],
                "found_subjects": [one.subject for one in found],
            },
        )
        settled = [(row.kind, row.subject) for row in gone]
    for kind in compared:
        COMPARED.labels(kind).set_to_current_time()
    for one in found:
        log.error(
            "difference",
            kind=one.kind,
            subject=one.subject,
            expected=one.expected,
            found=one.found,
            next="see docs/custody.md",
        )
    for kind, subject in settled:
        log.warning("difference_gone", kind=kind, subject=subject)
