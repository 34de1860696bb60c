"""What the database says about the whole system. Each worker measures it and says the same: take the largest.

Everything asked for here is small or has an index: what is open, waits, or failed. Scrapes only read the last look.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.intents.tables import STATES, TERMINAL
from backend.ledger.comparison import QUERIES
from backend.ledger.reconcile import ON_CHAIN
from backend.metrics.snapshot import Snapshot
from backend.policies.service import SENDER
from backend.services import Services

EVERY = 15.0
OPEN_STATES = tuple(state for state in STATES if state not in TERMINAL)
JOB_STATES = {"todo": "waiting", "doing": "running", "failed": "failed"}
GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "tombola_measured_timestamp_seconds": ("Unix time of this look at the database", ()),
    "tombola_jobs": ("Jobs, by task and state; one that succeeded is gone", ("task", "state")),
    "tombola_jobs_late_seconds": ("Since when the oldest job that could run waits, by task", ("task",)),
    "tombola_workers": ("Queues of workers that gave a sign of life in the last minute", ()),
    "tombola_intents": ("Intents without an end", ("state",)),
    "tombola_intents_oldest_seconds": ("Age of the oldest of them", ("state",)),
    "tombola_wallets_late_seconds": ("Since when the longest wait for a sender lasts", ()),
    "tombola_wallets_paused": ("Wallets with open intents that the sender leaves alone for now", ()),
    "tombola_wallets_frozen": ("Wallets frozen, by whom", ("by",)),
    "tombola_differences": ("Differences that reconciliations found and that are not gone", ("kind",)),
    "tombola_audit_pending": ("Rows committed that are not in the audit's chain yet", ()),
    "tombola_audit_anchored_timestamp_seconds": ("When the audit's head was last stated on chain", ()),
    "tombola_wallet_balance_wei": ("What a wallet of the platform has of the chain's currency", ("role",)),
    "tombola_vrf_balance": ("What a VRF subscription has, smallest unit", ("contract", "currency")),
    "tombola_vrf_balance_least": ("VRF_LOW_NATIVE_WEI or VRF_LOW_LINK_WEI", ("contract", "currency")),
    "tombola_wal_kept_bytes": (
        "Changes that PostgreSQL keeps because nobody has taken them yet, such as the backup's follower; "
        "infinite: it has given up (max_slot_wal_keep_size), the slot is lost",
        ("slot",),
    ),
    "tombola_wal_unarchived_seconds": ("Since when archive_command fails; 0: it does not", ()),
    "tombola_providers": ("Providers of the chain, by what they last were", ("state",)),
    "tombola_read_timestamp_seconds": (
        "When they were last read: providers; vrf, which has all funds",
        ("reading",),
    ),
}
SYSTEM = Snapshot(GAUGES, lasts=4 * EVERY)

_JOBS = text("""
    SELECT task_name AS task, CAST(status AS text) AS status, count(*) AS jobs,
        min(id) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS oldest
    FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY task_name, status
""")
_LATE = text("""
    SELECT CAST(extract(epoch FROM clock_timestamp() - coalesce(j.scheduled_at, (
        SELECT min(e.at) FROM jobs.procrastinate_events e WHERE e.job_id = j.id))) AS float8) AS late, j.task_name AS task
    FROM jobs.procrastinate_jobs j WHERE j.id = ANY (:ids)
""")
_WORKERS = text("""
    SELECT count(*) FROM jobs.procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'
""")
# TERMINAL as it stands in the index's own condition, or the index is not used.
_INTENTS = text("""
    SELECT state, count(*) AS intents,
        CAST(extract(epoch FROM clock_timestamp() - min(created_at)) AS float8) AS oldest
    FROM app.intent WHERE state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled') GROUP BY state
""")
_LATEST_WALLET = text("""
    SELECT CAST(extract(epoch FROM clock_timestamp() - due_at) AS float8) FROM app.wallet
    WHERE due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
        AND (paused_until IS NULL OR paused_until < clock_timestamp())
    ORDER BY due_at LIMIT 1
""")
_PAUSED = text("""
    SELECT count(DISTINCT w.id) FROM app.intent i JOIN app.wallet w ON w.id = i.wallet_id
    WHERE i.state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled') AND w.paused_until > clock_timestamp()
""")
_FROZEN = text("""
    SELECT count(DISTINCT wallet_id) FILTER (WHERE actor = :sender) AS sender,
        count(DISTINCT wallet_id) FILTER (WHERE actor <> :sender) AS people
    FROM app.freeze WHERE lifted_at IS NULL AND wallet_id IS NOT NULL
