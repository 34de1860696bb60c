"""Recording critical actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.audit.tables import AuditEvent


def changed(before: Mapping[str, Any], after: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    """The detail of an event that changes something; `reason` is sealed already, where it is about a person."""
    said = {} if reason is None else {"reason": reason}
    return {"before": dict(before), "after": dict(after), **said}


async def record(
    db: AsyncSession | AsyncConnection, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Add an event in this transaction: it is there exactly when what it tells of is.

    `actor` and `subject` are a kind and an id (`user:<uuid>`, `wallet:<uuid>`, `job:expire_holds`), `action` is a
    noun and a verb (`wallet.freeze`). `detail` is JSON: ids and amounts (as text), never secrets and nothing
    personal, since events outlive accounts: what people write goes through `remarks.seal` first.
    Takes no lock that another transaction waits for.
    """
    await db.execute(
        insert(AuditEvent).values(actor=actor, action=action, subject=subject, detail=dict(detail))
    )
