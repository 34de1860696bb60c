"""Vesting plans and grants; what is vested is computed at the time of the block the answer stands for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import tokens
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.curve import Curve, vested, vested_by_tranches
from listener.mirror.reads.fields import Address, Count, Hash, Mirrored, OptionalAddress, Read, Time, Uint
from listener.mirror.reads.sql import fetch


class Tranche(Read):
    """From this time on so much of the amount is vested in all."""

    time: Time
    cumulative_bps: int = Field(description="Basis points of the amount; the last tranche has 10,000")


# A candidate can take a grant over this long; then the recovery is void (VestingTransfer.sol).
RECOVERY_WINDOW = 30 * 86_400


class Plan(Mirrored):
    """A curve, or dated tranches, that any number of grants share. Cliff, duration and step in seconds."""

    id: Uint
    creator: Address
    token: Address
    symbol: str | None = Field(description="Null for a token no Tombola factory made")
    decimals: int | None
    start: Time
    cliff: Count
    duration: Count
    step: Count = Field(description="1: grows every second; 0: only with its tranches")
    start_unlock_bps: Count
    tranches: list[Tranche] = Field(description="Empty for a curve")
    revocable: bool = Field(description="Whether its creator may still revoke grants")
    grants: int
    granted: Uint = Field(description="Sum of all its grants, smallest unit")
    created_at: Time
    created_block: int
    transaction_hash: Hash


class Grant(Mirrored):
    """One beneficiary on one plan. `vested` and `releasable` as of the answer's block."""

    id: Uint
    plan_id: Uint
    token: Address
    symbol: str | None = Field(description="Null for a token no Tombola factory made")
    decimals: int | None
    beneficiary: Address
    granted_to: Address = Field(
        description="The first beneficiary; another one took the grant over if they differ"
    )
    offered_to: OptionalAddress = Field(description="Who may take the grant over by the beneficiary's offer")
    recovery_by: OptionalAddress = Field(
        description="Candidate of an open recovery, proposed by the plan's creator; the beneficiary can veto it"
    )
    recovery_from: Time | None = Field(description="When the candidate may take the grant over")
    delegatee: OptionalAddress = Field(description="Who votes with what is not released; null is nobody")
    funder: Address
    amount: Uint
    released: Uint
    returned: Uint = Field(description="What a revocation gave back to the plan's creator")
    stops_at: Time | None = Field(
        description="When it stops vesting by revocation; null if it is not revoked"
    )
    vested: Uint
    releasable: Uint
    start: Time
    cliff: Count
    duration: Count
    step: Count
    start_unlock_bps: Count
    tranches: list[Tranche] = Field(description="Empty for a curve")
    created_at: Time
    created_block: int
    transaction_hash: Hash


_PLANS = """
SELECT p.plan_id AS id, p.creator, p.token, p.start, p.cliff, p.duration, p.step, p.start_unlock_bps,
    p.block_time AS created_at, p.block_number AS created_block, p.transaction_hash,
    sums.grants, sums.granted, renounced.block_number IS NULL AS revocable,
    greatest(p.block_number, sums.block_number, renounced.block_number) AS last_block
FROM mirror.vesting_plan_created p
LEFT JOIN mirror.vesting_revocation_renounced renounced ON renounced.plan_id = p.plan_id
CROSS JOIN LATERAL (
    SELECT count(*) AS grants, coalesce(sum(g.amount), 0) AS granted, max(g.block_number) AS block_number
    FROM mirror.vesting_granted g WHERE g.plan_id = p.plan_id
) sums
"""

_PLAN_CONDITIONS = {
    "before": "p.plan_id < :before",
    "creator": "p.creator = :creator",
    "token": "p.token = :token",
}