""")
_DIFFERENCES = text(
    "SELECT kind, count(*) AS differences FROM app.difference WHERE gone_at IS NULL GROUP BY kind"
)
_PENDING = text("SELECT count(*) FROM app.audit_pending")
_ANCHORED = text("""
    SELECT CAST(extract(epoch FROM s.taken_at) AS float8) FROM app.backing_snapshot s
    JOIN app.intent i ON i.id = s.intent_id WHERE i.state = 'confirmed' ORDER BY s.block_number DESC LIMIT 1
""")
_READINGS = text("SELECT name, told, CAST(extract(epoch FROM at) AS float8) AS at FROM app.reading")

_SLOTS = text("""
    SELECT CAST(slot_name AS text) AS slot, CASE WHEN wal_status = 'lost' THEN 'infinity'
        ELSE CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS float8) END AS kept
    FROM pg_replication_slots WHERE (restart_lsn IS NOT NULL OR wal_status = 'lost') AND NOT temporary
""")
_UNARCHIVED = text("""
    SELECT CAST(extract(epoch FROM clock_timestamp() - coalesce(last_archived_time, stats_reset)) AS float8)
    FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')
""")

Found = dict[str, dict[tuple[str, ...], float]]


async def run(services: Services) -> None:
    """Look until cancelled or until the database is away: then what was said last is soon not said any more."""
    while True:
        await look(services)
        await asyncio.sleep(EVERY)


async def look(services: Services) -> None:
    """Measure once. Raises database errors."""
    found: Found = defaultdict(dict)
    async with services.reading.connect() as db:
        await _jobs(db, found)
        await _sender(db, found)
        await _books(db, found)
        await _backup(db, found)
        await _readings(db, found, services)
    found["tombola_measured_timestamp_seconds"][()] = time.time()
    SYSTEM.take(found)


async def _jobs(db: AsyncConnection, found: Found) -> None:
    rows = (await db.execute(_JOBS)).all()
    for row in rows:
        found["tombola_jobs"][row.task, JOB_STATES[row.status]] = row.jobs
        found["tombola_jobs_late_seconds"].setdefault((row.task,), 0.0)
    oldest = [row.oldest for row in rows if row.oldest is not None]
    for row in await db.execute(_LATE, {"ids": oldest}):
        found["tombola_jobs_late_seconds"][(row.task,)] = max(0.0, row.late or 0.0)
    found["tombola_workers"][()] = await db.scalar(_WORKERS) or 0


async def _sender(db: AsyncConnection, found: Found) -> None:
    rows = {row.state: row for row in await db.execute(_INTENTS)}
    for state in OPEN_STATES:
        found["tombola_intents"][(state,)] = rows[state].intents if state in rows else 0
        found["tombola_intents_oldest_seconds"][(state,)] = rows[state].oldest if state in rows else 0.0
    found["tombola_wallets_late_seconds"][()] = await db.scalar(_LATEST_WALLET) or 0.0
    found["tombola_wallets_paused"][()] = await db.scalar(_PAUSED) or 0
    frozen = (await db.execute(_FROZEN, {"sender": SENDER})).one()
    found["tombola_wallets_frozen"] |= {("sender",): frozen.sender, ("people",): frozen.people}


async def _books(db: AsyncConnection, found: Found) -> None:
    found["tombola_differences"] |= {(kind,): 0.0 for kind in (*QUERIES, *ON_CHAIN)}
    for row in await db.execute(_DIFFERENCES):
        found["tombola_differences"][(row.kind,)] = row.differences
    found["tombola_audit_pending"][()] = await db.scalar(_PENDING) or 0
    anchored = await db.scalar(_ANCHORED)
    if anchored is not None:
        found["tombola_audit_anchored_timestamp_seconds"][()] = anchored


async def _backup(db: AsyncConnection, found: Found) -> None:
    found["tombola_wal_kept_bytes"] |= {(row.slot,): row.kept for row in await db.execute(_SLOTS)}
    found["tombola_wal_unarchived_seconds"][()] = await db.scalar(_UNARCHIVED) or 0.0


async def _readings(db: AsyncConnection, found: Found, services: Services) -> None:
    settings = services.settings
    least = {"native": settings.vrf_low_native_wei, "link": settings.vrf_low_link_wei}
    told: dict[str, dict[str, Any]] = {}
    for row in await db.execute(_READINGS):
        told[row.name] = row.told
        found["tombola_read_timestamp_seconds"][(row.name,)] = row.at
    funds = told.get("vrf", {})
    for one in funds.get("wallets", ()):
        found["tombola_wallet_balance_wei"][(one["role"],)] = int(one["balance"])
    for one in funds.get("items", ()):
        key = (one["contract"], one["currency"])
        found["tombola_vrf_balance_least"][key] = least[one["currency"]]
        if one["balance"] is not None:
            found["tombola_vrf_balance"][key] = int(one["balance"])
    for state in ("answers", "behind", "away") if "providers" in told else ():
        number = sum(one["state"] == state for one in told["providers"]["items"])
        found["tombola_providers"][(state,)] = number
