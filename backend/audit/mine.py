"""What a person may read of the audit log: what was done to them or by them, and of others no more than their role.

The SQL is also that of the copy of one's data (`backend.data_export`): `t` is `app.audit_event`, `:user` the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ME = "'user:' || CAST(CAST(:user AS uuid) AS text)"
_SUBJECTS = f"""ARRAY(
        SELECT {_ME}
        UNION ALL SELECT 'wallet:' || w.id FROM app.wallet w WHERE w.user_id = :user
        UNION ALL SELECT 'payment:' || p.id FROM app.payment p WHERE p.user_id = :user)"""  # noqa: S608
THEIRS = f"(t.subject = ANY({_SUBJECTS}) OR t.actor = {_ME})"
_OF_OTHERS = r"'^(user|wallet|payment):'"
SUBJECT = f"""CASE WHEN t.subject = ANY({_SUBJECTS}) THEN t.subject
    WHEN t.subject ~ {_OF_OTHERS} THEN split_part(t.subject, ':', 1) ELSE t.subject END"""
"""Of what staff did to others, only to what kind of thing."""


def reason_in(text: str) -> str:
    """SQL: what a seal about this person stands for; a text that is no seal as it is."""
    return (
        "coalesce((SELECT r.text FROM app.remark r WHERE r.user_id = :user"  # noqa: S608
        f" AND r.seal = {text}), {text})"
    )


def who(actor: str) -> str:
    """SQL: the person themselves, another's role, or the part of the system."""
    return f"""CASE WHEN {actor} = {_ME} THEN 'you'
    WHEN {actor} LIKE 'user:%' THEN coalesce((SELECT u.role FROM app."user" u
        WHERE u.id = CAST(substr({actor}, 6) AS uuid) AND u.role IN ('support', 'admin')), 'staff')
    ELSE {actor} END"""  # noqa: S608 - our own words


DETAIL = f"""CASE WHEN t.subject <> ALL({_SUBJECTS}) AND t.subject ~ {_OF_OTHERS} THEN CAST('{{}}' AS jsonb)
    WHEN t.detail ? 'reason' AND jsonb_typeof(t.detail -> 'reason') = 'string'
        THEN t.detail || jsonb_build_object('reason', {reason_in("t.detail ->> 'reason'")})
    ELSE t.detail END"""


_EVENTS = text(f"""
    SELECT t.id, t.at, t.action, {who("t.actor")} AS actor, {SUBJECT} AS subject,
        {DETAIL} AS detail, s.device, s.network
    FROM app.audit_event t
    LEFT JOIN app.session s ON t.action = 'session.begin' AND s.user_id = :user
        AND s.id = CAST(t.detail ->> 'session' AS uuid)
    WHERE {THEIRS} AND t.id < :before ORDER BY t.id DESC LIMIT :limit
""")  # noqa: S608 - our own words
# What leaves a wallet stands in its own rows, which are never changed either.
_WITHDRAWALS = text("""
    SELECT i.seq, i.id, i.created_at AS at, i.state, i.params FROM app.intent i
    WHERE i.user_id = :user AND i.kind = 'transfer' AND i.seq < :before ORDER BY i.seq DESC LIMIT :limit
""")
BEGINNING = (10**18 - 1, 10**18 - 1)


@dataclass(frozen=True)
class Happening:
    """Something that was done: an event of the log, or a withdrawal (`intent`)."""

    id: str
    at: datetime
    action: str
    actor: str
    subject: str
    detail: Mapping[str, Any]
    device: str | None = None
    network: str | None = None
    intent: UUID | None = None


async def happenings(
    db: AsyncSession, user_id: UUID, before: tuple[int, int], limit: int
) -> tuple[list[Happening], tuple[int, int] | None]:
    """Newest first, and where the next page begins (event, intent): each list is read in its own order."""
    event, intent = before
    values = {"user": user_id, "limit": limit + 1}
    events = (await db.execute(_EVENTS, {**values, "before": event})).all()
    sent = (await db.execute(_WITHDRAWALS, {**values, "before": intent})).all()
    merged = list(merge((_event(row) for row in events), (_withdrawal(row) for row in sent), key=_age))
    for happening, place in merged[:limit]:
        event, intent = (event, place) if happening.intent else (place, intent)
    return [one for one, _ in merged[:limit]], (event, intent) if len(merged) > limit else None


def _age(one: tuple[Happening, int]) -> float:
    return -one[0].at.timestamp()


def _event(row: Any) -> tuple[Happening, int]:
    detail = {name: value for name, value in row.detail.items() if name != "session"}
    found = Happening(
        f"e{row.id}", row.at, row.action, row.actor, row.subject, detail, row.device, row.network
    )
    return found, row.id


def _withdrawal(row: Any) -> tuple[Happening, int]:
    detail = {name: row.params.get(name) for name in ("to", "token", "amount")} | {"state": row.state}
    found = Happening(
        f"i{row.seq}", row.at, "wallet.withdraw", "you", f"intent:{row.id}", detail, intent=row.id
    )
    return found, row.seq