_GRANTS = """
SELECT g.grant_id AS id, g.plan_id, p.token, coalesce(changed.to_, g.beneficiary) AS beneficiary, g.funder, g.amount,
    g.beneficiary AS granted_to, offered.to_ AS offered_to, delegated.to_ AS delegatee,
    recovery.candidate AS recovery_by, recovery.ready_at AS recovery_from,
    coalesce(revoked.returned, 0) AS returned, revoked.stops_at,
    coalesce(released.total, 0) AS released, p.start, p.cliff, p.duration, p.step, p.start_unlock_bps,
    g.block_time AS created_at, g.block_number AS created_block, g.transaction_hash,
    greatest(g.block_number, released.block_number, changed.block_number, revoked.block_number,
        offered.block_number, delegated.block_number, recovery.block_number) AS last_block
FROM mirror.vesting_granted g
JOIN mirror.vesting_plan_created p ON p.plan_id = g.plan_id
CROSS JOIN LATERAL (
    SELECT max(r.total_released) AS total, max(r.block_number) AS block_number
    FROM mirror.vesting_released r WHERE r.grant_id = g.grant_id
) released
LEFT JOIN LATERAL (
    SELECT c.to_, c.block_number, c.log_index
    FROM mirror.vesting_beneficiary_changed c WHERE c.grant_id = g.grant_id
    ORDER BY c.block_number DESC, c.log_index DESC LIMIT 1
) changed ON true
LEFT JOIN mirror.vesting_revoked revoked ON revoked.grant_id = g.grant_id
LEFT JOIN LATERAL (
    SELECT o.to_, o.block_number
    FROM mirror.vesting_transfer_proposed o WHERE o.grant_id = g.grant_id
        AND (changed.to_ IS NULL OR (o.block_number, o.log_index) > (changed.block_number, changed.log_index))
    ORDER BY o.block_number DESC, o.log_index DESC LIMIT 1
) offered ON true
LEFT JOIN LATERAL (
    SELECT d.to_, d.block_number
    FROM mirror.vesting_grant_delegated d WHERE d.grant_id = g.grant_id
        AND (changed.to_ IS NULL OR (d.block_number, d.log_index) > (changed.block_number, changed.log_index))
    ORDER BY d.block_number DESC, d.log_index DESC LIMIT 1
) delegated ON true
LEFT JOIN LATERAL (
    SELECT r.candidate, r.ready_at, r.block_number
    FROM (
        SELECT y.candidate, y.ready_at, y.block_number, y.log_index
        FROM mirror.vesting_recovery_proposed y WHERE y.grant_id = g.grant_id
        ORDER BY y.block_number DESC, y.log_index DESC LIMIT 1
    ) r
    WHERE (changed.to_ IS NULL OR (r.block_number, r.log_index) > (changed.block_number, changed.log_index))
        AND NOT EXISTS (
            SELECT 1 FROM mirror.vesting_recovery_vetoed v WHERE v.grant_id = g.grant_id
                AND (v.block_number, v.log_index) > (r.block_number, r.log_index)
        )
) recovery ON true
"""

_TRANCHES = """
SELECT t.plan_id, t.time, t.cumulative_bps FROM mirror.vesting_tranche_added t
WHERE t.plan_id = ANY(CAST(:plan_ids AS numeric[])) ORDER BY t.plan_id, t.time
"""

# Which grants a page holds is decided before anything is looked up about them.
_GRANT_PAGE = """
SELECT g.grant_id FROM {source} WHERE {conditions} ORDER BY g.grant_id LIMIT :limit
"""
_ALL = "mirror.vesting_granted g"
# Those that were never passed on, and those whose last change was to this account: in order, to stop early.
_OWN = """(
    SELECT f.grant_id, f.plan_id FROM mirror.vesting_granted f
    WHERE f.beneficiary = :beneficiary
        AND NOT EXISTS (SELECT 1 FROM mirror.vesting_beneficiary_changed c WHERE c.grant_id = f.grant_id)
    UNION ALL
    SELECT t.grant_id, (SELECT f.plan_id FROM mirror.vesting_granted f WHERE f.grant_id = t.grant_id)
    FROM mirror.vesting_beneficiary_changed t
    WHERE t.to_ = :beneficiary AND NOT EXISTS (
        SELECT 1 FROM mirror.vesting_beneficiary_changed c WHERE c.grant_id = t.grant_id
            AND (c.block_number, c.log_index) > (t.block_number, t.log_index))
) g"""
_GRANT_CONDITIONS = {
    "after": "g.grant_id > :after",
    "offered_to": """g.grant_id IN (SELECT grant_id FROM mirror.vesting_transfer_proposed WHERE to_ = :offered_to)
AND (
    SELECT o.to_ FROM mirror.vesting_transfer_proposed o WHERE o.grant_id = g.grant_id AND NOT EXISTS (
        SELECT 1 FROM mirror.vesting_beneficiary_changed c WHERE c.grant_id = g.grant_id
            AND (c.block_number, c.log_index) >= (o.block_number, o.log_index))
    ORDER BY o.block_number DESC, o.log_index DESC LIMIT 1
) = :offered_to""",
    "token": "g.plan_id IN (SELECT plan_id FROM mirror.vesting_plan_created WHERE token = :token)",
    "plan_id": "g.plan_id = :plan_id",
}
_GRANTS_BY_ID = (
    f"{_GRANTS} WHERE g.grant_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[])) ORDER BY g.grant_id"
)


async def find_plan(db: AsyncConnection, as_of: AsOf, plan_id: int) -> Plan | None:
    """One plan, or None."""
    rows = await fetch(db, f"{_PLANS} WHERE p.plan_id = :plan_id", plan_id=plan_id)
    return (await _plans(db, as_of, rows))[0] if rows else None


async def plans(
    db: AsyncConnection,
    as_of: AsOf,
    *,
    limit: int,
    creator: bytes | None = None,
    token: bytes | None = None,
    before: int | None = None,
) -> list[Plan]:
    """Plans from the newest, those with an id below `before`."""
    values = _given(creator=creator, token=token, before=before)
    conditions = _all_of(_PLAN_CONDITIONS, values)
    query = f"{_PLANS} WHERE {conditions} ORDER BY p.plan_id DESC LIMIT :limit"
    return await _plans(db, as_of, await fetch(db, query, limit=limit, **values))


