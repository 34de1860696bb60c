"""The timelock's operations, and what the treasury got and gave. Contract `Timelock` of the registry."""

from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Count, Hash, Mirrored, OptionalAddress, Time
from listener.mirror.reads.sql import BLOCK_LOGS, earlier_than, fetch


class OperationState(StrEnum):
    """TimelockController.OperationState in words, and cancelled."""

    WAITING = "waiting"
    READY = "ready"
    DONE = "done"
    CANCELLED = "cancelled"


class Operation(Mirrored):
    """A batch of calls in the timelock. A proposal's operation has the proposal's id, in hex."""

    id: Hash
    state: OperationState
    calls: Count
    scheduled_at: Time
    ready_at: Time
    scheduled_hash: Hash
    executed_hash: Hash | None
    position: int = Field(exclude=True, description="Orders operations as they were scheduled")


class TreasuryMove(Mirrored):
    """Something the treasury got or gave; `amount` is negative for what it gave."""

    kind: str = Field(description="transfer, raffle_fees, launch_fees or call (native currency with a call)")
    token: OptionalAddress = Field(description="Null for the chain's own currency")
    amount: str = Field(description="Decimal, smallest unit, with a sign")
    other: OptionalAddress = Field(description="Who gave or got it")
    at: Time
    block_number: int
    transaction_hash: Hash
    position: int = Field(exclude=True)


_OPERATIONS = f"""
SELECT s.id, s.block_time AS scheduled_at, extract(epoch FROM s.block_time) + s.delay AS ready_at,
    s.transaction_hash AS scheduled_hash, done.transaction_hash AS executed_hash,
    stopped.block_number IS NOT NULL AS is_cancelled, s.block_number * {BLOCK_LOGS} + s.log_index AS position,
    (SELECT count(*) FROM mirror.timelock_call_scheduled c
     WHERE c.id = s.id AND c.transaction_hash = s.transaction_hash) AS calls,
    greatest(s.block_number, done.block_number, stopped.block_number) AS last_block
FROM mirror.timelock_call_scheduled s
LEFT JOIN LATERAL (
    SELECT x.transaction_hash, x.block_number FROM mirror.timelock_call_executed x
    WHERE x.id = s.id AND x.block_number >= s.block_number ORDER BY x.block_number LIMIT 1
) done ON true
LEFT JOIN LATERAL (
    SELECT x.block_number FROM mirror.timelock_cancelled x
    WHERE x.id = s.id AND x.block_number >= s.block_number ORDER BY x.block_number LIMIT 1
) stopped ON true
WHERE s.index = 0 AND (s.block_number, s.log_index) < (:block, :log_index)
ORDER BY s.block_number DESC, s.log_index DESC LIMIT :limit
"""  # noqa: S608

_MOVE = f"""
(SELECT {{columns}}, t.block_time AS at, t.block_number, t.transaction_hash, t.block_number AS last_block,
    t.block_number * {BLOCK_LOGS} + t.log_index AS position
FROM mirror.{{table}} t
WHERE {{condition}} AND (t.block_number, t.log_index) < (:block, :log_index)
ORDER BY t.block_number DESC, t.log_index DESC LIMIT :limit)
"""  # noqa: S608
_NATIVE = "CAST(NULL AS bytea)"
_MOVES = (
    (
        "token_transfer",
        "'transfer' AS kind, t.address AS token, t.value AS amount, t.from_ AS other",
        "t.to_ = :who AND t.from_ <> :who",
    ),
    ("token_transfer", "'transfer', t.address, -t.value, t.to_", "t.from_ = :who AND t.to_ <> :who"),
    ("raffle_fees_paid", "'raffle_fees', t.token, t.amount, t.address", "t.treasury = :who"),
    (
        "token_factory_fees_withdrawn",
        "'launch_fees', t.currency, t.amount, t.address",
        "t.to_ = :who",
    ),
    (
        "timelock_call_executed",
        f"'call', {_NATIVE}, -t.value, t.target",
        "t.address = :who AND t.value > 0",
    ),
)


async def operations(
    db: AsyncConnection, as_of: AsOf, *, limit: int, before: int | None = None
) -> list[Operation]:
    """Operations of the timelock, the last scheduled first, with a `position` below `before`."""
    rows = await fetch(db, _OPERATIONS, limit=limit, **earlier_than(before))
    return [Operation.model_validate({**row, "state": _operation_state(row, as_of)}) for row in rows]


def _operation_state(row: dict[str, Any], as_of: AsOf) -> OperationState:
    if row["executed_hash"] is not None:
        return OperationState.DONE
    if row["is_cancelled"]:
        return OperationState.CANCELLED
    return OperationState.READY if row["ready_at"] <= as_of.unix_time else OperationState.WAITING


async def treasury_moves(
    db: AsyncConnection, treasury: bytes, *, limit: int, before: int | None = None
) -> list[TreasuryMove]:
    """What a treasury (the timelock, as deployed) got and gave, as far as events tell, newest first."""
    parts = [
        _MOVE.replace("{table}", table).replace("{columns}", columns).replace("{condition}", condition)
        for table, columns, condition in _MOVES
    ]
    query = f"{' UNION ALL '.join(parts)} ORDER BY position DESC LIMIT :limit"
    rows = await fetch(db, query, limit=limit, who=treasury, **earlier_than(before))
    return [TreasuryMove.model_validate({**row, "amount": str(int(row["amount"]))}) for row in rows]
