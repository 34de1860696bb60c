"""Every wallet is frozen when a database was restored, and each is released by who compared it with the chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import psycopg

ACTOR = "restore"
"""The actor of these freezes; only `backend.recovery.service` lifts them, one by one an administrator may too."""
_REASON = "RESTORED to {}: what was sent since has to be found on chain first (python -m backend recover)"

_FREEZE = """
    INSERT INTO app.freeze (wallet_id, reason, actor)
    SELECT w.id, %(reason)s, %(actor)s FROM app.wallet w
    WHERE NOT EXISTS (SELECT FROM app.freeze f WHERE f.wallet_id = w.id AND f.actor = %(actor)s AND f.lifted_at IS NULL)
"""
_FOLLOW = """
    UPDATE app.wallet SET frozen_at = clock_timestamp(), frozen_reason = %s, lease_owner = NULL, lease_until = NULL,
        fence = fence + 1
    WHERE frozen_at IS NULL
"""
_RECORD = (
    "INSERT INTO app.audit_event (actor, action, subject, detail) VALUES (%s, 'system.restore', 'system', %s)"
)


def freeze_everything(db: psycopg.Connection[Any], moment: datetime) -> int:
    """Freeze all wallets of a database that was restored to `moment`, in this transaction; returns how many."""
    reason = _REASON.format(moment.astimezone(UTC).isoformat())
    count = db.execute(_FREEZE, {"reason": reason, "actor": ACTOR}).rowcount
    db.execute(_FOLLOW, [reason])
    db.execute(_RECORD, [ACTOR, json.dumps({"to": moment.isoformat(), "wallets": count})])
    return count


def restored_to(reason: str) -> datetime:
    """The moment that a freeze's reason names."""
    return datetime.fromisoformat(reason.removeprefix("RESTORED to ").split(": ")[0])