async def plans_by_id(db: AsyncConnection, as_of: AsOf, ids: Sequence[int]) -> list[Plan]:
    """The plans with these ids, in no order."""
    if not ids:
        return []
    query = f"{_PLANS} WHERE p.plan_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[]))"
    return await _plans(db, as_of, await fetch(db, query, ids=[str(one) for one in ids]))


async def find_grant(db: AsyncConnection, as_of: AsOf, grant_id: int) -> Grant | None:
    """One grant, or None."""
    rows = await fetch(db, f"{_GRANTS} WHERE g.grant_id = :grant_id", grant_id=grant_id)
    return (await _grants(db, as_of, rows))[0] if rows else None


async def grants(
    db: AsyncConnection,
    as_of: AsOf,
    *,
    limit: int,
    beneficiary: bytes | None = None,
    offered_to: bytes | None = None,
    token: bytes | None = None,
    plan_id: int | None = None,
    after: int | None = None,
) -> list[Grant]:
    """Grants in order of their ids, those with an id above `after`."""
    values = _given(beneficiary=beneficiary, offered_to=offered_to, token=token, plan_id=plan_id, after=after)
    chosen = {name: value for name, value in values.items() if name != "beneficiary"}
    query = _GRANT_PAGE.replace("{source}", _ALL if beneficiary is None else _OWN)
    query = query.replace("{conditions}", _all_of(_GRANT_CONDITIONS, chosen))
    ids = [str(row["grant_id"]) for row in await fetch(db, query, limit=limit, **values)]
    return await _grants(db, as_of, await fetch(db, _GRANTS_BY_ID, ids=ids) if ids else [])


def schedule(grant: Grant, times: Sequence[datetime]) -> list[int]:
    """What is vested of a grant at each of these times, smallest unit, as things stand now."""
    row = {
        **grant.model_dump(),
        "start": int(grant.start.timestamp()),
        "stops_at": grant.stops_at and int(grant.stops_at.timestamp()),
        "tranches": [
            {"time": int(tranche.time.timestamp()), "cumulative_bps": tranche.cumulative_bps}
            for tranche in grant.tranches
        ],
    }
    return [_vested(row, int(time.timestamp())) for time in times]


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _all_of(conditions: dict[str, str], values: dict[str, Any]) -> str:
    return " AND ".join(["true", *(conditions[name] for name in values)])


async def _plans(db: AsyncConnection, as_of: AsOf, rows: list[dict[str, Any]]) -> list[Plan]:
    await _name(db, as_of, rows)
    tranches = await _tranches(db, {row["id"] for row in rows if row["step"] == 0})
    for row in rows:
        row["tranches"] = tranches.get(row["id"], [])
    return [Plan.model_validate(row) for row in rows]


async def _grants(db: AsyncConnection, as_of: AsOf, rows: list[dict[str, Any]]) -> list[Grant]:
    await _name(db, as_of, rows)
    tranches = await _tranches(db, {row["plan_id"] for row in rows if row["step"] == 0})
    for row in rows:
        row["tranches"] = tranches.get(row["plan_id"], [])
        if row["recovery_from"] is not None and as_of.unix_time >= row["recovery_from"] + RECOVERY_WINDOW:
            row |= {"recovery_by": None, "recovery_from": None}
        now_vested = _vested(row, as_of.unix_time)
        row |= {"vested": now_vested, "releasable": now_vested - int(row["released"])}
    return [Grant.model_validate(row) for row in rows]


def _vested(row: dict[str, Any], time: int) -> int:
    """Of a grant's row at a time; a revoked one stays at what it had when it stopped."""
    amount = int(row["amount"])
    until = time if row["stops_at"] is None else min(time, int(row["stops_at"]))
    if row["tranches"]:
        dated = [(int(tranche["time"]), int(tranche["cumulative_bps"])) for tranche in row["tranches"]]
        return vested_by_tranches(dated, amount, until)
    shape = ("start", "cliff", "duration", "step", "start_unlock_bps")
    return vested(Curve(*(int(row[part]) for part in shape)), amount, until)


async def _tranches(db: AsyncConnection, plan_ids: set[Any]) -> dict[Any, list[dict[str, Any]]]:
    """The tranches of these plans in order, by plan."""
    found: dict[Any, list[dict[str, Any]]] = {plan_id: [] for plan_id in plan_ids}
    if plan_ids:
        for row in await fetch(db, _TRANCHES, plan_ids=list(plan_ids)):
            found[row["plan_id"]].append({"time": row["time"], "cumulative_bps": int(row["cumulative_bps"])})
    return found


async def _name(db: AsyncConnection, as_of: AsOf, rows: list[dict[str, Any]]) -> None:
    """Add symbol and decimals of each row's token."""
    known = await tokens.currencies(db, {row["token"] for row in rows}, as_of.currency)
    for row in rows:
        currency = known.get(row["token"])
        row |= {"symbol": currency and currency.symbol, "decimals": currency and currency.decimals}
